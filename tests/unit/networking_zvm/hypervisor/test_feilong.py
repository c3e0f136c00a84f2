"""What the Feilong driver asks, keeps and concludes, against a server that answers from tables."""

import copy
import json
import socket
from collections.abc import Callable, Iterator
from typing import cast

import pytest

from networking_zvm import errors, model, settings
from networking_zvm.hypervisor import base
from networking_zvm.hypervisor.feilong import FeilongHypervisor
from networking_zvm.hypervisor.feilong_changes import merge
from tests.unit.networking_zvm.hypervisor import faulty_server
from tests.unit.networking_zvm.hypervisor.faulty_server import FaultyServer, Request
from tests.unit.networking_zvm.hypervisor.test_feilong_readings import HOST, VSWITCH

PREFIX = model.MacPrefix("02:00:0c")
VSW1, VSW2 = model.VSwitchName("VSW1"), model.VSwitchName("VSW2")
MAC = model.Mac("02:00:0c:00:00:01")
NOT_THERE = {"overallRC": 8, "rc": 400, "rs": 4, "modID": 1, "errmsg": "not found", "output": ""}
BROKEN = {"overallRC": 500, "rc": 500, "rs": 1, "modID": 100, "errmsg": "unexpected", "output": ""}


def nic(userid: str, vdev: str = "1000") -> model.NicAddress:
    return model.NicAddress(model.Userid(userid), model.Vdev(vdev))


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Feilong:
    """Answers reads from its tables, and every change with success. answers: by path, in place of those."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []
        self.vswitches = {"VSW1": vswitch("VSW1"), "VSW2": vswitch("VSW2")}
        self.directory: dict[str, list[str]] = {}
        self.on: set[str] = set()
        self.host = dict(HOST)
        self.answers: dict[str, dict[str, object]] = {}
        self.requests: list[str] = []
        self.bodies: list[object] = []

    def __call__(self, connection: socket.socket, request: Request) -> None:
        self.requests.append(f"{request.method} {request.target}")
        if request.method != "GET":
            self.bodies.append(json.loads(request.body))
        path = request.target.partition("?")[0]
        found = self.answers.get(request.target) or self._read(path.split("/")[1:])
        faulty_server.http(200, json.dumps(found))(connection, request)

    def guest(self, userid: str, *coupling: str, switch: str | None = None, vdev: str = "1000") -> None:
        """A guest with one NIC. coupling: statements that follow its definition."""
        self.rows.append({"userid": userid, "interface": vdev, "switch": switch, "port": f"p-{userid}"})
        nicdef = f"NICDEF {vdev} TYPE QDIO MACID 000001"
        self.directory[userid] = [f"USER {userid} ******", nicdef, *coupling, ""]

    def couple_live(self, userid: str, name: str = "VSW1", mac: str = "02-00-0C-00-00-01") -> None:
        adapters = cast(dict[str, object], self.vswitches[name]["adapters"])
        adapters[f"{userid}_1000"] = {"mac": mac, "type": "QDIO"}

    def asked(self, *parts: str) -> list[str]:
        """The paths that were asked since the last time and hold one of these."""
        found = [path for path in self.requests if any(part in path for part in parts)]
        self.requests.clear()
        return found

    def _read(self, words: list[str]) -> dict[str, object]:
        match words:
            case [""]:
                output: object = {"version": "1.6.3"}
            case ["host"]:
                output = self.host
            case ["guests", "nics"]:
                output = self.rows
            case ["vswitches"]:
                output = list(self.vswitches)
            case ["vswitches", name]:
                output = self.vswitches[name]
            case ["guests", userid, "user_direct"] if userid in self.directory:
                output = {"user_direct": self.directory[userid]}
            case ["guests", userid, "power_state_real"]:
                output = "on" if userid in self.on else "off"
            case ["guests", _, "user_direct"]:
                return NOT_THERE
            case _:
                output = ""
        return {"overallRC": 0, "rc": 0, "rs": 0, "modID": None, "errmsg": "", "output": output}


def vswitch(name: str) -> dict[str, object]:
    empty: dict[str, object] = {"switch_name": name, "adapters": {}, "authorized_users": {}}
    return copy.deepcopy(VSWITCH) | empty


@pytest.fixture
def feilong(server: FaultyServer) -> Feilong:
    fake = Feilong()
    server.script = [fake]
    return fake


@pytest.fixture
def clock() -> Clock:
    return Clock()


Build = Callable[..., FeilongHypervisor]


@pytest.fixture
def build(server: FaultyServer, ca_file: str, clock: Clock) -> Iterator[Build]:
    made: list[FeilongHypervisor] = []

    def driver(prefix: model.MacPrefix | None = PREFIX) -> FeilongHypervisor:
        values = settings.FeilongSettings(server.url, tls=settings.Tls(ca_file), timeout=5.0)
        made.append(FeilongHypervisor(values, 6, prefix, clock))
        return made[-1]

    yield driver
    for each in made:
        each.close()


@pytest.fixture
def driver(build: Build) -> FeilongHypervisor:
    return build()


READS = ("user_direct", "power_state")


def test_a_guest_that_nobody_coupled_is_not_read(feilong: Feilong, driver: FeilongHypervisor) -> None:
    feilong.guest("G1")
    assert driver.observe().directory == {nic("G1"): model.DirectoryNic(nic("G1"), confirmed=False)}
    assert feilong.asked(*READS) == []


def test_a_guest_is_read_once(feilong: Feilong, driver: FeilongHypervisor) -> None:
    feilong.guest("G1", "NICDEF 1000 LAN SYSTEM VSW1 VLAN 100 PORTTYPE ACCESS", switch="VSW1")
    expected = model.DirectoryNic(nic("G1"), "000001", VSW1, frozenset({model.VlanId(100)}))
    for reads in (2, 0, 0):
        assert driver.observe().directory == {nic("G1"): expected}
        assert len(feilong.asked(*READS)) == reads


def test_a_guest_with_a_live_nic_is_on_without_a_question(
    feilong: Feilong, driver: FeilongHypervisor
) -> None:
    feilong.guest("G1")
    feilong.couple_live("G1")
    feilong.couple_live("STRANGER", mac="02-00-01-00-00-07")
    system = driver.observe()
    assert system.logged_on == {"G1", "STRANGER"}
    assert system.live[nic("G1")] == model.LiveNic(nic("G1"), MAC, VSW1)
    assert feilong.asked(*READS) == ["GET /guests/G1/user_direct"]


def test_what_shows_a_change_makes_a_guest_read_again(feilong: Feilong, driver: FeilongHypervisor) -> None:
    feilong.guest("G1", switch="VSW1")
    feilong.guest("G2", switch="VSW1")
    driver.observe()
    feilong.asked()
    feilong.rows[0]["switch"] = None
    driver.observe()
    assert feilong.asked("user_direct") == ["GET /guests/G1/user_direct"]
    feilong.couple_live("G2")
    driver.observe()
    assert feilong.asked("user_direct") == ["GET /guests/G2/user_direct"]
    driver.change([base.Uncouple(nic("G1"), directory=True, live=False)])
    driver.observe()
    assert feilong.asked("user_direct") == ["GET /guests/G1/user_direct"]


def test_every_guest_is_read_anew_within_ten_minutes_of_audits(
    feilong: Feilong, driver: FeilongHypervisor, clock: Clock
) -> None:
    for number in range(20):
        feilong.guest(f"G{number}", switch="VSW1")
    driver.observe()
    feilong.asked()
    per_look = []
    everyone: set[str] = set()
    for _ in range(11):
        clock.now += 60.0
        driver.observe()
        asked = feilong.asked("user_direct")
        per_look.append(len(asked))
        everyone.update(asked)
    assert len(everyone) == 20
    assert max(per_look) <= 3


def test_looks_in_quick_succession_read_nobody_anew(feilong: Feilong, driver: FeilongHypervisor) -> None:
    feilong.guest("G1", switch="VSW1")
    driver.observe()
    feilong.asked()
    for _ in range(5):
        driver.observe()
    assert feilong.asked(*READS) == []


def test_an_entry_edited_by_hand_is_found_in_turn(
    feilong: Feilong, driver: FeilongHypervisor, clock: Clock
) -> None:
    feilong.guest("G1", switch="VSW1")
    driver.observe()
    feilong.directory["G1"].insert(2, "NICDEF 1000 LAN SYSTEM VSW2")
    clock.now += 600.0
    assert driver.observe().directory[nic("G1")].vswitch == VSW2


def test_a_guest_that_cannot_be_read_keeps_what_was_known(
    feilong: Feilong, driver: FeilongHypervisor, caplog: pytest.LogCaptureFixture
) -> None:
    feilong.guest("G1", "NICDEF 1000 LAN SYSTEM VSW1", switch="VSW1")
    before = driver.observe()
    feilong.couple_live("G1")
    feilong.answers["/guests/G1/user_direct"] = BROKEN
    for _ in range(2):
        assert driver.observe().directory == before.directory
    assert caplog.text.count("cannot be read") == 1


def test_a_guest_of_which_nothing_is_known_is_not_changed(
    feilong: Feilong, driver: FeilongHypervisor
) -> None:
    feilong.guest("G1", switch="VSW1")
    feilong.guest("G2", switch="VSW1")
    feilong.directory["G1"].append("NICDEF 1000 LAN")
    system = driver.observe()
    assert not system.directory[nic("G1")].confirmed
    assert system.directory[nic("G2")].confirmed
    with pytest.raises(base.ChangeFailed) as caught:
        driver.change([base.Couple(nic("G1"), MAC, VSW1, directory=True, live=False)])
    assert isinstance(caught.value.cause, errors.Busy)
    assert feilong.bodies == []


def test_a_guest_that_is_no_more_is_forgotten(feilong: Feilong, driver: FeilongHypervisor) -> None:
    feilong.guest("G1", switch="VSW1")
    driver.observe()
    feilong.rows.clear()
    assert nic("G1") in driver.observe().directory
    del feilong.directory["G1"]
    driver.change([base.Uncouple(nic("G1"), directory=True, live=False)])
    assert driver.observe().directory == {}
    feilong.asked()
    driver.observe()
    assert feilong.asked(*READS) == []


def test_odd_rows_are_told_once(
    feilong: Feilong, driver: FeilongHypervisor, caplog: pytest.LogCaptureFixture
) -> None:
    feilong.guest("G1")
    feilong.rows.append({"userid": "G2", "interface": "wxyz", "switch": None, "port": "p2"})
    for _ in range(2):
        assert driver.observe().directory.keys() == {nic("G1")}
    assert [record.port_id for record in driver.port_records()] == ["p-G1"]
    assert caplog.text.count("left out") == 1


def test_a_vswitch_that_goes_during_the_look_is_left_out(
    feilong: Feilong, driver: FeilongHypervisor
) -> None:
    gone = {"overallRC": 404, "rc": 404, "rs": 1, "modID": 20, "errmsg": "Vswitch VSW2 does not exist."}
    feilong.answers["/vswitches/VSW2"] = {**gone, "output": ""}
    assert driver.observe().vswitches.keys() == {"VSW1"}


def test_a_look_with_a_vswitch_unread_is_not_trusted(feilong: Feilong, driver: FeilongHypervisor) -> None:
    feilong.answers["/vswitches/VSW2"] = {**NOT_THERE, "rc": 212, "rs": 8}
    with pytest.raises(errors.Untrusted):
        driver.observe()
    feilong.answers["/vswitches/VSW2"] = {**NOT_THERE, "overallRC": 0, "output": feilong.vswitches["VSW1"]}
    with pytest.raises(errors.Untrusted, match="another vswitch"):
        driver.observe()


def test_a_nic_seen_twice_is_not_trusted(feilong: Feilong, driver: FeilongHypervisor) -> None:
    feilong.couple_live("G1", "VSW1")
    feilong.couple_live("G1", "VSW2")
    with pytest.raises(errors.Untrusted, match="two vswitches"):
        driver.observe()


def test_the_host_is_asked_rarely(feilong: Feilong, driver: FeilongHypervisor, clock: Clock) -> None:
    for now, times in ((0, 1), (60, 0), (599, 0), (600, 1), (660, 0)):
        clock.now = now
        driver.observe()
        assert len(feilong.asked("/host")) == times


def test_the_host_is_asked_after_a_failure(feilong: Feilong, driver: FeilongHypervisor) -> None:
    driver.observe()
    feilong.answers["/vswitches"] = BROKEN
    with pytest.raises(errors.Unknown):
        driver.observe()
    feilong.answers.clear()
    feilong.host["ipl_time"] = "IPL at 11/23/26 08:00:00 UTC"
    assert driver.observe().ipl_time == "IPL at 11/23/26 08:00:00 UTC"


@pytest.mark.parametrize("loss", ["vswitch", "guest"])
def test_the_host_is_asked_when_something_hints_at_an_ipl(
    feilong: Feilong, driver: FeilongHypervisor, clock: Clock, loss: str
) -> None:
    feilong.couple_live("G1")
    driver.observe()
    feilong.asked()
    if loss == "vswitch":
        del feilong.vswitches["VSW2"]
    else:
        feilong.vswitches["VSW1"]["adapters"] = {}
    driver.observe()
    assert feilong.asked("/host") == []
    clock.now = 60.0
    driver.observe()
    assert feilong.asked("/host") == ["GET /host"]


def test_the_prefix_is_learned_from_feilongs_own_guest(feilong: Feilong, build: Build) -> None:
    feilong.directory["OPNCLOUD"] = ["USER OPNCLOUD ******", "NICDEF 1000 TYPE QDIO MACID 000001"]
    feilong.couple_live("OPNCLOUD", mac="02-AA-BB-00-00-01")
    driver = build(prefix=None)
    assert driver.observe().mac_prefix == "02:aa:bb"
    assert driver.describe().mac_prefix == "02:aa:bb"
    driver.maintain()


def test_without_any_sign_of_the_prefix_the_operator_is_asked(feilong: Feilong, build: Build) -> None:
    feilong.guest("G1")
    feilong.couple_live("G1", mac="02-00-01-00-00-07")
    with pytest.raises(errors.Untrusted, match="set user_prefix"):
        build(prefix=None).observe()


def test_a_prefix_that_live_nics_contradict_is_told(feilong: Feilong, build: Build) -> None:
    feilong.guest("G1")
    feilong.couple_live("G1", mac="02-AA-BB-00-00-01")
    driver = build()
    assert driver.observe().mac_prefix == PREFIX
    with pytest.raises(errors.ConfigurationError, match="02:aa:bb"):
        driver.maintain()


def test_a_nic_is_named_as_feilong_spells_it(feilong: Feilong, driver: FeilongHypervisor) -> None:
    feilong.guest("G1", vdev="a03")
    driver.change([base.Couple(nic("G1", "0A03"), MAC, VSW1, directory=True, live=False)])
    assert "PUT /guests/G1/nic/a03" in feilong.requests
    assert feilong.bodies == [{"info": {"couple": True, "active": False, "vswitch": "VSW1"}}]


def test_names_are_quoted(feilong: Feilong, driver: FeilongHypervisor) -> None:
    driver.change([base.Deauthorize(model.Userid("G#1"), VSW1)])
    driver.change([base.RemoveNic(nic("G#1"), live=False)])
    assert "DELETE /guests/G%231/nic/1000" in feilong.requests


def test_a_nic_is_defined_and_removed(feilong: Feilong, driver: FeilongHypervisor) -> None:
    driver.change([base.DefineNic(nic("G1"), MAC, VSW1), base.RemoveNic(nic("G1"), live=True)])
    assert feilong.bodies == [
        {"nic": {"vdev": "1000", "mac_addr": str(MAC), "active": False}},
        {"info": {"couple": True, "active": False, "vswitch": "VSW1"}},
        {"active": True},
    ]


def test_a_nic_is_made_for_its_port_and_live_if_the_guest_runs(
    feilong: Feilong, driver: FeilongHypervisor
) -> None:
    off = {"overallRC": 409, "rc": 409, "rs": 1, "modID": 20, "output": ""}
    text = "VM G1 is not in active status"
    wanted = {"vdev": "1000", "mac_addr": str(MAC), "nic_id": "port"}
    driver.change([base.DefineNic(nic("G1"), MAC, None, "port", live=True)])
    assert feilong.bodies == [{"nic": {**wanted, "active": True}}]
    feilong.bodies.clear()
    feilong.answers["/guests/G1/nic"] = {**off, "errmsg": text}
    with pytest.raises(base.ChangeFailed):
        driver.change([base.DefineNic(nic("G1"), MAC, None, "port", live=True)])
    assert feilong.bodies == [{"nic": {**wanted, "active": active}} for active in (True, False)]


def test_a_nic_that_was_taken_away_meanwhile_is_made_again(
    feilong: Feilong, driver: FeilongHypervisor
) -> None:
    """Whatever was read of Feilong's table before."""
    feilong.guest("G1")
    driver.observe()
    feilong.rows.clear()
    driver.change([base.DefineNic(nic("G1"), MAC, None)])
    assert feilong.bodies == [{"nic": {"vdev": "1000", "mac_addr": str(MAC), "active": False}}]


