"""The SMAPI driver against a running SMAPI server: every call over TCP, every effect seen on z/VM."""

import dataclasses
import logging
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import yaml

from networking_zvm import errors, model
from networking_zvm.agent.reconciler import Reconciler
from networking_zvm.claims import Policy, State
from networking_zvm.hypervisor import base
from networking_zvm.hypervisor.smapi import SmapiHypervisor
from networking_zvm.hypervisor.xcat import XcatHypervisor
from networking_zvm.settings import SmapiSettings, Tls, XcatSettings
from tests.scenarios.site import Clock, Wishes
from zvmsim import oracle
from zvmsim.journal import Entry
from zvmsim.server import Simulator, inventory_text
from zvmsim.world.behaviour import Behaviour
from zvmsim.world.gate import Latency

PREFIX = model.MacPrefix("020000")
WEB1, WEB2 = model.Userid("WEB1"), model.Userid("WEB2")
NIC = model.NicAddress(WEB1, model.Vdev("1000"))
SECOND = model.NicAddress(WEB1, model.Vdev("1003"))
MAC, MAC2 = model.Mac("020000000001"), model.Mac("020000000002")
FLAT, DATA = model.VSwitchName("XCATVSW2"), model.VSwitchName("DATANET1")
VLAN100, VLAN200 = frozenset({model.VlanId(100)}), frozenset({model.VlanId(200)})
AUTHORIZE = base.Authorize(WEB1, DATA, VLAN100, vlan_aware=True)
DEAUTHORIZE = base.Deauthorize(WEB1, DATA)
PLAIN = base.Couple(NIC, MAC, DATA, directory=True, live=True)
BY_RECORD = base.Couple(NIC, MAC, DATA, directory=True, live=True, vlans=VLAN100)
UNCOUPLE = base.Uncouple(NIC, directory=True, live=True)
PASSWORD = "neutron1"


