"""Ports meet z/VM systems through Neutron's API: bound with what Nova needs, or refused with words."""

import re
from unittest import mock

from neutron.db import segments_db
from neutron.services.segments import db as host_segments

from tests.functional.ml2.cloud import DRIVER_LOG, BindingAssertions, CloudTestCase, healthy


class TestBinding(BindingAssertions, CloudTestCase):
    def test_flat_network(self):
        self.zvm()
        port = self.create(self.flat())
        self.assert_bound(port, vswitch="VSW1", zvm_authorization="grant")
        assert self.show(port)["status"] == "DOWN"

    def test_vlan_network(self):
        self.zvm(**healthy(authorization="directory"))
        port = self.create(self.vlan(42))
        self.assert_bound(port, vswitch="VSW1", vlan="42", zvm_authorization="directory")

    def test_bindings_do_not_share_their_details(self):
        self.zvm()
        first, flat, second = (self.create(n) for n in (self.vlan(42), self.flat(), self.vlan(43)))
        self.assert_bound(first, vswitch="VSW1", vlan="42", zvm_authorization="grant")
        self.assert_bound(flat, vswitch="VSW1", zvm_authorization="grant")
        self.assert_bound(second, vswitch="VSW1", vlan="43", zvm_authorization="grant")

    def test_local_network_binds_without_a_vswitch(self):
        self.zvm()
        self.assert_bound(self.create(self.local()))

    def test_retired_agents_report_binds_any_address(self):
        self.zvm(vswitch_mappings={"physnet1": "xcatvsw2"})
        port = self.create(self.vlan(42), mac="fa:16:3e:00:00:01")
        self.assert_bound(port, vswitch="XCATVSW2", vlan="42")

    def test_bulk(self):
        self.zvm()
        ports = self.create_many(self.vlan(42), 5)
        assert len({port["mac_address"] for port in ports}) == 5
        for port in ports:
            self.assert_bound(port, vswitch="VSW1", vlan="42", zvm_authorization="grant")

    def test_service_ports_bind_like_any_other(self):
        self.zvm()
        network = self.flat()
        for owner in ("network:dhcp", "network:router_interface", ""):
            port = self.create(network, device_owner=owner)
            self.assert_bound(port, vswitch="VSW1", zvm_authorization="grant")

    def test_moving_to_another_system(self):
        self.zvm()
        self.zvm("zvm2", **(healthy() | {"vswitch_mappings": {"physnet1": "OTHER"}}))
        port = self.create(self.flat())
        self.update(port, host="zvm2")
        self.assert_bound(port, vswitch="OTHER")

    def test_vswitch_without_uplink_is_nobodys_worry(self):
        self.zvm(**healthy(uplink="none"))
        with self.assertNoLogs(DRIVER_LOG, "WARNING"):
            self.assert_bound(self.create(self.flat()), vswitch="VSW1", zvm_authorization="grant")

    def test_lost_uplink_is_warned_of_once_until_it_changes(self):
        network = self.flat()
        with self.assertLogs(DRIVER_LOG, "WARNING") as log:
            for uplink in ("down", "ready", "down"):
                self.zvm(**healthy(uplink=uplink))
                for port in self.create_many(network, 3):
                    self.assert_bound(port, vswitch="VSW1", zvm_authorization="grant")
        assert len(log.output) == 2
        for line in log.output:
            assert re.search("on host zvm1 to vswitch VSW1, whose uplink is down: .*bring an OSA", line)


