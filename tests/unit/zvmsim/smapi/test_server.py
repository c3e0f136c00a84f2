"""SMAPI over TCP against a running simulator: the frames, who may call, connections, workers, TLS."""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.zvmsim.smapi.wire_client import Conversation, ask, body, frame, nul, number, text
from zvmsim.clock import VirtualClock
from zvmsim.dialects.smapi.config import config_from
from zvmsim.inventory import InventoryError
from zvmsim.inventory.reader import parse
from zvmsim.server import Simulator, inventory_text

LEVEL = "Query_API_Functional_Level"


def inventory(**smapi: object) -> dict[str, Any]:
    tree: dict[str, Any] = parse(inventory_text("two-systems"))  # type: ignore[assignment]
    for section in ("xcat", "feilong"):
        del tree[section]
    users = {"NEUTRON": {"password": "neutron1"}, "OPER": {"password": "oper1", "targets": "LNX1 zhcpa"}}
    tree["smapi"] = {"ZVMA": {"users": users} | smapi}
    return tree


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator.from_inventory(inventory()) as running:
        yield running


@pytest.fixture
def address(simulator: Simulator) -> tuple[str, int]:
    return simulator.smapi_addresses["ZVMA"]


class TestFrames:
    def test_the_functional_level_is_the_reason_code(self, address: tuple[str, int]) -> None:
        assert ask(address, body(LEVEL)).codes == (0, 710)

    def test_request_ids_differ(self, address: tuple[str, int]) -> None:
        assert ask(address, body(LEVEL)).request_id != ask(address, body(LEVEL)).request_id

    def test_the_id_comes_before_the_outcome(self, simulator: Simulator, address: tuple[str, int]) -> None:
        """While the world is held, the id is there already."""
        with Conversation(address) as conversation:
            with simulator.world.lock:
                conversation.send(frame(body(LEVEL)))
                assert conversation.number() > 0
            assert conversation.take(8)[:4] == number(12)

    def test_the_legacy_frame_needs_no_userid(self, address: tuple[str, int]) -> None:
        response = ask(address, b"\xffSystem_Info_Query\0")
        assert response.codes == (0, 0)
        assert response.payload == ask(address, body("System_Info_Query")).payload
        assert len(response.payload.split(b"\0")) == 7

    @pytest.mark.parametrize("data", [b"\xffImage_Activate\0", b"\xffQuery_API_Functional_Level\0"])
    def test_nothing_else_does(self, address: tuple[str, int], data: bytes) -> None:
        assert ask(address, data).codes == (120, 0)

    @pytest.mark.parametrize(
        ("data", "codes"),
        [
            (b"", (900, 20)),
            (b"\0\0", (900, 20)),
            (text("Image_Activate"), (900, 20)),
            (number(1000) + b"Image_Activate", (900, 36)),
            (number(60) + b"Image_Activate", (900, 36)),
            (text(LEVEL) + text("NEUTRON") + number(-1), (900, 36)),
            (body(LEVEL) + b"\0", (900, 20)),
            (body("Image_Paint"), (900, 12)),
            (body("Image_Deactivate"), (900, 20)),
            (body("Image_Deactivate", "LNX1", number(7) + b"IMMED"), (900, 36)),
            (body("Virtual_Network_LAN_Access_Query", "X", b"LAN\0OWNER"), (900, 20)),
            (body("Virtual_Network_Adapter_Query_Extended", "X", number(9) + b"a=b\0"), (900, 36)),
            (body("Virtual_Network_Vswitch_Query_Extended", "X", nul("swich_name=*")), (8, 3002)),
            (body("Virtual_Network_Vswitch_Query_Extended", "X"), (8, 3004)),
            (body("Virtual_Network_Vswitch_Query", "X", text("")), (24, 110)),
        ],
    )
    def test_what_is_no_request(
        self, address: tuple[str, int], data: bytes, codes: tuple[int, int]
    ) -> None:
        response = ask(address, data)
        assert (response.codes, response.payload) == (codes, b"")

    def test_a_length_beyond_reason_is_refused_unread(self, address: tuple[str, int]) -> None:
        for length in (1 << 20 | 1, 0x7FFFFFFF, 0xFFFFFFFF):
            with Conversation(address) as conversation:
                conversation.send(struct.pack(">I", length))
                assert conversation.response().codes == (900, 36)

    def test_a_large_request_is_taken(self, address: tuple[str, int]) -> None:
        record = "* " + "x" * 70
        records = text("USER BIG LBYONLY 1G 1G G") + text(record) * 12_000
        created = ask(address, body("Image_Create_DM", "BIG", text("") * 3 + frame(records)))
        assert (created.codes, created.payload) == ((0, 0), number(-1))
        assert len(ask(address, body("Image_Query_DM", "BIG")).payload) == 4 + 12_001 * 76

    def test_a_request_in_pieces(self, address: tuple[str, int]) -> None:
        with Conversation(address) as conversation:
            for byte in frame(body(LEVEL)):
                conversation.send(bytes([byte]))
            assert conversation.response().codes == (0, 710)

    def test_a_client_that_ends_too_early_gets_nothing(self, address: tuple[str, int]) -> None:
        with Conversation(address) as conversation:
            conversation.send(frame(body(LEVEL))[:-3])
            conversation.socket.shutdown(socket.SHUT_WR)
            with pytest.raises(EOFError, match="0 of 4"):
                conversation.number()

    def test_a_request_that_comes_twice_runs_twice(
        self, simulator: Simulator, address: tuple[str, int]
    ) -> None:
        create = body("Image_Create_DM", "NEW", text("") * 3 + frame(text("USER NEW LBYONLY 1G 1G G")))
        assert [ask(address, create).codes for _ in range(2)] == [(0, 0), (400, 8)]


