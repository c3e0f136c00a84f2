"""Why a port cannot be bound, in words that say what to do."""

import pytest

from networking_zvm.ml2.agent_report import AgentReport
from networking_zvm.ml2.refusal import refusal
from networking_zvm.model import NetworkType, Segment, VlanId

FLAT = Segment(NetworkType.FLAT, "physnet1")
VLAN = Segment(NetworkType.VLAN, "physnet1", VlanId(100))
LOCAL = Segment(NetworkType.LOCAL)
MAC = "02:00:00:00:00:01"


def report(mac_prefix="02:00:00", **vswitch):
    return AgentReport.read(
        {"vswitch_mappings": {"physnet1": "VSW1"}, "mac_prefix": mac_prefix, "vswitches": {"VSW1": vswitch}}
    )


@pytest.mark.parametrize("segment", [FLAT, VLAN, LOCAL], ids=str)
@pytest.mark.parametrize(
    "vswitch",
    [{}, {"layer": 2, "vlan_aware": True}, {"uplink": "down"}, {"uplink": "none"}, {"unfit_flat": None}],
    ids=str,
)
def test_a_fit_vswitch_is_not_refused(segment, vswitch):
    assert refusal(report(**vswitch), segment, MAC) is None


@pytest.mark.parametrize(
    ("segment", "vswitch", "reason", "remedy"),
    [
        (FLAT, {"layer": 3}, "vswitch VSW1 is layer 3", "map physnet1 to a layer 2"),
        (VLAN, {"layer": 3}, "vswitch VSW1 is layer 3", "map physnet1 to a layer 2"),
        (VLAN, {"vlan_aware": False}, "vswitch VSW1 is VLAN unaware", "use a flat network"),
        (VLAN, {"unfit_vlan": "GVRP is off"}, "unfit for vlan networks", "GVRP is off"),
        (FLAT, {"unfit_flat": "no default VLAN"}, "unfit for flat networks", "no default VLAN"),
    ],
)
def test_an_unfit_vswitch_is_refused(segment, vswitch, reason, remedy):
    why = refusal(report(**vswitch), segment, MAC)
    assert reason in why
    assert remedy in why


@pytest.mark.parametrize(
    ("segment", "vswitch"),
    [(FLAT, {"vlan_aware": False}), (FLAT, {"unfit_vlan": "unaware"}), (VLAN, {"unfit_flat": "no default"})],
)
def test_what_is_unfit_for_one_type_may_carry_the_other(segment, vswitch):
    assert refusal(report(**vswitch), segment, MAC) is None


@pytest.mark.parametrize("kind", [NetworkType.FLAT, NetworkType.VLAN])
def test_an_unmapped_physical_network_is_refused_and_the_mapped_ones_are_named(kind):
    why = refusal(report(), Segment(kind, "physnet9"), MAC)
    assert "physical network physnet9" in why
    assert "mapped: physnet1" in why


@pytest.mark.parametrize("segment", [FLAT, VLAN, LOCAL], ids=str)
def test_a_foreign_mac_is_refused_on_every_kind_of_network(segment):
    assert "base_mac" in refusal(report(), segment, "fa:16:3e:00:00:01")
    assert refusal(report(mac_prefix=None), segment, "fa:16:3e:00:00:01") is None
