"""The Feilong driver against the real server on a simulated z/VM: every effect is seen there."""

import contextlib
import itertools
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import requests

from networking_zvm import errors, model
from networking_zvm.hypervisor import base
from networking_zvm.hypervisor.feilong import FeilongHypervisor
from networking_zvm.settings import FeilongSettings, Tls
from tests.scenarios.site import Clock, inventory
from zvmlab.feilong import Feilong
from zvmsim import oracle
from zvmsim.faults import Codes, Drop, Rule
from zvmsim.server import Simulator
from zvmsim.world.behaviour import Behaviour
from zvmsim.world.system import System

FLAT, DATA = model.VSwitchName("XCATVSW2"), model.VSwitchName("DATANET1")
PREFIX = model.MacPrefix("02:00:00")
REQUEST = re.compile(r'"(GET|POST|PUT|DELETE) (\S+) HTTP')


def vlans(*numbers: int) -> frozenset[model.VlanId]:
    return frozenset(map(model.VlanId, numbers))


class Site:
    """System ZVMA with its Feilong, and Nova's part played by hand."""

    def __init__(self, simulator: Simulator, feilong: Feilong) -> None:
        self.simulator = simulator
        self.world = simulator.world
        self.feilong = feilong
        self.hypervisor = self.connect()
        self._numbers = itertools.count(1)

    @property
    def system(self) -> System:
        return self.world.systems["ZVMA"]

    def settings(self) -> FeilongSettings:
        token_file = str(self.feilong.admin_token_file) if self.feilong.admin_token_file else None
        return FeilongSettings(self.feilong.url, token_file, Tls(str(self.feilong.ca_file)), timeout=20.0)

    def connect(self, prefix: model.MacPrefix | None = PREFIX, **changes: object) -> FeilongHypervisor:
        return FeilongHypervisor(replace(self.settings(), **changes), 6, prefix)  # type: ignore[arg-type]

    def guest(self, nics: int = 1, *, on: bool = False) -> list[model.NicAddress]:
        """As Nova made it: the guest, and NICs 1000, 1003 ... whose port ids are its name and theirs."""
        userid = model.Userid(f"G{next(self._numbers):04}")
        guest = {"userid": userid, "vcpus": 1, "memory": 512, "disk_list": []}
        self.rest("POST", "/guests", {"guest": guest})
        made = [self.nic(userid, f"{0x1000 + 3 * number:04x}") for number in range(nics)]
        if on:
            self.logon(userid)
        return made

    def nic(self, userid: model.Userid, vdev: str) -> model.NicAddress:
        address = model.NicAddress(userid, model.Vdev(vdev))
        nic = {"vdev": vdev, "nic_id": f"port of {address}", "mac_addr": str(self.mac(address))}
        self.rest("POST", f"/guests/{userid}/nic", {"nic": nic})
        return address

    @staticmethod
    def mac(address: model.NicAddress) -> model.Mac:
        return model.Mac.assemble(PREFIX, f"{address.userid[-2:]}{address.vdev}")

    def couple(
        self,
        address: model.NicAddress,
        vswitch: model.VSwitchName = DATA,
        *numbers: int,
        directory: bool = True,
        live: bool = False,
    ) -> base.Couple:
        return base.Couple(address, self.mac(address), vswitch, directory, live, vlans(*numbers))

    def row(self, address: model.NicAddress) -> dict[str, object]:
        """What Feilong's own table says."""
        rows = self.rest("GET", f"/guests/nics?userid={address.userid}")
        return next(row for row in rows if row["interface"].upper() == address.vdev)

    def rest(self, method: str, path: str, body: object = None) -> Any:
        headers = {}
        if self.feilong.admin_token_file:
            admin = {"X-Admin-Token": self.feilong.admin_token_file.read_text()}
            token = self._send("POST", "/token", None, admin).headers["X-Auth-Token"]
            headers = {"X-Auth-Token": token}
        answer = self._send(method, path, body, headers).json()
        assert answer["overallRC"] == 0, answer
        return answer["output"]

    def _send(self, method: str, path: str, body: object, headers: dict[str, str]) -> requests.Response:
        url, ca_file = self.feilong.url + path, str(self.feilong.ca_file)
        return requests.request(method, url, json=body, headers=headers, verify=ca_file, timeout=20)

    def logon(self, userid: str) -> None:
        self.simulator.control.logon("ZVMA", userid)

    def logoff(self, userid: str) -> None:
        self.simulator.control.logoff("ZVMA", userid)

    def reaches(self, source: model.NicAddress, destination: model.NicAddress) -> bool:
        ends = [oracle.NicAddress("ZVMA", nic.userid, nic.vdev) for nic in (source, destination)]
        return oracle.reach(oracle.snapshot(self.world), ends[0], ends[1], None).ok

    def failure(self, *changes: base.GuestChange) -> tuple[int, errors.HypervisorError]:
        with pytest.raises(base.ChangeFailed) as caught:
            self.hypervisor.change(changes)
        return caught.value.position, caught.value.cause

    @contextlib.contextmanager
    def fault(self, rule: Rule) -> Iterator[None]:
        self.world.faults.add(rule)
        try:
            yield
        finally:
            self.world.faults.clear()

    @contextlib.contextmanager
    def behaving(self, behaviour: Behaviour) -> Iterator[None]:
        before, self.system.behaviour = self.system.behaviour, behaviour
        try:
            yield
        finally:
            self.system.behaviour = before