class TestWhoMayCall:
    @pytest.mark.parametrize(
        ("user", "password"),
        [
            ("NEUTRON", "wrong"),
            ("NEUTRON", ""),
            ("NEUTRON", "neutron12"),
            ("NOBODY", "neutron1"),
            ("NOBODY", ""),
            ("", ""),
            ("NEUTRON", "neutrön1"),
        ],
    )
    def test_others_are_turned_away(
        self, simulator: Simulator, address: tuple[str, int], user: str, password: str
    ) -> None:
        assert ask(address, body(LEVEL, user=user, password=password)).codes == (120, 0)
        (entry,) = simulator.world.journal.entries()
        assert (entry.call.function, entry.call.caller, entry.rc) == (LEVEL, "", 120)

    def test_the_caller_is_the_userid_in_any_case(
        self, simulator: Simulator, address: tuple[str, int]
    ) -> None:
        assert ask(address, body(LEVEL, user="neutron")).rc == 0
        (entry,) = simulator.world.journal.entries()
        assert entry.call.caller == "NEUTRON"

    def test_passwords_stay_out_of_the_journal(
        self, simulator: Simulator, address: tuple[str, int]
    ) -> None:
        ask(address, body(LEVEL))
        ask(address, body(LEVEL, user="neutron1", password="NEUTRON"))
        create = text("") + text("s3cret") + text("") + frame(text("USER X s3cret"))
        assert ask(address, body("Image_Create_DM", "X", create)).codes == (0, 0)
        seen = repr(simulator.world.journal.entries())
        assert "neutron1" not in seen
        assert "s3cret" not in seen

    @pytest.mark.parametrize(("target", "rc"), [("LNX1", 0), ("zhcpa", 0), ("XCAT", 100), ("*", 100)])
    def test_some_may_name_only_their_targets(
        self, address: tuple[str, int], target: str, rc: int
    ) -> None:
        assert ask(address, body("Image_Status_Query", target, user="OPER", password="oper1")).rc == rc

    def test_a_lock_is_the_callers(self, simulator: Simulator, address: tuple[str, int]) -> None:
        assert ask(address, body("Image_Lock_DM", "ZHCPA", text(""))).codes == (0, 0)
        other = body("Image_Lock_DM", "ZHCPA", text(""), "OPER", "oper1")
        assert ask(address, other).codes == (400, 12)
        query = ask(address, body("Image_Lock_Query_DM", "ZHCPA"))
        assert (query.codes, query.payload) == ((0, 12), text("IMAGE NEUTRON") + number(0))


