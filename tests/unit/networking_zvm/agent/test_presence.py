"""Neutron's stock driver is offered a physical network only if something on it can be served."""

from collections.abc import Mapping
from typing import Any

import pytest

from networking_zvm import model
from networking_zvm.agent import presence
from networking_zvm.settings import ControlPoint, ServerPlugin, Settings

NAME = model.VSwitchName("VSW1")
UNAWARE = model.VSwitch(NAME)
AWARE = model.VSwitch(NAME, vlan_aware=True)
IP = model.VSwitch(NAME, layer=model.Layer.IP)


def settings(plugin: ServerPlugin = ServerPlugin.OPENVSWITCH, **changes: Any) -> Settings:
    usual: dict[str, Any] = {"vswitch_of": {"data": NAME}, "specs": {}}
    changed = {**usual, **changes}
    return Settings(host="zvm1", control_point=ControlPoint.XCAT, server_plugin=plugin, **changed)


def system(*vswitches: model.VSwitch) -> model.System:
    by_name = {vswitch.name: vswitch for vswitch in vswitches}
    return model.System("", model.MacPrefix("020000"), by_name, {}, {}, frozenset())


@pytest.mark.parametrize(
    ("vswitch", "named"),
    [
        (AWARE, {}),
        (UNAWARE, {}),
        (UNAWARE, {"flat_networks": ("data",)}),
        (UNAWARE, {"flat_networks": ("data",), "vlan_networks": ("data",)}),
        (AWARE, {"vlan_networks": ("data",)}),
    ],
)
def test_what_can_carry_one_type_is_offered(vswitch: model.VSwitch, named: Mapping[str, Any]) -> None:
    assert presence.offer(settings(**named), system(vswitch)) == presence.Offer({"data": NAME}, {})


@pytest.mark.parametrize(
    ("vswitch", "named", "reason"),
    [
        (IP, {}, "layer 3"),
        (IP, {"flat_networks": ("data",)}, "layer 3"),
        (UNAWARE, {"vlan_networks": ("data",)}, "VLAN unaware"),
    ],
)
def test_what_can_carry_none_is_left_out_and_why(
    vswitch: model.VSwitch, named: Mapping[str, Any], reason: str
) -> None:
    offered = presence.offer(settings(**named), system(vswitch))
    assert offered.vswitch_of == {}
    assert reason in offered.left_out["data"]


def test_a_missing_vswitch_is_offered_only_if_the_agent_can_make_it() -> None:
    assert presence.offer(settings(), system()).left_out == {"data": "this z/VM has no vswitch VSW1"}
    planned = settings(specs={NAME: model.VSwitchSpec(NAME, vlan_aware=True)})
    assert presence.offer(planned, system()).left_out == {}


def test_what_nobody_has_looked_at_is_offered() -> None:
    assert presence.offer(settings(), None).vswitch_of == {"data": NAME}


def test_the_own_driver_knows_unfitness_by_itself() -> None:
    assert presence.offer(settings(ServerPlugin.ZVM), system(IP)).left_out == {}


def test_a_port_nobody_could_bind_is_explained_by_what_is_offered() -> None:
    assert "physical networks offered are data" in presence.why_unbound(settings(), system(AWARE))
    assert "physical networks offered are none" in presence.why_unbound(settings(), system(IP))
    assert "server's log" in presence.why_unbound(settings(ServerPlugin.ZVM), system(AWARE))


@pytest.mark.parametrize(
    ("vif_type", "details", "ours"),
    [
        ("zvm", None, True),
        ("ovs", {"bridge_name": "zvm"}, True),
        ("ovs", {"bridge_name": "br-int"}, False),
        ("ovs", {}, False),
        ("ovs", None, False),
        ("unbound", None, False),
    ],
)
def test_ports_are_ours_by_their_binding_whoever_binds_now(
    vif_type: str, details: Mapping[str, Any] | None, ours: bool
) -> None:
    assert presence.is_ours(vif_type, details) is ours