class TestRefusal(BindingAssertions, CloudTestCase):
    def refused(self, network, *words, **fields):
        """Creates a port that must not be bound, for a reason logged once; the port."""
        with self.assertLogs(DRIVER_LOG, "WARNING") as log:
            port = self.create(network, **fields)
        self.assert_not_bound(port)
        (line,) = log.output
        for word in (f"port {port['id']} not bound on host zvm1: ", *words):
            assert word in line
        return port

    def test_no_agent(self):
        self.refused(self.vlan(42), "vlan 42 on physnet1: no z/VM agent", "start neutron-zvm-agent with host")

    def test_dead_agent(self):
        self.zvm(alive=False)
        self.refused(self.flat(), "flat on physnet1: ", "has not reported since", "start it again")

    def test_unmapped_physical_network(self):
        self.zvm()
        self.refused(self.vlan(200, "physnet2"), "vlan 200 on physnet2: ", "(mapped: physnet1)", "map it")

    def test_layer_3_vswitch(self):
        self.zvm(**healthy(layer=3))
        self.refused(self.flat(), "flat on physnet1: vswitch VSW1 is layer 3", "map physnet1 to a layer 2")

    def test_vlan_network_on_an_unaware_vswitch(self):
        self.zvm(**healthy(vlan_aware=False))
        self.refused(self.vlan(42), "vlan 42 on physnet1: vswitch VSW1 is VLAN unaware", "use a flat network")

    def test_flat_network_on_an_unaware_vswitch_is_welcome(self):
        self.zvm(**healthy(vlan_aware=False))
        self.assert_bound(self.create(self.flat()), vswitch="VSW1", zvm_authorization="grant")

    def test_unfit_in_the_agents_own_words(self):
        self.zvm(**healthy(unfit_flat="it has no default VLAN"))
        self.refused(self.flat(), "vswitch VSW1 is unfit for flat networks: it has no default VLAN")

    def test_tunnel(self):
        self.zvm()
        self.refused(self.tunnel(), "vxlan: z/VM carries only flat, vlan, local networks")

    def test_address_that_was_good_when_given(self):
        """The prefix became known only after the port had got its address and host."""
        port = self.refused(self.flat(), "no z/VM agent", mac="fa:16:3e:00:00:01")
        self.zvm()
        with self.assertLogs(DRIVER_LOG, "WARNING") as log:
            self.plugin.get_bound_port_context(self.context, port["id"], "zvm1")
        self.assert_not_bound(port)
        assert "user MAC prefix 02:00:00" in log.output[0]

    def test_port_binds_when_the_cause_is_gone(self):
        port = self.refused(self.flat(), "no z/VM agent")
        self.zvm()
        self.plugin.get_bound_port_context(self.context, port["id"], "zvm1")
        self.assert_bound(port, vswitch="VSW1", zvm_authorization="grant")

    def test_same_reason_is_said_again_only_after_the_port_moved(self):
        port = self.refused(self.flat(), "no z/VM agent")
        with self.assertNoLogs(DRIVER_LOG, "WARNING"):
            self.plugin.get_bound_port_context(self.context, port["id"], "zvm1")
        self.update(port, host="")
        with self.assertLogs(DRIVER_LOG, "WARNING"):
            self.update(port, host="zvm1")

    def test_other_kinds_of_nic_are_none_of_our_business(self):
        self.zvm()
        with self.assertNoLogs(DRIVER_LOG, "WARNING"):
            self.assert_not_bound(self.create(self.flat(), vnic_type="direct"))


class TestSeveralSegments(BindingAssertions, CloudTestCase):
    """A network with a segment on each of two physical networks."""

    def network(self):
        return self.wide(("vlan", "physnet2", 200), ("vlan", "physnet1", 42))

    def test_first_fitting_segment_binds_in_silence(self):
        self.zvm()
        with self.assertNoLogs(DRIVER_LOG, "WARNING"):
            port = self.create(self.network())
        self.assert_bound(port, vswitch="VSW1", vlan="42", zvm_authorization="grant")

    def test_all_reasons_are_given(self):
        self.zvm(**healthy(vlan_aware=False))
        with self.assertLogs(DRIVER_LOG, "WARNING") as log:
            self.assert_not_bound(self.create(self.network()))
        (line,) = log.output
        assert re.search("vlan 200 on physnet2: .*maps no.*; vlan 42 on physnet1: .*VLAN unaware", line)


class TestRoutedNetwork(BindingAssertions, CloudTestCase):
    """Each segment has a subnet of its own, so the port's address decides which one it must be bound to."""

    def preSetUp(self):
        no_placement = mock.patch("neutron.services.segments.plugin.NovaSegmentNotifier")
        no_placement.start()
        self.addCleanup(no_placement.stop)

    def get_additional_service_plugins(self):
        return {"segments": "segments"}

    def test_port_binds_where_its_address_lives(self):
        vswitches = {"physnet1": "VSW1", "physnet2": "VSW2"}
        self.zvm(vswitch_mappings=vswitches)
        network = self.wide(("vlan", "physnet2", 200), ("vlan", "physnet1", 42))
        segments = segments_db.get_network_segments(self.context, network)
        host_segments.update_segment_host_mapping(self.context, "zvm1", {s["id"] for s in segments})
        for segment in segments:
            vlan = segment["segmentation_id"]
            made = self._create_subnet(
                self.fmt, network, f"10.0.{vlan}.0/24", segment_id=segment["id"], as_admin=True
            )
            port = self.create(network, fixed_ips=[{"subnet_id": made.json["subnet"]["id"]}])
            self.assert_bound(port, vswitch=vswitches[segment["physical_network"]], vlan=str(vlan))
