"""Servers boot with their networks, or are refused before anything is created."""

import fixtures
from oslo_utils.fixture import uuidsentinel

from tests.nova.services.base import ZvmCase
from tests.nova.services.neutron import BY_OPENVSWITCH

WEB = {"cidr": "10.1.0.0/24", "enable_dhcp": False, "dns_nameservers": ["10.1.0.2"]}
WEB6 = {"cidr": "2001:db8:1::/64", "ipv6_address_mode": "slaac"}
DATA = {"cidr": "10.2.0.0/24"}
BACKUP = {"cidr": "10.3.0.0/24", "gateway_ip": None}
NOT_AUTHORIZED = (100, 8)
OS_VIF = ("initialize", "plug", "unplug")


class BootTest(ZvmCase):
    def test_one_nic(self) -> None:
        port = self.neutron.port(self.neutron.network(WEB, mtu=8992), "10.1.0.9")
        server = self.boot(port)
        userid = self.userid(server)
        assert self.site.running == {userid}
        assert self.site.nics(userid) == {"1000": self.neutron.macid(port)}
        ((row,),) = [self.site.rows()]
        assert (row["userid"], row["port"]) == (userid, port)
        (files,) = self.site.scripts(userid)
        assert any("10.1.0.9" in text and "8992" in text for text in files.values())

        self.delete(server)
        assert (self.site.guests, self.site.rows(), self.drives_left()) == (set(), [], [])

    def test_three_nics_dual_stack_two_addresses_and_no_gateway(self) -> None:
        ports = [
            self.neutron.port(self.neutron.network(WEB, WEB6), "10.1.0.9", "2001:db8:1::9"),
            self.neutron.port(self.neutron.network(DATA), "10.2.0.8", "10.2.0.9"),
            self.neutron.port(self.neutron.network(BACKUP), "10.3.0.9"),
        ]
        userid = self.userid(self.boot(*ports))
        macids = map(self.neutron.macid, ports)
        assert self.site.nics(userid) == dict(zip(("1000", "1003", "1006"), macids, strict=True))
        assert self.site.live_nics(userid) == {"1000", "1003", "1006"}

        (files,) = self.site.scripts(userid)
        told = "\n".join(files.values())
        assert all(address in told for address in ("10.1.0.9", "10.2.0.8", "10.3.0.9"))
        assert "10.2.0.1" not in told.replace("10.2.0.255", ""), "only the first NIC has a default route"

        networks = self.site.config_drive(userid)["networks"]
        addresses = {network["ip_address"] for network in networks}
        assert addresses == {"10.1.0.9", "2001:db8:1::9", "10.2.0.8", "10.2.0.9", "10.3.0.9"}
        gateways = {route["gateway"] for network in networks for route in network["routes"]}
        assert gateways == {"10.1.0.1", "2001:db8:1::1"}

    def test_a_port_bound_by_neutrons_open_vswitch_driver_is_plugged_all_the_same(self) -> None:
        """And os-vif, which would look for a bridge on this host, is not asked."""
        asked = [self.useFixture(fixtures.MockPatch(f"os_vif.{name}")).mock for name in OS_VIF]
        self.neutron.binding = BY_OPENVSWITCH
        ports = [
            self.neutron.port(self.neutron.network(WEB), "10.1.0.9"),
            self.neutron.port(self.neutron.network(DATA), "10.2.0.9"),
        ]
        server = self.boot(ports[0])
        userid = self.userid(server)
        self.attach(server, ports[1])
        self.until(lambda: self.attached(server) == set(ports))
        macids = map(self.neutron.macid, ports)
        assert self.site.nics(userid) == dict(zip(("1000", "1003"), macids, strict=True))
        (link,) = self.site.config_drive(userid)["links"]
        assert (link["type"], link["ethernet_mac_address"]) == ("phy", self.neutron.mac(ports[0]))
        self.delete(server)
        assert (self.site.guests, self.site.rows()) == (set(), [])
        assert not any(function.called for function in asked)

    def test_tags_reach_the_config_drive(self) -> None:
        port = self.neutron.port(self.neutron.network(WEB), "10.1.0.9")
        userid = self.userid(self.boot(port, tag="web"))
        (device,) = self.site.config_drive(userid, "meta_data.json")["devices"]
        assert (device["type"], device["mac"], device["tags"]) == ("nic", self.neutron.mac(port), ["web"])

    def test_what_a_guest_could_not_be_told_is_refused_before_it_is_created(self) -> None:
        network = self.neutron.network(WEB)
        self.make_image(uuidsentinel.plan9, "plan9")
        before = self.site.mark()
        stranger = self.boot(self.neutron.port(network, "10.1.0.8", mac="fa:16:3e:00:00:01"), state="ERROR")
        assert "outside 02:00:00" in stranger["fault"]["message"]
        unknown = self.boot(self.neutron.port(network, "10.1.0.9"), image=uuidsentinel.plan9, state="ERROR")
        assert "plan9" in unknown["fault"]["message"]
        assert self.site.mutations(before) == []

    def test_a_third_nic_that_fails_leaves_nothing_behind(self) -> None:
        network = self.neutron.network(WEB)
        ports = [self.neutron.port(network, f"10.1.0.{number}") for number in (7, 8, 9)]
        self.site.fail("Virtual_Network_Adapter_Create_Extended_DM", *NOT_AUTHORIZED, skip=2)
        self.boot(*ports, state="ERROR")
        assert (self.site.guests, self.site.rows(), self.drives_left()) == (set(), [], [])