def test_a_nic_is_made_anew_in_one_go(feilong: Feilong, driver: FeilongHypervisor) -> None:
    feilong.guest("G1")
    driver.change([base.RemoveNic(nic("G1"), live=False), base.DefineNic(nic("G1"), MAC, None)])
    assert len(feilong.bodies) == 2


def test_a_nic_with_a_row_cannot_be_made_live_alone(feilong: Feilong, driver: FeilongHypervisor) -> None:
    feilong.guest("G1")
    adapters = {"adapters": [{"adapter_address": "2000"}]}
    answer = {"overallRC": 0, "rc": 0, "rs": 0, "modID": None, "errmsg": "", "output": adapters}
    feilong.answers["/guests/G1/adapters"] = answer
    with pytest.raises(base.ChangeFailed, match="next logon"):
        driver.change([base.DefineNic(nic("G1"), MAC, None, live=True)])
    assert feilong.bodies == []


def test_one_guest_is_looked_at_alone(feilong: Feilong, driver: FeilongHypervisor) -> None:
    feilong.guest("G1")
    feilong.guest("G2")
    answer = {"overallRC": 8, "rc": 200, "rs": 12, "modID": 1, "errmsg": "off", "output": ""}
    feilong.answers["/guests/G1/adapters"] = answer
    view = driver.look_at(model.Userid("G1"))
    assert view.nics.keys() == {"1000"}
    assert view.nics[model.Vdev("1000")].port_ids == {"p-G1"}
    asked = ["nics?userid=G1", "G1/user_direct", "G1/adapters"]
    assert feilong.requests == [f"GET /guests/{path}" for path in asked]
    with pytest.raises(errors.Gone):
        driver.look_at(model.Userid("G9"))


