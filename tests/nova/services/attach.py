"""NICs come and go while their server lives."""

from tests.nova.services.base import ZvmCase
from tests.nova.services.boot import NOT_AUTHORIZED

WEB = {"cidr": "10.1.0.0/24", "enable_dhcp": False}


class AttachTest(ZvmCase):
    def setUp(self) -> None:
        super().setUp()
        self.network = self.neutron.network(WEB)
        self.first = self.neutron.port(self.network, "10.1.0.8")
        self.second = self.neutron.port(self.network, "10.1.0.9")
        self.server = self.boot(self.first)

    def test_to_a_running_guest_and_away_again(self) -> None:
        userid = self.userid(self.server)
        self.attach(self.server, self.second)
        self.until(lambda: self.attached(self.server) == {self.first, self.second})
        self.until(lambda: self.site.live_nics(userid) == {"1000", "1003"})
        assert self.site.nics(userid)["1003"] == self.neutron.macid(self.second)
        assert any("10.1.0.9" in text for text in self.site.scripts(userid)[-1].values())

        self.api.detach_interface(self.server["id"], self.second)
        self.until(lambda: self.attached(self.server) == {self.first})
        assert self.site.live_nics(userid) == set(self.site.nics(userid)) == {"1000"}
        assert self.site.deletion_scripts(userid) == ["DEL1003.sh"]
        assert [row["port"] for row in self.site.rows()] == [self.first]

    def test_to_a_guest_that_is_off(self) -> None:
        userid = self.userid(self.server)
        self.api.post_server_action(self.server["id"], {"os-stop": None})
        self.until_state(self.server, "SHUTOFF")
        self.attach(self.server, self.second)
        self.until(lambda: set(self.site.nics(userid)) == {"1000", "1003"})
        self.until(lambda: self.attached(self.server) == {self.first, self.second})
        self.api.post_server_action(self.server["id"], {"os-start": None})
        self.until_state(self.server, "ACTIVE")
        assert self.site.live_nics(userid) == {"1000", "1003"}

    def test_one_that_fails_leaves_no_nic_and_gives_the_port_back(self) -> None:
        userid = self.userid(self.server)
        self.site.fail("Virtual_Network_Adapter_Create_Extended", *NOT_AUTHORIZED)
        self.attach_in_vain(self.server, self.second)
        assert set(self.site.nics(userid)) == self.site.live_nics(userid) == {"1000"}
        assert [row["port"] for row in self.site.rows()] == [self.first]
        assert self.neutron.show_port(self.second)["port"]["device_id"] == ""

    def test_a_nic_that_cannot_be_removed_stays_with_its_port(self) -> None:
        self.site.fail("Virtual_Network_Adapter_Delete*", *NOT_AUTHORIZED)
        self.api.detach_interface(self.server["id"], self.first)
        self.notifier.wait_for_versioned_notifications("compute.exception", timeout=60)
        assert self.attached(self.server) == {self.first}
        assert set(self.site.nics(self.userid(self.server))) == {"1000"}

    def test_a_linux_that_does_not_answer_gets_no_nic_but_loses_one(self) -> None:
        userid = self.userid(self.server)
        self.site.fail("iucv:systemctl*", 4, 101)
        self.attach_in_vain(self.server, self.second)
        assert set(self.site.nics(userid)) == self.site.live_nics(userid) == {"1000"}
        self.api.detach_interface(self.server["id"], self.first)
        self.until(lambda: self.attached(self.server) == set())
        assert set(self.site.nics(userid)) == self.site.live_nics(userid) == set()


class UbuntuTest(ZvmCase):
    os_distro = "ubuntu22.04"

    def test_it_boots_with_two_nics_and_gets_no_third(self) -> None:
        """Feilong 1.6.3 cannot tell a deployed Ubuntu of one; the refusal comes before anything is made."""
        network = self.neutron.network(WEB)
        *two, third = (self.neutron.port(network, f"10.1.0.{number}") for number in (7, 8, 9))
        server = self.boot(*two)
        userid = self.userid(server)
        assert self.site.live_nics(userid) == {"1000", "1003"}
        before = self.site.mark()
        self.attach_in_vain(server, third)
        assert self.site.mutations(before) == []
        assert self.neutron.show_port(third)["port"]["device_id"] == ""
