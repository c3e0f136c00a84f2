"""Reading what agents say: the retired one, today's, and anything else without harm."""

import json

from hypothesis import given
from hypothesis import strategies as st

from networking_zvm.agent import state
from networking_zvm.claims import Policy
from networking_zvm.hypervisor import base
from networking_zvm.ml2.agent_report import AgentReport, VSwitchReport
from networking_zvm.model import Layer, MacPrefix, NetworkType, System, Uplink, VSwitch, VSwitchName, Way
from networking_zvm.settings import ControlPoint, Settings

FULL = {
    "vswitch_mappings": {"physnet1": "VSW1", "physnet2": "VSW2"},
    "mac_prefix": "02:00:00",
    "vswitches": {
        "VSW1": {
            "layer": 2, "vlan_aware": True, "authorization": "directory", "uplink": "ready",
            "unfit_flat": None, "unfit_vlan": None,
        },
        "VSW2": {
            "layer": 3, "vlan_aware": False, "authorization": "grant", "uplink": "down",
            "unfit_flat": "layer 3", "unfit_vlan": "layer 3",
        },
    },
    "control_point": {"kind": "xcat", "healthy": True, "reason": None},
    "problems": {}, "devices": 2,
}  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


def test_a_full_report():
    report = AgentReport.read(FULL)

    assert report.mappings == {"physnet1": "VSW1", "physnet2": "VSW2"}
    assert report.mac_prefix == MacPrefix("02:00:00")
    assert report.vswitch(VSwitchName("VSW1")) == VSwitchReport(
        Layer.ETHERNET, True, Way.DIRECTORY, Uplink.READY
    )
    assert report.vswitch(VSwitchName("VSW2")) == VSwitchReport(
        Layer.IP, False, Way.GRANT, Uplink.DOWN, {NetworkType.FLAT: "layer 3", NetworkType.VLAN: "layer 3"}
    )


def test_what_our_own_agent_writes():
    name = VSwitchName("VSW1")
    vswitch = VSwitch(name, layer=Layer.IP, vlan_aware=True, uplink=Uplink.DOWN)
    system = System("2026-01-01", MacPrefix("02:00:00"), {name: vswitch}, {}, {}, frozenset())
    able = base.Capabilities(frozenset({Way.GRANT}), defines_nics=True, records=True)
    settings = Settings(
        host="zvm1", control_point=ControlPoint.XCAT, vswitch_of={"physnet1": name}, specs={}
    )
    policy = Policy.of(settings, able)
    written = state.configurations(settings, policy, system, {}, state.Health(healthy=True))

    report = AgentReport.read(json.loads(json.dumps(written)))

    assert (report.mappings, report.mac_prefix) == ({"physnet1": "VSW1"}, "02:00:00")
    seen = report.vswitch(name)
    assert (seen.layer, seen.vlan_aware, seen.uplink) == (Layer.IP, True, Uplink.DOWN)
    assert seen.authorization is Way.GRANT
    assert set(seen.unfit) == {NetworkType.FLAT, NetworkType.VLAN}


def test_the_retired_agents_report_is_enough():
    report = AgentReport.read({"vswitch_mappings": {"xcatvsw2": "xcatvsw2"}})

    assert report.mappings == {"xcatvsw2": "XCATVSW2"}
    assert report.mac_prefix is None
    assert report.vswitch(VSwitchName("XCATVSW2")) == VSwitchReport()


def test_an_agent_that_says_nothing_serves_nothing():
    assert AgentReport.read({}) == AgentReport(mappings={})


def test_names_are_matched_whatever_their_case():
    report = AgentReport.read({"vswitch_mappings": {"net": "vsw1"}, "vswitches": {"Vsw1": {"layer": 3}}})
    assert report.vswitch(report.mappings["net"]).layer is Layer.IP


@st.composite
def nonsense(draw):
    facts = draw(st.dictionaries(st.sampled_from(sorted(FULL["vswitches"]["VSW1"])), JSON))
    said = {"vswitch_mappings": {"net": "VSW1"}, "vswitches": {"VSW1": facts}}
    return said | draw(st.dictionaries(st.sampled_from(sorted(FULL)), JSON))


@given(nonsense())
def test_nonsense_never_raises(configurations):
    report = AgentReport.read(configurations)
    assert all(isinstance(name, VSwitchName) for name in report.mappings.values())
    assert all(isinstance(vswitch, VSwitchReport) for vswitch in report.vswitches.values())