class TestConnections:
    def test_many_at_once(self, address: tuple[str, int]) -> None:
        held = [Conversation(address) for _ in range(100)]
        for conversation in held:
            conversation.send(frame(body(LEVEL)))
        assert {conversation.response().codes for conversation in held} == {(0, 710)}
        for conversation in held:
            conversation.socket.close()

    def test_an_event_subscription_stays_open(self, address: tuple[str, int]) -> None:
        with Conversation(address) as conversation:
            conversation.send(frame(body("Event_Subscribe", "MAINT", text("*"))))
            conversation.number()
            assert ask(address, body(LEVEL)).rc == 0
            conversation.socket.settimeout(0.05)
            with pytest.raises(TimeoutError):
                conversation.socket.recv(1)

    def test_a_subscription_that_fails_is_answered(self, address: tuple[str, int]) -> None:
        assert ask(address, body("Event_Subscribe", "X", password="wrong")).codes == (120, 0)

    @pytest.mark.parametrize(("when", "exists"), [("before", False), ("after", True)])
    def test_a_dropped_call_leaves_only_its_id(
        self, simulator: Simulator, address: tuple[str, int], when: str, exists: bool
    ) -> None:
        simulator.world.faults.add({"function": "Virtual_Network_Vswitch_*", "when": when, "reply": "drop"})
        with Conversation(address) as conversation:
            create = nul("switch_name=NEW", "transport_type=ETHERNET")
            conversation.send(frame(body("Virtual_Network_Vswitch_Create_Extended", "SYSTEM", create)))
            conversation.number()
            with pytest.raises(EOFError):
                conversation.number()
        assert ("NEW" in simulator.world.systems["ZVMA"].vswitches) is exists

    def test_stopping_waits_for_nobody_who_hangs_on(self) -> None:
        simulator = Simulator.from_inventory(inventory())
        simulator.start()
        address = simulator.smapi_addresses["ZVMA"]
        idle, subscribed = Conversation(address), Conversation(address)
        subscribed.send(frame(body("Event_Subscribe", "MAINT")))
        subscribed.number()
        begin = time.monotonic()
        simulator.stop()
        assert time.monotonic() - begin < 10
        for conversation in (idle, subscribed):
            assert conversation.socket.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            Conversation(address)
        assert simulator.smapi_addresses == {}
        simulator.stop()


class TestWorkers:
    @pytest.mark.parametrize(("workers", "at_once"), [("2", 2), (None, 5)])
    def test_so_many_functions_run_at_once(self, workers: str | None, at_once: int) -> None:
        clock = VirtualClock()
        tree = inventory(**{"workers": workers} if workers else {})
        tree["latency"] = {"read": "5"}
        with Simulator.from_inventory(tree, clock=clock) as simulator:
            held = [Conversation(simulator.smapi_addresses["ZVMA"]) for _ in range(5)]
            for conversation in held:
                conversation.send(frame(body(LEVEL)))
                conversation.number()
            clock.wait_for_sleepers(at_once)
            for _ in range(5):
                clock.advance(5)
            answered = threading.Event()
            pusher = threading.Thread(target=_push, args=(clock, answered), daemon=True)
            pusher.start()
            assert [conversation.take(16)[8:] for conversation in held] == [number(0) + number(710)] * 5
            answered.set()
            pusher.join()


def _push(clock: VirtualClock, answered: threading.Event) -> None:
    while not answered.wait(0.01):
        clock.advance(5)


