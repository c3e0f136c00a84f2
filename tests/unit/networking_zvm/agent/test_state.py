"""What an operator reads in `openstack network agent show` fits its column and names the problems."""

import dataclasses
import json

from networking_zvm import model
from networking_zvm.agent import state
from networking_zvm.claims import Policy, State, Verdict
from networking_zvm.hypervisor import base
from networking_zvm.settings import ControlPoint, ServerPlugin, ServiceGuest, Settings


def system(*vswitches: model.VSwitch) -> model.System:
    return model.System(
        ipl_time="2026-11-22 08:00:00",
        mac_prefix=model.MacPrefix("020000"),
        vswitches={v.name: v for v in vswitches},
        directory={},
        live={},
        logged_on=frozenset(),
    )


XCAT = base.Capabilities(frozenset({model.Way.GRANT}), defines_nics=True, records=True)
SETTINGS = Settings(
    host="zvm1",
    control_point=ControlPoint.XCAT,
    vswitch_of={"data": model.VSwitchName("VSW1")},
    specs={},
)
POLICY = Policy.of(SETTINGS, XCAT)
HEALTHY = state.Health(True)


def test_service_guests_are_told_with_their_vlans() -> None:
    node = model.NicAddress(model.Userid("DHCP1"), model.Vdev("0700"))
    settings = dataclasses.replace(SETTINGS, service_guests=(ServiceGuest(node, "data"),))
    vlans = frozenset({model.VlanId(100), model.VlanId(200)})
    vswitch = model.VSwitch(model.VSwitchName("VSW1"), vlan_aware=True, grants={node.userid: vlans})
    seen = dataclasses.replace(system(vswitch), directory={node: model.DirectoryNic(node)})
    able = dataclasses.replace(XCAT, trunks=True)
    report = state.configurations(settings, Policy.of(settings, able), seen, {}, HEALTHY)
    assert report["service_guests"] == {"DHCP1 0700": "data on VSW1 VLAN 100, 200: logged off"}


def test_unfitness_is_told_per_kind_of_network() -> None:
    flat = model.VSwitch(model.VSwitchName("VSW1"), uplink=model.Uplink.DOWN)
    report = state.configurations(SETTINGS, POLICY, system(flat), {}, HEALTHY)
    facts = report["vswitches"]["VSW1"]
    assert facts["unfit_flat"] is None
    assert "VLAN unaware" in facts["unfit_vlan"]
    assert facts["uplink"] == "down"
    assert report["mac_prefix"] == "02:00:00"


def test_before_the_first_look_the_mappings_are_there() -> None:
    report = state.configurations(SETTINGS, POLICY, None, {}, state.Health(False, "not reachable"))
    assert report["vswitch_mappings"] == {"data": "VSW1"}
    assert report["control_point"] == {"kind": "xcat", "healthy": False, "reason": "not reachable"}


def test_the_report_fits_neutrons_column_and_says_what_it_leaves_out() -> None:
    verdicts = {f"port-{n:04}": Verdict(State.WAITING, "no NIC has been defined yet") for n in range(500)}
    many = [model.VSwitch(model.VSwitchName(f"V{n}")) for n in range(50)]
    report = state.configurations(SETTINGS, POLICY, system(*many), verdicts, HEALTHY)
    assert len(json.dumps(report)) <= 4095
    assert report["problems_left_out"] + len(report["problems"]) == 500


def test_mapped_vswitches_come_first() -> None:
    many = [model.VSwitch(model.VSwitchName(f"A{n}")) for n in range(50)]
    report = state.configurations(
        SETTINGS, POLICY, system(*many, model.VSwitch(model.VSwitchName("VSW1"))), {}, HEALTHY
    )
    assert next(iter(report["vswitches"])) == "VSW1"


def test_only_ports_that_are_not_as_wished_are_problems() -> None:
    verdicts = {
        "p1": Verdict(State.UP, "fine"),
        "p2": Verdict(State.DOWN, "as asked"),
        "p3": Verdict(State.REFUSED, "layer 3"),
    }
    report = state.configurations(SETTINGS, POLICY, system(), verdicts, HEALTHY)
    assert report["problems"] == {"p3": "layer 3"}
    assert report["devices"] == 1


def test_the_own_driver_is_offered_everything_mapped() -> None:
    report = state.configurations(SETTINGS, POLICY, system(), {}, HEALTHY)
    assert report["bridge_mappings"] == report["vswitch_mappings"] == {"data": "VSW1"}
    assert "integration_bridge" not in report


def test_the_stock_driver_is_offered_what_is_fit_and_the_operator_told_of_the_rest() -> None:
    compatible = dataclasses.replace(SETTINGS, server_plugin=ServerPlugin.OPENVSWITCH)
    report = state.configurations(compatible, POLICY, system(), {}, HEALTHY)
    assert report["bridge_mappings"] == {}
    assert report["vswitch_mappings"] == {"data": "VSW1"}
    assert report["networks_left_out"] == {"data": "this z/VM has no vswitch VSW1"}
    assert report["integration_bridge"] == "zvm"
    before = state.binding_facts(report)
    there = system(model.VSwitch(model.VSwitchName("VSW1")))
    assert state.binding_facts(state.configurations(compatible, POLICY, there, {}, HEALTHY)) != before
