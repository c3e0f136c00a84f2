import json

from networking_zvm import model
from networking_zvm.claims import State, Verdict
from networking_zvm.cli.forecast import forecast
from networking_zvm.hypervisor import base
from networking_zvm.plan import Plan, Step
from tests.unit.networking_zvm.cli.samples import WEB1

VSW1 = model.VSwitchName("VSW1")
CREATE = Step(base.CreateVSwitch(model.VSwitchSpec(VSW1, True)), frozenset({"VSW1"}), "it is missing")
GRANT = Step(base.Authorize(WEB1.userid, VSW1, frozenset(), False), frozenset({"port-1"}), "it needs it")
PLAN = Plan(
    vswitches=(CREATE,),
    guests={WEB1.userid: (GRANT,)},
    verdicts={
        "port-1": Verdict(State.PENDING, "grant"),
        "port-2": Verdict(State.UP, "coupled"),
        "port-3": Verdict(State.REFUSED, "wrong MAC"),
        "port-4": Verdict(State.DOWN, "as asked"),
    },
)


def test_steps_stand_under_their_guest_with_their_reason():
    assert forecast(PLAN).as_text().splitlines() == [
        "vswitches",
        "  create vswitch VSW1 (VLAN aware, no uplink)",
        "      because it is missing",
        "WEB1",
        "  grant WEB1 VSW1",
        "      because it needs it (port port-1)",
        "",
        "4 ports, of which 2 are as they should be.",
        "port-3 refused: wrong MAC",
    ]


def test_an_empty_plan_says_so():
    assert forecast(Plan((), {}, {})).as_text().startswith("Nothing to change")


def test_json_holds_every_port():
    document = json.loads(forecast(PLAN).as_json())
    assert [step["guest"] for step in document["steps"]] == [None, "WEB1"]
    assert {port["port_id"]: port["state"] for port in document["ports"]} == {
        "port-1": "pending", "port-2": "up", "port-3": "refused", "port-4": "down"
    }  # fmt: skip