def test_tls_with_the_simulators_certificate() -> None:
    with Simulator.from_inventory(inventory(tls="yes")) as simulator:
        address = simulator.smapi_addresses["ZVMA"]
        context = ssl.create_default_context(cafile=str(simulator.ca_file))
        assert ask(address, body(LEVEL), context).codes == (0, 710)
        with Conversation(address) as plain:
            plain.send(frame(body(LEVEL)))
            with pytest.raises((EOFError, ConnectionError)):
                plain.take(64)
        assert ask(address, body(LEVEL), context).codes == (0, 710)


def test_one_certificate_serves_the_management_node_and_smapi() -> None:
    tree: dict[str, Any] = parse(inventory_text("one-system"))  # type: ignore[assignment]
    tree["smapi"]["ZVMA"]["tls"] = "yes"
    with Simulator.from_inventory(tree) as simulator:
        context = ssl.create_default_context(cafile=str(simulator.ca_file))
        assert ask(simulator.smapi_addresses["ZVMA"], body(LEVEL), context).codes == (0, 710)
        assert simulator.xcat_url.startswith("https://")


def test_another_inventory_is_answered_from_at_once(simulator: Simulator) -> None:
    address = simulator.smapi_addresses["ZVMA"]
    text_of = simulator.dump_inventory()
    assert "neutron1" in text_of
    simulator.replace_inventory(text_of.replace("level: 710", "level: 720").replace("neutron1", "other"))
    assert ask(address, body(LEVEL)).codes == (120, 0)
    assert ask(address, body(LEVEL, password="other")).codes == (0, 720)


@pytest.mark.parametrize("name", ["one-system", "two-systems"])
def test_shipped_inventories_answer_neutron(name: str) -> None:
    with Simulator.from_inventory(name) as simulator:
        assert set(simulator.smapi_addresses) == set(simulator.world.systems)
        for address in simulator.smapi_addresses.values():
            assert ask(address, body(LEVEL)).codes == (0, 710)


@pytest.mark.parametrize(
    ("section", "complaint"),
    [
        ("x", "smapi: not a mapping of names to values"),
        ({"ZVMQ": {"users": {"A": {"password": "x"}}}}, "smapi.ZVMQ: no such system in the inventory"),
        ({"ZVMA": {}}, "smapi.ZVMA.users: there is none"),
        ({"ZVMA": {"users": {"A": {}}}}, "smapi.ZVMA.users.A.password: is missing"),
        ({"ZVMA": {"users": {"A": {"password": " "}}}}, "smapi.ZVMA.users.A.password: is empty"),
        ({"ZVMA": {"users": {"A": {"password": "x"}, "&": {"password": "x"}}}}, "smapi.ZVMA.users.&: "),
        ({"ZVMA": {"users": {"A": {"password": "x", "target": "B"}}}}, "users.A.target: unknown key"),
        ({"ZVMA": {"port": "70000", "users": {"A": {"password": "x"}}}}, "smapi.ZVMA.port: "),
        ({"ZVMA": {"workers": "0", "users": {"A": {"password": "x"}}}}, "smapi.ZVMA.workers: "),
        (
            {name: {"port": "4444", "users": {"A": {"password": "x"}}} for name in ("ZVMA", "ZVMB")},
            "smapi.ZVMB.port: 4444 is ZVMA's",
        ),
    ],
)
def test_a_wrong_section_is_named_with_its_place(section: object, complaint: str) -> None:
    with pytest.raises(InventoryError, match=complaint.replace("[", "\\[")) as caught:
        Simulator.from_inventory(inventory() | {"smapi": section})
    assert len(caught.value.errors) == 1


def test_accounts_do_not_show_their_passwords() -> None:
    section = {"ZVMA": {"users": {"A": {"password": "s3cret"}}}}
    assert "s3cret" not in repr(config_from(section, ["ZVMA"]))