class Here:
    """System ZVMA of the shipped two-systems inventory, and the driver."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.world = simulator.world
        self.system = simulator.world.systems["ZVMA"]
        self.hypervisor = self.driver()

    def driver(
        self, persistent: bool = False, prefix: model.MacPrefix | None = PREFIX, **changes: object
    ) -> SmapiHypervisor:
        host, port = self.simulator.smapi_addresses["ZVMA"]
        settings = SmapiSettings(host, port, "neutron", PASSWORD, timeout=5.0)
        return SmapiHypervisor(dataclasses.replace(settings, **changes), persistent, prefix)  # type: ignore[arg-type]

    def create_guest(self, userid: str, *nics: str, on: bool = False) -> None:
        """As Nova did: a guest whose NICs the directory defines, without a vswitch."""
        self.system.directory.create(userid, (f"USER {userid} S3CRET 1G 2G G", "IPL CMS", *nics))
        if on:
            self.logon(userid)

    def logon(self, userid: str) -> None:
        self.simulator.control.logon("ZVMA", userid)

    def records(self, userid: str) -> Sequence[str]:
        return self.system.directory.source[userid]

    def calls(self, since: int, mutating: bool | None = None) -> list[str]:
        return [entry.call.function for entry in self.entries(since, mutating)]

    def entries(self, since: int, mutating: bool | None = None) -> list[Entry]:
        return self.world.journal.entries(since, dialect="smapi", mutating=mutating)

    def reaches(self, source: str, destination: str) -> bool:
        """Whether an untagged frame of "USERID vdev" reaches the other."""
        ends = [oracle.NicAddress("ZVMA", *name.split()) for name in (source, destination)]
        return oracle.reach(oracle.snapshot(self.world), ends[0], ends[1], None).ok


def nicdef(number: int, vdev: str = "1000") -> str:
    return f"NICDEF {vdev} TYPE QDIO DEVICES 3 MACID {number:06X}"


@pytest.fixture
def here() -> Iterator[Here]:
    with Simulator.from_inventory("two-systems") as simulator:
        site = Here(simulator)
        site.create_guest("WEB1", nicdef(1), nicdef(2, "1003"))
        yield site


def failure(hypervisor: SmapiHypervisor, *changes: base.GuestChange) -> tuple[int, type[Exception]]:
    with pytest.raises(base.ChangeFailed) as caught:
        hypervisor.change(changes)
    return caught.value.position, type(caught.value.cause)


def test_describe(here: Here) -> None:
    info = here.hypervisor.describe()
    assert (info.name, info.mac_prefix) == ("127.0.0.1", "02:00:00")
    assert (info.version, info.control_point_version) == ("z/VM 7.1.0", "SMAPI level 710")
    assert info.clock_skew is not None
    assert abs(info.clock_skew) < 2


@pytest.mark.parametrize("behaviour", list(Behaviour.positions()), ids=lambda b: str(b.deviations()))
def test_a_look_shows_what_xcat_shows(here: Here, behaviour: Behaviour) -> None:
    """Two clients that share no wire, text or protocol see the same world."""
    here.system.behaviour = behaviour
    here.logon("WEB1")
    here.hypervisor.change([AUTHORIZE, PLAIN])
    tls = Tls(str(here.simulator.ca_file))
    xcat = XcatHypervisor(XcatSettings(here.simulator.xcat_url, "admin", "admin", tls=tls), persistent=False)
    ours, theirs = here.hypervisor.observe(), xcat.observe()
    xcat.close()
    assert ours.live[NIC].vswitch == DATA
    assert ours.vswitches[DATA].grants[WEB1] == VLAN100
    assert ours.directory_authorizes
    assert dataclasses.replace(ours, directory_authorizes=theirs.directory_authorizes) == theirs


def test_a_look_is_four_reads_whatever_the_size(here: Here) -> None:
    for number in range(50):
        here.create_guest(f"MANY{number}", nicdef(100 + number), on=True)
    mark = here.world.journal.mark()
    assert len(here.hypervisor.observe().logged_on) > 50
    here.hypervisor.port_records()
    here.hypervisor.maintain()
    assert len(here.calls(mark)) == 4
    assert here.calls(mark, mutating=True) == []


def test_the_four_reads_are_made_side_by_side(here: Here) -> None:
    here.world.gate.latency = Latency(read=0.2)
    mark = here.world.journal.mark()
    here.hypervisor.observe()
    started = [entry.time for entry in here.entries(mark)]
    assert (max(started) - min(started)).total_seconds() < 0.2


def test_a_vlan_by_grant(here: Here) -> None:
    here.hypervisor.change([AUTHORIZE, dataclasses.replace(PLAIN, live=False)])
    here.logon("WEB1")
    system = here.hypervisor.observe()
    assert system.live[NIC] == model.LiveNic(NIC, MAC, DATA)
    assert system.directory[NIC] == model.DirectoryNic(NIC, "000001", DATA)
    assert system.vswitches[DATA].grants[WEB1] == VLAN100


def test_a_flat_network_takes_a_grant_and_one_directory_change(here: Here) -> None:
    mark = here.world.journal.mark()
    leave = base.Authorize(WEB1, FLAT, frozenset(), vlan_aware=False)
    here.hypervisor.change([leave, base.Couple(NIC, MAC, FLAT, directory=True, live=False)])
    assert len(here.calls(mark)) == 2
    here.logon("WEB1")
    assert here.reaches("WEB1 1000", "DBSRV1 0600")


def two_vlans(userid: str, live: bool, port: int | None = None) -> list[base.GuestChange]:
    """Couple both NICs of a guest to DATANET1, each in a VLAN of its own."""
    changes: list[base.GuestChange] = []
    for place, (vdev, vlans) in enumerate((("1000", VLAN100), ("1003", VLAN200))):
        address = model.NicAddress(model.Userid(userid), model.Vdev(vdev))
        mac = model.Mac.assemble(PREFIX, f"{place + (1 if userid == WEB1 else 3):06X}")
        number = port + place if port else None
        if number:
            changes.append(base.AssignPort(address.userid, DATA, number, vlans, vlan_aware=True))
        changes.append(base.Couple(address, mac, DATA, directory=True, live=live, vlans=vlans, port=number))
    return changes


@pytest.mark.parametrize("port", [None, 1024], ids=["directory", "port"])
@pytest.mark.parametrize("keywords", ["accept", "refuse", "drop"])
@pytest.mark.parametrize("on", [False, True], ids=["off", "on"])
def test_two_nics_of_one_guest_in_two_vlans(here: Here, port: int | None, keywords: Any, on: bool) -> None:
    here.create_guest("WEB2", nicdef(3), nicdef(4, "1003"))
    here.create_guest("WEB3", nicdef(3), nicdef(4, "1003"))
    here.system.behaviour = Behaviour(definition_network_keywords=keywords)
    if keywords == "drop":  # noticed by the next look only
        here.hypervisor.change(two_vlans("WEB3", live=False))
        here.hypervisor.observe()
    for userid in ("WEB1", "WEB2") if on else ():
        here.logon(userid)
    here.hypervisor.change(two_vlans("WEB1", on, port))
    here.hypervisor.change(two_vlans("WEB2", on))
    for userid in () if on else ("WEB1", "WEB2"):
        here.logon(userid)
    system = here.hypervisor.observe()
    second = port + 1 if port else None
    assert system.directory[NIC] == model.DirectoryNic(NIC, "000001", DATA, VLAN100, port)
    assert system.directory[SECOND] == model.DirectoryNic(SECOND, "000002", DATA, VLAN200, second)
    assert here.reaches("WEB1 1000", "WEB2 1000")
    assert here.reaches("WEB1 1003", "WEB2 1003")
    assert not here.reaches("WEB1 1000", "WEB2 1003")
    if port:
        assert system.vswitches[DATA].ports[port] == model.SwitchPort(WEB1, VLAN100)


def test_a_vlan_in_the_record_takes_one_call(here: Here) -> None:
    mark = here.world.journal.mark()
    here.hypervisor.change([dataclasses.replace(BY_RECORD, live=False)])
    assert here.calls(mark) == ["Image_Definition_Update_DM"]


@pytest.mark.parametrize("keywords", ["refuse", "drop"])
def test_a_server_without_the_keywords_is_found_out_once(
    here: Here, keywords: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "networking_zvm")
    here.system.behaviour = Behaviour(definition_network_keywords=keywords)
    couple = dataclasses.replace(BY_RECORD, live=False)
    here.hypervisor.change([couple])
    here.hypervisor.observe()
    before = list(here.records("WEB1"))
    mark = here.world.journal.mark()
    here.hypervisor.change([couple])
    here.hypervisor.change([dataclasses.replace(couple, address=SECOND, mac=MAC2)])
    assert here.calls(mark) == 2 * ["Image_Lock_DM", "Image_Query_DM", "Image_Replace_DM"]
    assert here.records("WEB1")[:2] == tuple(before[:2]) == ("USER WEB1 S3CRET 1G 2G G", "IPL CMS")
    assert here.system.directory.locks == {}
    assert here.hypervisor.observe().directory[NIC].vlans == VLAN100
    assert caplog.text.count("entries are locked and replaced from now on") == 1
    assert "S3CRET" not in caplog.text


def test_a_record_that_somebody_else_altered_is_not_held_against_the_server(here: Here) -> None:
    couple = dataclasses.replace(BY_RECORD, live=False)
    here.hypervisor.change([couple])
    here.hypervisor.change([base.Uncouple(NIC, directory=True, live=False)])
    here.hypervisor.observe()
    mark = here.world.journal.mark()
    here.hypervisor.change([couple])
    assert here.calls(mark) == ["Image_Definition_Update_DM"]


def locked_by(here: Here, owner: str) -> None:
    here.system.behaviour = Behaviour(definition_network_keywords="refuse")
    here.system.directory.locks["WEB1", ""] = owner


def test_a_directory_locked_by_somebody_is_busy_and_stays_locked(here: Here) -> None:
    here.system.directory.locks["WEB1", ""] = "MAINT"
    assert failure(here.hypervisor, AUTHORIZE, PLAIN) == (1, errors.Busy)
    assert here.hypervisor.observe().vswitches[DATA].grants[WEB1] == VLAN100
    assert failure(here.hypervisor, BY_RECORD) == (0, errors.Busy)
    locked_by(here, "MAINT")
    before = here.records("WEB1")
    del here.system.directory.locks["WEB1", ""]
    here.hypervisor.change([dataclasses.replace(BY_RECORD, live=False)])
    assert here.records("WEB1") != before
    before = here.records("WEB1")
    locked_by(here, "MAINT")
    assert failure(here.hypervisor, BY_RECORD) == (0, errors.Busy)
    assert here.records("WEB1") == before
    assert here.system.directory.locks == {("WEB1", ""): "MAINT"}


def test_a_lock_that_a_killed_agent_left_is_taken_over(
    here: Here, caplog: pytest.LogCaptureFixture
) -> None:
    locked_by(here, "NEUTRON")
    here.hypervisor.change([dataclasses.replace(BY_RECORD, live=False)])
    assert here.hypervisor.observe().directory[NIC].vlans == VLAN100
    assert here.system.directory.locks == {}
    assert "was still locked by NEUTRON" in caplog.text


@pytest.mark.parametrize("function", ["Image_Query_DM", "Image_Replace_DM"])
@pytest.mark.parametrize("reply", ["drop", {"rc": 500, "rs": 4}], ids=str)
def test_a_failed_edit_gives_the_lock_back(here: Here, function: str, reply: object) -> None:
    here.system.behaviour = Behaviour(definition_network_keywords="refuse")
    before = here.records("WEB1")
    here.world.faults.add({"function": function, "count": 3, "reply": reply})
    kind = errors.Unknown if reply == "drop" else errors.Busy
    assert failure(here.hypervisor, BY_RECORD) == (0, kind)
    assert here.records("WEB1") == before
    assert here.system.directory.locks == {}


@pytest.mark.parametrize("behaviour", list(Behaviour.positions()), ids=lambda b: str(b.deviations()))
def test_uncoupling_leaves_nothing_that_authorizes(here: Here, behaviour: Behaviour) -> None:
    here.system.behaviour = behaviour
    before = here.hypervisor.observe().directory
    for _ in range(3):
        here.hypervisor.change([dataclasses.replace(BY_RECORD, live=False)])
        here.hypervisor.observe()
        here.hypervisor.change([dataclasses.replace(BY_RECORD, live=False)])
        here.hypervisor.observe()
        here.hypervisor.change([base.Uncouple(NIC, directory=True, live=False)])
        assert here.hypervisor.observe().directory == before
    assert "PORTTYPE" not in " ".join(here.records("WEB1"))


@pytest.mark.parametrize("keeps", [False, True])
def test_what_uncoupling_costs(here: Here, keeps: bool) -> None:
    """Once, it is checked what Disconnect_DM leaves of a record; without VLAN there is nothing to leave."""
    here.system.behaviour = Behaviour(disconnect_dm_keeps_vlan=keeps)
    costs = []
    for couple in (PLAIN, BY_RECORD, BY_RECORD):
        here.hypervisor.change([dataclasses.replace(couple, live=False)])
        here.hypervisor.observe()
        mark = here.world.journal.mark()
        here.hypervisor.change([base.Uncouple(NIC, directory=True, live=False)])
        costs.append(len(here.calls(mark)))
    assert costs == ([1, 5, 3] if keeps else [1, 2, 1])


def test_a_nic_moves_while_its_guest_runs_and_goes(here: Here) -> None:
    here.logon("WEB1")
    here.hypervisor.change([AUTHORIZE, PLAIN])
    flat = base.Couple(NIC, MAC, FLAT, directory=True, live=True)
    leave = base.Authorize(WEB1, FLAT, frozenset(), vlan_aware=False)
    here.hypervisor.change([UNCOUPLE, DEAUTHORIZE, leave, flat])
    system = here.hypervisor.observe()
    assert system.live[NIC].vswitch == system.directory[NIC].vswitch == FLAT
    assert WEB1 not in system.vswitches[DATA].grants
    here.hypervisor.change([UNCOUPLE, base.RemoveNic(NIC, live=True)])
    system = here.hypervisor.observe()
    assert NIC not in system.live
    assert NIC not in system.directory
    assert "1000" not in here.system.guests["WEB1"].nics


@pytest.mark.parametrize("behaviour", list(Behaviour.positions()), ids=lambda b: str(b.deviations()))
def test_changes_may_be_repeated_whatever_z_vm_answers(here: Here, behaviour: Behaviour) -> None:
    here.system.behaviour = behaviour
    here.hypervisor.change([AUTHORIZE, base.DefineNic(NIC, MAC, DATA)])
    here.logon("WEB1")
    for _ in range(2):
        here.hypervisor.change([UNCOUPLE, DEAUTHORIZE])
    system = here.hypervisor.observe()
    assert NIC not in system.live
    assert WEB1 not in system.vswitches[DATA].grants
    here.hypervisor.change([AUTHORIZE])
    for _ in range(2):
        here.hypervisor.change([base.DefineNic(NIC, MAC, DATA), PLAIN])
    assert here.hypervisor.observe().live[NIC].vswitch == DATA
    for _ in range(2):
        here.hypervisor.change([UNCOUPLE, base.RemoveNic(NIC, live=True), DEAUTHORIZE])
    assert "1000" not in here.system.guests["WEB1"].nics
    assert NIC not in here.hypervisor.observe().directory


def test_a_port_is_kept_and_given_back(here: Here) -> None:
    keep = base.AssignPort(WEB1, DATA, 1024, VLAN100, vlan_aware=True)
    here.hypervisor.change([keep])
    assert here.hypervisor.observe().vswitches[DATA].ports == {1024: model.SwitchPort(WEB1, VLAN100)}
    here.hypervisor.change([base.ReleasePort(WEB1, DATA, 1024)])
    assert here.hypervisor.observe().vswitches[DATA].ports == {}


def test_coupling_where_it_is_not_allowed_or_not_possible_says_why(here: Here) -> None:
    here.system.dna = False
    live = base.Couple(NIC, MAC, DATA, directory=False, live=True)
    assert failure(here.hypervisor, live) == (0, errors.Gone)
    here.logon("WEB1")
    assert failure(here.hypervisor, live) == (0, errors.Refused)
    nowhere = base.Couple(NIC, MAC, model.VSwitchName("NOWHERE"), directory=False, live=True)
    assert failure(here.hypervisor, nowhere) == (0, errors.Gone)
    ghost = model.NicAddress(model.Userid("GHOST"), NIC.vdev)
    assert failure(here.hypervisor, base.DefineNic(ghost, MAC, DATA)) == (0, errors.Gone)
    note = base.Record("p1", NIC, DATA, None)
    assert failure(here.hypervisor, AUTHORIZE, note) == (1, errors.Refused)
    assert WEB1 not in here.hypervisor.observe().vswitches[DATA].grants


def test_what_is_coupled_elsewhere_is_not_taken_for_coupled(here: Here) -> None:
    here.logon("WEB1")
    here.hypervisor.change([AUTHORIZE, PLAIN, base.Authorize(WEB1, FLAT, frozenset(), vlan_aware=False)])
    here.world.faults.add({"function": "*_Connect_Vswitch", "count": 2, "reply": {"rc": 204, "rs": 20}})
    here.hypervisor.change([dataclasses.replace(PLAIN, directory=False)])
    flat = base.Couple(NIC, MAC, FLAT, directory=False, live=True)
    assert failure(here.hypervisor, flat) == (0, errors.Busy)


@pytest.mark.parametrize("keywords", ["accept", "refuse"])
def test_what_was_only_started_is_waited_for(here: Here, keywords: Any) -> None:
    here.system.behaviour = Behaviour(
        directory_changes="asynchronous", definition_network_keywords=keywords
    )
    here.hypervisor.change([dataclasses.replace(BY_RECORD, live=False)])
    assert here.hypervisor.observe().directory[NIC].vlans == VLAN100
    assert here.system.directory.locks == {}


def test_two_threads_never_undo_each_others_edits(here: Here) -> None:
    here.system.behaviour = Behaviour(definition_network_keywords="refuse")
    here.world.gate.latency = Latency(read=0.02, directory=0.02)
    first = base.Couple(NIC, MAC, DATA, directory=True, live=False, vlans=VLAN100)
    second = base.Couple(SECOND, MAC2, DATA, directory=True, live=False, vlans=VLAN200)

    def outcome(change: base.Couple) -> type[Exception] | None:
        try:
            here.hypervisor.change([change])
        except base.ChangeFailed as failed:
            return type(failed.cause)
        return None

    with ThreadPoolExecutor(2) as pool:
        outcomes = dict(zip((first, second), pool.map(outcome, (first, second)), strict=True))
    assert set(outcomes.values()) == {None, errors.Busy}
    directory = here.hypervisor.observe().directory
    for change, failure in outcomes.items():
        assert directory[change.address].vlans == (frozenset() if failure else change.vlans)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_is_unknown_and_only_a_look_tells(here: Here, when: str) -> None:
    function = "Virtual_Network_Vswitch_Set_Extended"
    here.world.faults.add({"function": function, "count": 1, "when": when, "reply": "drop"})
    mark = here.world.journal.mark()
    assert failure(here.hypervisor, AUTHORIZE, PLAIN) == (0, errors.Unknown)
    assert here.calls(mark) == [function]
    assert (WEB1 in here.hypervisor.observe().vswitches[DATA].grants) is (when == "after")


def test_reads_survive_two_lost_answers(here: Here) -> None:
    number = here.world.faults.add({"function": "Image_Status_Query", "count": 2, "reply": "drop"})
    assert here.hypervisor.observe().live
    assert here.world.faults.acted(number) == 2


def test_a_slow_answer_is_unknown(here: Here) -> None:
    here.world.faults.add({"function": "*_Set_Extended", "count": 1, "delay": 1.0})
    assert failure(here.driver(timeout=0.3), AUTHORIZE) == (0, errors.Unknown)


LOOK = (
    "Virtual_Network_Vswitch_Query_Extended",
    "Directory_Manager_Search_DM",
    "Image_Status_Query",
    "System_Information_Query",
)


@pytest.mark.parametrize("function", LOOK)
def test_a_failed_part_of_a_look_is_never_taken_for_nothing(here: Here, function: str) -> None:
    here.world.faults.add({"function": function, "count": 1, "reply": {"rc": 500, "rs": 8}})
    with pytest.raises(errors.Untrusted, match=function):
        here.hypervisor.observe()
    here.world.faults.add({"function": function, "count": 1, "reply": {"rc": 900, "rs": 99}})
    assert here.hypervisor.observe().live


def test_refused_credentials_concern_everything(here: Here) -> None:
    wrong = here.driver(password="wrong")
    with pytest.raises(errors.Unreachable, match="check smapi_username and smapi_password"):
        wrong.observe()
    assert failure(wrong, AUTHORIZE) == (0, errors.Unreachable)


def test_tls() -> None:
    data = yaml.load(inventory_text("two-systems"), yaml.BaseLoader)
    data["smapi"]["ZVMA"]["tls"] = "true"
    with Simulator.from_inventory(data) as simulator:
        here = Here(simulator)
        trusting = here.driver(tls=Tls(str(simulator.ca_file)))
        assert trusting.observe().live
        trusting.change([AUTHORIZE])
        for other in (here.driver(tls=Tls()), here.driver(timeout=1.0)):
            assert failure(other, AUTHORIZE)[1] in (errors.Unreachable, errors.Unknown)


def test_a_server_that_is_gone_is_unreachable(here: Here) -> None:
    here.simulator.stop()
    with pytest.raises(errors.Unreachable):
        here.hypervisor.observe()
    assert failure(here.hypervisor, AUTHORIZE) == (0, errors.Unreachable)


def test_secrets_appear_in_no_text(here: Here, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    here.system.behaviour = Behaviour(definition_network_keywords="refuse")
    told: list[str] = []
    functions = ("Image_Definition_Update_DM", "Image_Lock_DM", "Image_Query_DM", "Image_Replace_DM")
    for function in functions:
        for reply in ({"rc": 8, "rs": 3002}, {"rc": 120, "rs": 0}, {"rc": 596, "rs": 3543}, "drop"):
            here.world.faults.clear()
            here.world.faults.add({"function": function, "reply": reply})
            try:
                here.driver().change([dataclasses.replace(BY_RECORD, live=False)])
            except base.ChangeFailed:
                told.append(traceback.format_exc())
    assert len(told) > 10
    mine = [r.getMessage() for r in caplog.records if r.name.startswith("networking_zvm")]
    assert mine
    for secret in ("S3CRET", PASSWORD):
        assert secret not in "\n".join(told + mine)


def test_a_live_nic_shows_the_prefix_of_its_system(here: Here) -> None:
    unknowing = here.driver(prefix=None)
    for ask in (unknowing.observe, unknowing.describe):
        with pytest.raises(errors.Untrusted, match=r"set user_prefix in \[zvm\]"):
            ask()
    here.logon("WEB1")
    unknowing.change([AUTHORIZE, PLAIN])
    assert unknowing.describe().mac_prefix == unknowing.observe().mac_prefix == "02:00:00"
    unknowing.change([UNCOUPLE])
    assert unknowing.observe().mac_prefix == "02:00:00"
    unknowing.maintain()


def test_a_prefix_that_live_nics_contradict_is_a_fault_of_the_configuration(here: Here) -> None:
    mistaken = here.driver(prefix=model.MacPrefix("02000A"))
    mistaken.observe()
    mistaken.maintain()
    here.logon("WEB1")
    mistaken.change([AUTHORIZE, PLAIN])
    assert mistaken.observe().mac_prefix == "02:00:0a"
    with pytest.raises(errors.ConfigurationError, match=r"user_prefix 02:00:0a: .* have 02:00:00"):
        mistaken.maintain()


@pytest.mark.parametrize("persistent", [False, True])
def test_what_an_ipl_takes_away(here: Here, persistent: bool) -> None:
    hypervisor = here.driver(persistent)
    new = model.VSwitchName("NEWNET")
    hypervisor.create_vswitch(model.VSwitchSpec(new, vlan_aware=True, rdevs=("A300",)))
    hypervisor.change([base.Authorize(WEB1, new, VLAN100, vlan_aware=True)])
    before = hypervisor.observe()
    assert before.vswitches[new].vlan_aware
    here.world.clock.advance(60)
    here.system.ipl()
    after = hypervisor.observe()
    assert after.ipl_time != before.ipl_time
    assert (new in after.vswitches) is persistent
    assert not persistent or after.vswitches[new].grants == {WEB1: VLAN100}


def test_a_vswitch_that_exists_must_be_as_wanted(here: Here) -> None:
    here.hypervisor.create_vswitch(model.VSwitchSpec(DATA, vlan_aware=True))
    with pytest.raises(errors.Refused, match="exists already, but with other properties"):
        here.hypervisor.create_vswitch(model.VSwitchSpec(FLAT, vlan_aware=True))


def test_nothing_is_left_behind(here: Here) -> None:
    before = set(threading.enumerate())
    here.hypervisor.observe()
    here.hypervisor.close()
    assert [t for t in set(threading.enumerate()) - before if "zvmsim" not in t.name and not t.daemon] == []


class Agent:
    """Passes of the agent when it is told to, over the driver."""

    def __init__(self, here: Here, way: model.Way | None) -> None:
        self.neutron = Wishes()
        mapping = {"xcatvsw2": FLAT, "datanet1": DATA}
        policy = Policy(mapping, {}, here.hypervisor.capabilities, way)
        self._reconciler = Reconciler(self.neutron, here.hypervisor, policy, 6, threading.Event(), Clock())

    def want(self, number: int, physnet: str, vlan: int | None) -> None:
        kind = model.NetworkType.VLAN if vlan else model.NetworkType.FLAT
        segment = model.Segment(kind, physnet, model.VlanId(vlan) if vlan else None)
        port = model.PortBinding(f"p{number}", model.Mac(f"02000000{number:04x}"), segment)
        self.neutron.wanted[port.port_id] = port

    def settle(self) -> Mapping[str, State]:
        outcome = self._reconciler.run_pass()
        for _ in range(5):
            if not outcome.changed:
                return {port_id: verdict.state for port_id, verdict in outcome.verdicts.items()}
            outcome = self._reconciler.run_pass()
        raise AssertionError(f"not settled: {outcome}")


@pytest.mark.parametrize("keywords", ["accept", "refuse", "drop"])
@pytest.mark.parametrize("way", [None, *model.Way])
@pytest.mark.parametrize("on", [False, True], ids=["off", "on"])
def test_ports_become_active_by_every_way(
    here: Here, way: model.Way | None, on: bool, keywords: Any
) -> None:
    here.system.behaviour = Behaviour(definition_network_keywords=keywords)
    agent = Agent(here, way)
    here.create_guest("WEB2", nicdef(3))
    for userid in ("WEB1", "WEB2") if on else ():
        here.logon(userid)
    for number, physnet, vlan in ((1, "datanet1", 100), (2, "xcatvsw2", None), (3, "datanet1", 100)):
        agent.want(number, physnet, vlan)
    agent.settle()
    for userid in () if on else ("WEB1", "WEB2"):
        here.logon(userid)
    assert agent.settle() == dict.fromkeys(("p1", "p2", "p3"), State.UP)
    assert all(port.active for port in agent.neutron.wanted.values())
    assert here.reaches("WEB1 1000", "WEB2 1000")
    assert here.reaches("WEB1 1003", "DBSRV1 0600")
    assert not here.reaches("WEB1 1000", "DBSRV1 0700")
    mark = here.world.journal.mark()
    agent.settle()
    assert here.calls(mark, mutating=True) == []