def wait_until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Ask again and again."""
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not true():
        assert time.monotonic() < deadline
        pause.wait(0.05)


class Calls:
    """The REST calls made since they were last asked for, as urllib3 logs them."""

    def __init__(self, log: pytest.LogCaptureFixture) -> None:
        self._log = log

    def since(self) -> list[tuple[str, str]]:
        found = [REQUEST.search(message) for message in self._log.messages]
        self._log.clear()
        return [(match[1], match[2]) for match in found if match]

    def changes(self) -> list[tuple[str, str]]:
        return [call for call in self.since() if call[0] != "GET"]


@pytest.fixture(scope="module")
def _site() -> Iterator[Site]:
    with Simulator.from_inventory(inventory()) as simulator, Feilong(simulator, "ZVMA") as feilong:
        site = Site(simulator, feilong)
        yield site
        site.hypervisor.close()


@pytest.fixture
def here(_site: Site) -> Iterator[Site]:
    """The site, with a driver that remembers nothing."""
    _site.hypervisor.close()
    _site.hypervisor = _site.connect()
    yield _site
    _site.world.faults.clear()


@pytest.fixture
def calls(caplog: pytest.LogCaptureFixture) -> Calls:
    caplog.set_level(logging.DEBUG, "urllib3.connectionpool")
    return Calls(caplog)


def test_a_look_shows_what_is_there(here: Site) -> None:
    (nic,) = here.guest()
    system = here.hypervisor.observe()
    data = system.vswitches[DATA]
    assert data.vlan_aware
    assert data.uplink is model.Uplink.READY
    assert data.rdevs == ("A200",)
    assert data.grants[model.Userid("ROUTER1")] == {1, 900, 901}
    assert not system.vswitches[FLAT].vlan_aware
    assert system.directory[nic] == model.DirectoryNic(nic, confirmed=False)
    macs = {(nic.userid, nic.vdev): model.Mac(nic.mac) for nic in here.system.nics()}
    assert {(nic.address.userid, nic.address.vdev): nic.mac for nic in system.live.values()} == macs
    assert system.directory_authorizes
    assert model.PortRecord(f"port of {nic}", nic) in here.hypervisor.port_records()


def test_describe_names_both_sides(here: Site) -> None:
    info = here.hypervisor.describe()
    assert (info.name, info.version, info.mac_prefix) == ("ZVMA", "7.1.0", PREFIX)
    assert info.control_point_version.startswith("Feilong 1.6.")
    assert info.ipl_time == here.hypervisor.observe().ipl_time


@pytest.mark.parametrize(("vswitch", "vlan"), [(FLAT, ()), (DATA, (100,))])
def test_a_new_port_takes_one_change_by_the_directory(
    here: Site, calls: Calls, vswitch: model.VSwitchName, vlan: tuple[int, ...]
) -> None:
    (nic,) = here.guest()
    here.hypervisor.observe()
    mark = here.world.journal.mark()
    calls.since()
    here.hypervisor.change([here.couple(nic, vswitch, *vlan)])
    assert len(calls.since()) == 1
    assert len(here.world.journal.entries(mark)) == 5
    system = here.hypervisor.observe()
    assert system.directory[nic] == model.DirectoryNic(nic, here.mac(nic).macid, vswitch, vlans(*vlan))
    assert nic.userid not in system.logged_on
    here.logon(nic.userid)
    system = here.hypervisor.observe()
    assert system.live[nic] == model.LiveNic(nic, here.mac(nic), vswitch)
    assert nic.userid in system.logged_on


def test_a_new_port_costs_seven_commands_with_the_proof(here: Site) -> None:
    (nic,) = here.guest()
    here.hypervisor.observe()
    mark = here.world.journal.mark()
    here.hypervisor.observe()
    look = len(here.world.journal.entries(mark))
    mark = here.world.journal.mark()
    here.hypervisor.change([here.couple(nic, DATA, 100)])
    here.hypervisor.observe()
    assert len(here.world.journal.entries(mark)) == look + 7
    mark = here.world.journal.mark()
    here.hypervisor.observe()
    assert len(here.world.journal.entries(mark)) == look


def test_two_nics_on_one_vswitch_have_vlans_of_their_own(here: Site) -> None:
    first, second = here.guest(2)
    (peer,) = here.guest()
    here.hypervisor.change([here.couple(first, DATA, 100), here.couple(second, DATA, 200)])
    here.hypervisor.change([here.couple(peer, DATA, 200)])
    for nic in (first, peer):
        here.logon(nic.userid)
    assert here.reaches(second, peer)
    assert not here.reaches(first, peer)
    directory = here.hypervisor.observe().directory
    assert (directory[first].vlans, directory[second].vlans) == (vlans(100), vlans(200))


def test_a_nic_gets_another_vlan(here: Site) -> None:
    (nic,) = here.guest()
    uncouple = base.Uncouple(nic, directory=True, live=False)
    here.hypervisor.change([here.couple(nic, DATA, 100)])
    here.hypervisor.change([uncouple, here.couple(nic, DATA, 200)])
    assert here.hypervisor.observe().directory[nic].vlans == {200}
    here.hypervisor.change([uncouple])
    left = here.hypervisor.observe().directory[nic]
    assert left.vswitch is None


def test_a_record_that_keeps_its_vlan_is_refused_before_it_gets_another(here: Site) -> None:
    (nic,) = here.guest()
    uncouple = base.Uncouple(nic, directory=True, live=False)
    with here.behaving(Behaviour(disconnect_dm_keeps_vlan=True)):
        here.hypervisor.change([here.couple(nic, DATA, 100)])
        position, cause = here.failure(uncouple, here.couple(nic, DATA, 200))
        assert (position, type(cause)) == (1, errors.Refused)
        assert "still names VLAN 100" in str(cause)
        here.hypervisor.observe()
        assert isinstance(here.failure(here.couple(nic, DATA, 200))[1], errors.Refused)
        here.hypervisor.change([here.couple(nic, DATA, 100)])
    assert here.hypervisor.observe().directory[nic].vlans == {100}


def test_a_guest_is_let_in_by_grant(here: Site, calls: Calls) -> None:
    (nic,) = here.guest()
    here.hypervisor.observe()
    calls.since()
    authorize = base.Authorize(nic.userid, DATA, vlans(300), vlan_aware=True)
    here.hypervisor.change([authorize, here.couple(nic)])
    assert len(calls.changes()) == 2
    here.logon(nic.userid)
    system = here.hypervisor.observe()
    assert system.vswitches[DATA].grants[nic.userid] == {300}
    assert system.live[nic].vswitch == DATA
    assert system.directory[nic].vlans == frozenset()
    flat = base.Authorize(nic.userid, FLAT, frozenset(), vlan_aware=False)
    here.hypervisor.change([flat, base.Deauthorize(nic.userid, DATA)])
    vswitches = here.hypervisor.observe().vswitches
    assert nic.userid in vswitches[FLAT].grants
    assert nic.userid not in vswitches[DATA].grants


def test_a_running_guest_is_connected_with_one_change(here: Site, calls: Calls) -> None:
    first, second = here.guest(2, on=True)
    system = here.hypervisor.observe()
    assert first not in system.live
    calls.since()
    halves = [here.couple(first, DATA, 100), here.couple(second, DATA, 200)]
    live = [replace(half, directory=False, live=True) for half in halves]
    here.hypervisor.change([*halves, *live])
    assert len(calls.changes()) == 2
    system = here.hypervisor.observe()
    assert {system.live[nic].vswitch for nic in (first, second)} == {DATA}
    assert system.directory[second].vlans == {200}
    assert first.userid in system.logged_on


def test_a_live_connection_alone_is_made_although_feilong_would_skip_it(here: Site) -> None:
    (nic,) = here.guest(on=True)
    here.hypervisor.change([here.couple(nic, DATA, 100)])
    system = here.hypervisor.observe()
    assert nic not in system.live
    assert nic.userid in system.logged_on
    live = here.couple(nic, DATA, 100, directory=False, live=True)
    here.hypervisor.change([live])
    system = here.hypervisor.observe()
    assert system.live[nic].vswitch == DATA
    assert system.directory[nic].vlans == {100}
    mark = here.world.journal.mark()
    here.hypervisor.change([live])
    assert here.world.journal.entries(mark, mutating=True) == []


def test_a_nic_that_the_running_guest_does_not_have_gets_its_record(here: Site) -> None:
    (nic,) = here.guest(on=True)
    late = here.nic(nic.userid, "2000")
    position, cause = here.failure(here.couple(late, DATA, 100, live=True))
    assert (position, cause.rc, cause.rs) == (0, 204, 8)
    assert "next logon" in str(cause)
    assert here.hypervisor.observe().directory[late].vswitch == DATA


def test_a_guest_that_has_logged_off_meanwhile_keeps_its_record(here: Site) -> None:
    (nic,) = here.guest(on=True)
    here.hypervisor.observe()
    here.logoff(nic.userid)
    here.hypervisor.change([here.couple(nic, DATA, 100, live=True)])
    system = here.hypervisor.observe()
    assert system.directory[nic].vlans == {100}
    assert nic.userid not in system.logged_on
    here.hypervisor.change([base.Uncouple(nic, directory=True, live=True)])
    assert here.hypervisor.observe().directory[nic].vswitch is None


@pytest.mark.parametrize("code", ["212/32", "412/16"])
def test_a_running_guest_is_cut_whatever_its_record_says(here: Site, code: str) -> None:
    (nic,) = here.guest(on=True)
    here.hypervisor.change([here.couple(nic, DATA, 100, live=True)])
    cut = base.Uncouple(nic, directory=True, live=True)
    with here.behaving(Behaviour(disconnect_dm_uncoupled=code)):  # type: ignore[arg-type]
        here.hypervisor.change([base.Uncouple(nic, directory=True, live=False)])
        here.hypervisor.change([base.Uncouple(nic, directory=True, live=False)])
        assert nic in here.hypervisor.observe().live
        here.hypervisor.change([cut])
    system = here.hypervisor.observe()
    assert nic not in system.live
    assert system.directory[nic].vswitch is None


def test_what_others_write_into_the_directory_is_seen_with_the_nic_that_comes_alive(here: Site) -> None:
    (nic,) = here.guest()
    here.hypervisor.change([here.couple(nic, DATA, 100)])
    here.hypervisor.observe()
    here.rest("PUT", f"/guests/{nic.userid}/nic/1000", {"info": {"couple": False}})
    assert here.hypervisor.observe().directory[nic].vswitch is None


def test_a_locked_directory_is_busy(here: Site) -> None:
    (nic,) = here.guest()
    with here.fault(Rule(function="Image_Replace_DM", reply=Codes(400, 12))):
        position, cause = here.failure(here.couple(nic, DATA, 100))
    assert (position, type(cause)) == (0, errors.Busy)
    with here.fault(Rule(function="Virtual_Network_Adapter_Disconnect_DM", reply=Codes(400, 12))):
        _, cause = here.failure(base.Uncouple(nic, directory=True, live=False))
    assert isinstance(cause, errors.Busy)


def test_a_refused_connection_says_why(here: Site) -> None:
    (nic,) = here.guest(on=True)
    with here.fault(Rule(function="Virtual_Network_Adapter_Connect_Vswitch", reply=Codes(212, 8))):
        _, cause = here.failure(here.couple(nic, FLAT, live=True))
    assert isinstance(cause, errors.Refused)


def test_an_unknown_outcome_is_read_back(here: Site) -> None:
    (nic,) = here.guest()
    with here.fault(Rule(function="Image_Replace_DM", reply=Drop(), when="after")):
        _, cause = here.failure(here.couple(nic, DATA, 100))
    assert isinstance(cause, errors.Unknown | errors.Busy)
    assert here.hypervisor.observe().directory[nic].vlans == {100}


def test_a_change_that_takes_too_long_is_read_back(here: Site) -> None:
    (nic,) = here.guest()
    impatient = here.connect(timeout=1.0)
    impatient.observe()
    with here.fault(Rule(function="Image_Replace_DM", delay=3.0)):
        with pytest.raises(base.ChangeFailed) as caught:
            impatient.change([here.couple(nic, DATA, 100)])
        assert isinstance(caught.value.cause, errors.Unknown)
        wait_until(lambda: here.row(nic)["switch"] == DATA)
    assert impatient.observe().directory[nic].vlans == {100}
    impatient.close()


def test_a_guest_that_feilong_does_not_know_is_gone(here: Site) -> None:
    stranger = model.NicAddress(model.Userid("GONEFF"), model.Vdev("0700"))
    _, cause = here.failure(here.couple(stranger, DATA, 100))
    assert isinstance(cause, errors.Gone)
    assert "register_vm" in str(cause)


@pytest.mark.parametrize(
    "change",
    [
        base.AssignPort(model.Userid("G0001"), DATA, 1024, vlans(5), vlan_aware=True),
        base.ReleasePort(model.Userid("G0001"), DATA, 1024),
        base.Authorize(model.Userid("G0001"), DATA, vlans(5, 6), vlan_aware=True),
        base.Couple(
            model.NicAddress(model.Userid("G0001"), model.Vdev("1000")),
            model.Mac("020000000001"),
            DATA,
            directory=True,
            live=False,
            vlans=vlans(5, 6),
        ),
    ],
)
def test_what_feilong_cannot_is_refused_with_nothing_sent(
    here: Site, calls: Calls, change: base.GuestChange
) -> None:
    calls.since()
    position, cause = here.failure(base.Deauthorize(model.Userid("G0001"), DATA), change)
    assert (position, type(cause)) == (1, errors.Refused)
    assert calls.since() == []


def test_a_guest_that_goes_is_forgotten(here: Site) -> None:
    (nic,) = here.guest()
    here.hypervisor.change([here.couple(nic, DATA, 100)])
    assert nic in here.hypervisor.observe().directory
    here.rest("DELETE", f"/guests/{nic.userid}")
    assert nic not in here.hypervisor.observe().directory
    assert f"port of {nic}" not in {record.port_id for record in here.hypervisor.port_records()}
    mark = here.world.journal.mark()
    here.hypervisor.observe()
    assert here.world.journal.entries(mark, object=nic.userid) == []


def test_guests_are_changed_side_by_side(here: Site) -> None:
    nics = [here.guest()[0] for _ in range(12)]
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda nic: here.hypervisor.change([here.couple(nic, DATA, 100)]), nics))
    directory = here.hypervisor.observe().directory
    assert all(directory[nic].vlans == {100} for nic in nics)


def test_a_vswitch_is_created_once(here: Site) -> None:
    spec = model.VSwitchSpec(model.VSwitchName("NEWNET"), vlan_aware=True, rdevs=("A300",))
    for _ in range(2):
        here.hypervisor.create_vswitch(spec)
    made = here.hypervisor.observe().vswitches[spec.name]
    assert made.vlan_aware
    assert made.rdevs == ("A300",)
    with pytest.raises(errors.Refused, match="other properties"):
        here.hypervisor.create_vswitch(replace(spec, vlan_aware=False))


def test_the_user_prefix_is_learned_from_a_live_nic(here: Site) -> None:
    unaware = here.connect(prefix=None)
    (nic,) = here.guest()
    here.hypervisor.change([here.couple(nic, FLAT)])
    here.logon(nic.userid)
    assert unaware.observe().mac_prefix == PREFIX
    unaware.maintain()
    unaware.close()
    wrong = here.connect(prefix=model.MacPrefix("02:aa:aa"))
    wrong.observe()
    with pytest.raises(errors.ConfigurationError, match="user_prefix = 02:00:00"):
        wrong.maintain()
    wrong.close()


def test_an_ipl_is_noticed() -> None:
    with Simulator.from_inventory(inventory()) as simulator, Feilong(simulator, "ZVMA") as feilong:
        site, clock = Site(simulator, feilong), Clock()
        hypervisor = FeilongHypervisor(site.settings(), 6, PREFIX, clock)
        (nic,) = site.guest()
        hypervisor.change([site.couple(nic, FLAT)])
        site.logon(nic.userid)
        before = hypervisor.observe()
        site.simulator.control.ipl("ZVMA")
        clock.now = 60.0
        after = hypervisor.observe()
        assert after.ipl_time != before.ipl_time
        assert nic not in after.live
        assert after.directory[nic].vswitch == FLAT
        for each in (hypervisor, site.hypervisor):
            each.close()


def test_an_expired_token_is_renewed() -> None:
    with Simulator.from_inventory(inventory()) as simulator, Feilong(simulator, "ZVMA") as feilong:
        site = Site(simulator, feilong)
        (nic,) = site.guest()
        site.hypervisor.observe()
        assert feilong.admin_token_file is not None
        feilong.admin_token_file.write_text("AnotherAdminTokenMakesAllOldTokensInvalid1")
        site.hypervisor.change([site.couple(nic, DATA, 100)])
        assert site.hypervisor.observe().directory[nic].vlans == {100}
        site.hypervisor.close()


def test_a_server_that_restarts_is_met_again() -> None:
    with Simulator.from_inventory(inventory()) as simulator, Feilong(simulator, "ZVMA") as feilong:
        site = Site(simulator, feilong)
        (nic,) = site.guest()
        site.hypervisor.change([site.couple(nic, DATA, 100)])
        before = site.hypervisor.observe()
        feilong.restart()
        assert site.hypervisor.observe() == before
        site.hypervisor.change([base.Uncouple(nic, directory=True, live=False)])
        assert site.hypervisor.observe().directory[nic].vswitch is None
        site.hypervisor.close()


def test_without_tokens_none_is_sent() -> None:
    with Simulator.from_inventory(inventory()) as simulator, Feilong(simulator, "ZVMA", auth="none") as open_:
        site = Site(simulator, open_)
        assert site.hypervisor.observe().live
        site.hypervisor.close()
