"""What every call passes: journal, fault rules, delays, and the table of functions."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.unit.zvmsim.world.conftest import Lab
from zvmsim.faults import FaultBook, FaultRuleError, rule_from
from zvmsim.journal import Call, Journal
from zvmsim.world.answers import CpReply
from zvmsim.world.functions import FUNCTIONS, is_mutating
from zvmsim.world.gate import DroppedError, HttpFaultError, Latency
from zvmsim.world.system import System

LEVEL = "Query_API_Functional_Level"
ACTIVATE = "Image_Activate"


class TestJournal:
    def test_tells_changes_from_queries_and_names_the_objects(self, lab: Lab) -> None:
        mark = lab.world.journal.mark()
        lab.switch()
        lab.alter(grant_userid="lnx1", user_vlan_id="5")
        lab.codes("Virtual_Network_Vswitch_Query", "SYSTEM", switch_name="*")
        entries = lab.world.journal.entries(mark)
        assert [e.call.mutating for e in entries] == [True, True, False]
        assert [(e.rc, e.rs) for e in entries] == [(0, 0), (396, 2846), (0, 0)]
        assert entries[1].call.objects == ("SYSTEM", "VSW1", "LNX1")
        assert [e.number for e in lab.world.journal.entries(mark, object="LNX*")] == [entries[1].number]
        assert len(lab.world.journal.entries(mark, mutating=True)) == 2

    def test_counts_everything_though_it_keeps_only_the_newest(self, lab: Lab) -> None:
        journal = Journal(limit=10)
        call = Call("smapi", "ZVMA", "ZHCPA", LEVEL, (), False, {})
        for _ in range(25):
            journal.add(lab.clock.now(), call, 0, 710, 0.0)
        assert [entry.number for entry in journal.entries()] == list(range(16, 26))
        assert journal.total() == journal.total(mutating=False) == 25
        assert journal.counts() == {("ZVMA", "smapi", LEVEL, False): 25}

    def test_keeps_no_passwords(self, lab: Lab) -> None:
        keys = {"switch_name": "V", "parm_disk_password": "SECRET"}
        lab.codes("Virtual_Network_Vswitch_Create", "X", **keys)
        lab.ask("Image_Create_DM", "LNX1", "USER LNX1 SECRET 1G 1G G", initial_password="SECRET")
        lab.world.cp_processor = lambda system, caller, command: CpReply()
        lab.world.cp("ZVMA", "ZHCPA", "XAUTOLOG LNX1 SECRET")
        assert "SECRET" not in repr(lab.world.journal.entries())


class TestCp:
    def test_goes_through_the_same_gate(self, lab: Lab) -> None:
        said: list[tuple[str, str]] = []

        def process(system: System, caller: str, command: str) -> CpReply:
            said.append((caller, command))
            return CpReply(0, (system.name,))

        lab.world.cp_processor = process
        assert lab.world.cp("ZVMA", "zhcpa", "Q  VMLAN") == CpReply(0, ("ZVMA",))
        assert said == [("ZHCPA", "Q  VMLAN")]
        lab.world.cp("ZVMA", "ZHCPA", "couple 600 system vsw1")
        first, second = lab.world.journal.entries(dialect="cp")
        assert (first.call.function, first.call.mutating) == ("query vmlan", False)
        assert (second.call.mutating, second.call.objects) == (True, ("ZHCPA", "600", "SYSTEM", "VSW1"))

    def test_faults_name_the_command(self, lab: Lab) -> None:
        lab.world.cp_processor = lambda system, caller, command: CpReply()
        lab.world.faults.add({"function": "cp:query vmlan*", "reply": {"rc": 396, "rs": 45}})
        assert lab.world.cp("ZVMA", "ZHCPA", "q vmlan").rc == 45
        assert lab.world.cp("ZVMA", "ZHCPA", "q lan").rc == 0


class TestFaults:
    def test_instead_of_the_call(self, lab: Lab) -> None:
        lab.user("LNX1")
        lab.world.faults.add({"function": "Image_*", "object": "lnx1", "reply": {"rc": 592, "rs": 7}})
        assert lab.codes(ACTIVATE) == (592, 7)
        assert lab.system.guests == {}
        assert lab.world.journal.entries()[-1].note.startswith("fault")
        assert lab.codes("Query_Asynchronous_Operation_DM", operation_id="7") == (0, 0)

    def test_after_the_effect(self, lab: Lab) -> None:
        lab.user("LNX1")
        lab.world.faults.add({"function": ACTIVATE, "when": "after", "reply": "drop"})
        with pytest.raises(DroppedError):
            lab.ask(ACTIVATE)
        assert "LNX1" in lab.system.guests
        assert lab.world.journal.entries()[-1].rc is None

    def test_an_http_status(self, lab: Lab) -> None:
        lab.world.faults.add({"reply": {"http": 503}})
        with pytest.raises(HttpFaultError) as caught:
            lab.ask(LEVEL)
        assert caught.value.status == 503

    def test_skip_and_count(self, lab: Lab) -> None:
        number = lab.world.faults.add({"skip": 1, "count": 2, "reply": {"rc": 900, "rs": 99}})
        assert [lab.ask(LEVEL).rc for _ in range(5)] == [0, 900, 900, 0, 0]
        assert lab.world.faults.acted(number) == 2
        lab.world.faults.remove(number)
        assert lab.world.faults.rules() == {}

    def test_the_first_rule_that_matches_acts(self, lab: Lab) -> None:
        lab.world.faults.add({"system": "ZVMB", "reply": {"rc": 1, "rs": 1}})
        lab.world.faults.add({"count": 1, "reply": {"rc": 2, "rs": 2}})
        lab.world.faults.add({"reply": {"rc": 3, "rs": 3}})
        assert [lab.ask(LEVEL).rc for _ in range(2)] == [2, 3]

    def test_probability_repeats_with_the_seed(self) -> None:
        def struck() -> list[bool]:
            book = FaultBook(seed=7)
            book.add({"probability": 0.5})
            call = Call("smapi", "ZVMA", "X", LEVEL, (), False, {})
            return [book.strike(call) is not None for _ in range(50)]

        first = struck()
        assert first == struck()
        assert 10 < sum(first) < 40

    @pytest.mark.parametrize(
        ("data", "names"),
        [
            ({"colour": 1, "when": "never"}, ["colour", "when"]),
            ({"probability": 2, "count": -1, "delay": "x"}, ["probability", "count", "delay"]),
            ({"delay": float("inf")}, ["delay"]),
            ({"reply": {"rc": 1}}, ["reply"]),
            ({"reply": "lost"}, ["reply"]),
            ({"function": ""}, ["function"]),
        ],
    )
    def test_a_rule_that_makes_no_sense(self, data: dict[str, object], names: list[str]) -> None:
        with pytest.raises(FaultRuleError) as caught:
            rule_from(data)
        assert all(f"{name}: " in str(caught.value) for name in names)

    def test_rules_as_data_and_back(self) -> None:
        for data in ({"reply": {"rc": 1, "rs": 2}, "count": 3}, {"reply": "drop"}, {"reply": {"http": 503}}):
            rule = rule_from(data)
            assert rule_from(rule.to_dict()) == rule


class TestDelays:
    def test_calls_wait_side_by_side(self, lab: Lab) -> None:
        lab.world.gate.latency = Latency(read=5)
        with ThreadPoolExecutor(2) as pool:
            both = [pool.submit(lab.ask, LEVEL) for _ in range(2)]
            lab.clock.wait_for_sleepers(2)
            lab.clock.advance(5)
            assert [call.result(10).rs for call in both] == [710, 710]

    def test_directory_changes_wait_for_each_other(self, lab: Lab) -> None:
        lab.world.gate.latency = Latency(directory=5)
        lab.user("LNX1")
        first_done = threading.Event()
        with ThreadPoolExecutor(2) as pool:
            calls = [pool.submit(lab.ask, "Static_Image_Changes_Immediate_DM") for _ in range(2)]
            calls[0].add_done_callback(lambda _: first_done.set())
            calls[1].add_done_callback(lambda _: first_done.set())
            lab.clock.wait_for_sleepers(1)
            lab.clock.advance(5)
            assert first_done.wait(10)
            lab.clock.wait_for_sleepers(1)
            assert sorted(call.done() for call in calls) == [False, True]
            lab.clock.advance(5)

    def test_a_rule_delays_before_the_call_takes_effect(self, lab: Lab) -> None:
        lab.user("LNX1")
        lab.world.faults.add({"function": ACTIVATE, "delay": 30})
        with ThreadPoolExecutor(1) as pool:
            call = pool.submit(lab.ask, ACTIVATE)
            lab.clock.wait_for_sleepers(1)
            assert lab.ask(LEVEL).rs == 710
            assert lab.system.guests == {}
            lab.clock.advance(30)
            assert call.result(10).rc == 0
        assert "LNX1" in lab.system.guests


def test_an_unknown_function(lab: Lab) -> None:
    assert lab.codes("Virtual_Network_Vswitch_Paint") == (900, 12)
    assert not is_mutating("Virtual_Network_Vswitch_Paint")


def test_functions_that_only_ask_are_named_query_or_search() -> None:
    for name, function in FUNCTIONS.items():
        asks = "Query" in name or "Search" in name or name in ("Check_Authentication", "Response_Recovery")
        assert function.mutating is not asks, name


def test_a_function_that_asks_changes_nothing(lab: Lab) -> None:
    """Every query, with all its parameters, leaves the system as it was."""
    lab.switch(vlan_id="5", persist="YES")
    lab.user("LNX1", "NICDEF 1000 TYPE QDIO LAN SYSTEM VSW1", on=True)
    values = {"image_device_number": "*", "switch_name": "*", "lan_name": "VSW1", "lan_owner": "SYSTEM"}
    values |= {"search_pattern": "LNX", "vepa_status": "YES"}
    before = repr(lab.system)
    for name, function in FUNCTIONS.items():
        if not function.mutating:
            keys = {key: values[key] for key in function.parameters if key in values}
            lab.ask(name, **keys)
            assert repr(lab.system) == before, name
