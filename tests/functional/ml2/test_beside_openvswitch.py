"""One Neutron serves z/VM and Linux hosts: each port goes to the driver of its host, in either order."""

from tests.functional.ml2.cloud import DRIVER_LOG, BindingAssertions, CloudTestCase

FOREIGN = "fa:16:3e:00:00:01"


class BesideOpenvswitch(BindingAssertions):
    def test_each_host_gets_its_own_kind_of_port(self):
        self.zvm("zvm1")
        self.openvswitch("kvm1", physnet1="br-ex")
        network = self.vlan(42)
        with self.assertNoLogs(DRIVER_LOG, "WARNING"):
            guest, linux = self.create(network, host="zvm1"), self.create(network, host="kvm1", mac=FOREIGN)
        self.assert_bound(guest, vswitch="VSW1", vlan="42", zvm_authorization="grant")
        assert self.show(linux)["binding:vif_type"] == "ovs"

    def test_port_moves_between_them(self):
        self.zvm("zvm1")
        self.openvswitch("kvm1", physnet1="br-ex")
        port = self.create(self.flat(), host="kvm1")
        assert self.update(port, host="zvm1")["binding:vif_type"] == "zvm"
        assert self.update(port, host="kvm1")["binding:vif_type"] == "ovs"

    def test_failure_on_a_linux_host_is_not_our_news(self):
        self.openvswitch("kvm1", other="br-ex")
        with self.assertNoLogs(DRIVER_LOG, "WARNING"):
            self.assert_not_bound(self.create(self.flat(), host="kvm1"))

    def test_failure_on_a_host_without_any_agent_is(self):
        with self.assertLogs(DRIVER_LOG, "WARNING"):
            self.assert_not_bound(self.create(self.flat(), host="zvm1"))

    def test_shared_host_with_networks_of_their_own(self):
        self.zvm("both")
        self.openvswitch("both", physnet2="br-ex")
        guest = self.create(self.vlan(42), host="both")
        linux = self.create(self.vlan(200, "physnet2"), host="both", mac=FOREIGN)
        self.assert_bound(guest, vswitch="VSW1", vlan="42", zvm_authorization="grant")
        assert self.show(linux)["binding:vif_type"] == "ovs"

    def test_shared_host_and_network_is_the_first_drivers(self):
        self.zvm("both")
        self.openvswitch("both", physnet1="br-ex")
        port = self.create(self.vlan(42), host="both")
        first = {"zvm": "zvm", "openvswitch": "ovs"}[self._mechanism_drivers[0]]
        assert self.show(port)["binding:vif_type"] == first
        assert "user MAC prefix" in self.create(self.vlan(43), host="both", mac=FOREIGN, status=400)


class TestAfterOpenvswitch(BesideOpenvswitch, CloudTestCase):
    _mechanism_drivers = ["openvswitch", "zvm"]


class TestBeforeOpenvswitch(BesideOpenvswitch, CloudTestCase):
    _mechanism_drivers = ["zvm", "openvswitch"]
