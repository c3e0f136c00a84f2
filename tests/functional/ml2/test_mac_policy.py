"""MAC addresses a system cannot give to a NIC get HTTP 400, wherever they meet its host."""

from tests.functional.ml2.cloud import BindingAssertions, CloudTestCase, healthy

FOREIGN = "fa:16:3e:00:00:01"
REMEDY = "set base_mac = 02:00:00:00:00:00 in neutron.conf"


class TestMacPolicy(BindingAssertions, CloudTestCase):
    def assert_explained(self, message, mac=FOREIGN):
        for words in ("host zvm1", f"MAC address {mac}", "user MAC prefix 02:00:00", REMEDY):
            assert words in message

    def test_generated_and_given_addresses_of_the_system_pass(self):
        self.zvm()
        network = self.flat()
        generated = self.create(network)
        assert generated["mac_address"].startswith("02:00:00")
        self.assert_bound(generated, vswitch="VSW1", zvm_authorization="grant")
        for mac in ("02:00:00:00:00:00", "02:00:00:ff:ff:ff"):
            self.assert_bound(self.create(network, mac=mac), vswitch="VSW1", zvm_authorization="grant")

    def test_create(self):
        self.zvm()
        self.assert_explained(self.create(self.flat(), mac=FOREIGN, status=400))
        assert self.ports() == []

    def test_bulk_create_is_all_or_nothing(self):
        self.zvm()
        network = self.flat()
        ports = [self._port(network, "zvm1", {}), self._port(network, "zvm1", {"mac": FOREIGN})]
        answer = self.new_create_request("ports", {"ports": ports}, as_admin=True).get_response(self.api)
        self.assert_explained(self.answered(answer, 400, "ports"))
        assert self.ports() == []

    def test_a_port_of_a_service_needs_no_nic_and_may_have_any_address(self):
        """DHCP ports go from host to host with the address they have."""
        self.zvm()
        port = self.create(self.flat(), mac=FOREIGN, device_owner="network:dhcp")
        self.assert_bound(port, vswitch="VSW1", zvm_authorization="grant")

    def test_update_of_host(self):
        """Nova's way: the port exists, then gets its host."""
        self.zvm()
        port = self.create(self.flat(), host="", mac=FOREIGN)
        self.assert_explained(self.update(port, host="zvm1", status=400))
        seen = self.show(port)
        assert (seen["binding:host_id"], seen["binding:vif_type"]) == ("", "unbound")

    def test_update_of_mac(self):
        self.zvm(**healthy(vlan_aware=False))
        port = self.create(self.vlan(42))
        self.assert_explained(self.update(port, mac_address=FOREIGN, status=400))
        assert self.show(port)["mac_address"] == port["mac_address"]
        moved = self.update(port, mac_address="02:00:00:12:34:56")
        assert moved["mac_address"] == "02:00:00:12:34:56"

    def test_update_of_mac_and_host_at_once(self):
        self.zvm()
        port = self.create(self.flat(), host="", mac=FOREIGN)
        self.update(port, mac_address="02:00:00:12:34:56", host="zvm1")
        self.assert_bound(port, vswitch="VSW1", zvm_authorization="grant")

    def test_other_updates_are_not_held_up(self):
        """A port from before the prefix was known can still be renamed, unbound and deleted."""
        port = self.create(self.flat(), mac=FOREIGN)
        self.zvm()
        assert self.update(port, name="web")["name"] == "web"
        self.update(port, host="")
        self._delete("ports", port["id"], as_admin=True)
        assert self.ports() == []

    def test_dead_agents_prefix_still_counts(self):
        self.zvm(alive=False)
        self.assert_explained(self.create(self.flat(), mac=FOREIGN, status=400))

    def test_each_system_has_its_own_prefix(self):
        self.zvm()
        self.zvm("zvm2", **(healthy() | {"mac_prefix": "02:00:02"}))
        port = self.create(self.flat())
        message = self.update(port, host="zvm2", status=400)
        assert "user MAC prefix 02:00:02" in message
        self.assert_bound(port, vswitch="VSW1", zvm_authorization="grant")

    def test_ports_that_are_not_ours_pass(self):
        self.zvm()
        for fields in ({"host": "elsewhere"}, {"host": ""}, {"vnic_type": "direct"}):
            self.create(self.vlan(42 + len(self.ports())), mac=FOREIGN, **fields)
        self.create(self.vlan(200, "physnet2"), mac=FOREIGN)
        assert len(self.ports()) == 4


class TestUnconfiguredServer(CloudTestCase):
    """The operator forgot base_mac: Neutron's own addresses are told apart at once."""

    base_mac = "fa:16:3e:00:00:00"

    def test_generated_address_is_refused_with_the_remedy(self):
        self.zvm()
        assert REMEDY in self.create(self.flat(), status=400)
        assert REMEDY in self.create_many(self.vlan(42), 3, status=400)