def test_a_look_that_is_refused_tells_nothing(feilong: Feilong, driver: FeilongHypervisor) -> None:
    feilong.answers["/guests/G1/user_direct"] = NOT_THERE | {"rc": 100, "rs": 8}
    with pytest.raises(errors.Untrusted):
        driver.look_at(model.Userid("G1"))


def test_no_change_is_no_request(feilong: Feilong, driver: FeilongHypervisor) -> None:
    driver.change([])
    assert feilong.requests == []


def halves(address: model.NicAddress) -> tuple[base.Couple, base.Couple]:
    directory = base.Couple(address, MAC, VSW1, directory=True, live=False)
    return directory, base.Couple(address, MAC, VSW1, directory=False, live=True)


def test_two_halves_of_a_coupling_are_one_request() -> None:
    (first, first_live), (second, second_live) = halves(nic("G1")), halves(nic("G1", "1003"))
    both = [base.Couple(half.address, MAC, VSW1, directory=True, live=True) for half in (first, second)]
    assert list(merge([first, first_live])) == [(0, both[0])]
    assert list(merge([first, second, first_live, second_live])) == list(enumerate(both))
    between = base.Uncouple(first.address, directory=True, live=True)
    apart: list[base.GuestChange] = [first, between, first_live]
    assert list(merge(apart)) == list(enumerate(apart))
    assert list(merge([first_live, first])) == [(0, first_live), (1, first)]
