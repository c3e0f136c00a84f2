"""The xCAT driver against a running management node: every call over HTTPS, every effect seen on z/VM."""

import dataclasses
import pathlib
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import pytest

from networking_zvm import errors, model
from networking_zvm.hypervisor import base
from networking_zvm.hypervisor.xcat import XcatHypervisor
from networking_zvm.settings import Credentials, ManagementNic, Tls, XcatSettings
from tests.scenarios.site import XcatSite, inventory
from zvmsim.dialects.xcat.management_node import Quirks
from zvmsim.server import Simulator
from zvmsim.world.behaviour import Behaviour

WEB1 = model.Userid("WEB1")
NIC = model.NicAddress(WEB1, model.Vdev("1000"))
MAC = model.Mac("02:00:00:00:00:01")
FLAT, DATA = model.VSwitchName("XCATVSW2"), model.VSwitchName("DATANET1")
VLAN100 = frozenset({model.VlanId(100)})
AUTHORIZE = base.Authorize(WEB1, DATA, VLAN100, vlan_aware=True)
DEFINE = base.DefineNic(NIC, MAC, DATA)
COUPLE = base.Couple(NIC, MAC, DATA, directory=False, live=True)
UNCOUPLE = base.Uncouple(NIC, directory=True, live=True)
DEAUTHORIZE = base.Deauthorize(WEB1, DATA)
RECORD = base.Record("p1", NIC, DATA, model.VlanId(100))


def site_of(simulator: Simulator) -> XcatSite:
    """A site where Nova has announced port p1 as NIC 1000 of WEB1."""
    here = XcatSite(simulator)
    here.create_guest("WEB1")
    here.announce("p1", "WEB1", "1000")
    return here


@pytest.fixture(params=["xcat", "zhcp", "today"])
def here(request: pytest.FixtureRequest) -> Iterator[XcatSite]:
    """One site per dialect of smcli."""
    with Simulator.from_inventory(inventory(smcli=request.param)) as simulator:
        yield site_of(simulator)


@pytest.fixture
def plain() -> Iterator[XcatSite]:
    with Simulator.from_inventory("two-systems") as simulator:
        yield site_of(simulator)


def driver(here: XcatSite, persistent: bool = False, **changes: object) -> XcatHypervisor:
    tls = Tls(str(here.simulator.ca_file))
    settings = XcatSettings(here.simulator.xcat_url, "admin", "admin", tls=tls, timeout=5.0)
    vswitch = FLAT if "management_nic" in changes else None
    return XcatHypervisor(dataclasses.replace(settings, **changes), persistent, vswitch)


def failure(hypervisor: XcatHypervisor, *changes: base.GuestChange) -> tuple[int, type[Exception]]:
    with pytest.raises(base.ChangeFailed) as caught:
        hypervisor.change(changes)
    return caught.value.position, type(caught.value.cause)


def rest_calls(here: XcatSite, since: int, mutating: bool | None = None) -> int:
    return len(here.world.journal.entries(since, dialect="rest", mutating=mutating))


def test_describe_names_both_sides(here: XcatSite) -> None:
    info = here.hypervisor.describe()
    assert (info.name, info.mac_prefix, info.control_point_version) == ("ZVMA", "02:00:00", "xCAT 2.8.3.16")
    assert info.clock_skew is not None
    assert abs(info.clock_skew) < 2


def test_a_look_shows_what_is_there(here: XcatSite) -> None:
    system = here.hypervisor.observe()
    data = system.vswitches[DATA]
    assert data.vlan_aware
    assert data.uplink is model.Uplink.READY
    assert data.rdevs == ("A200",)
    assert data.grants[model.Userid("ROUTER1")] == {1, 900, 901}
    assert not system.vswitches[FLAT].vlan_aware
    assert system.directory[model.NicAddress(model.Userid("DBSRV1"), model.Vdev("0700"))].vswitch == DATA
    macs = {(nic.userid, nic.vdev): model.Mac(nic.mac) for nic in here.system.nics()}
    assert {(nic.address.userid, nic.address.vdev): nic.mac for nic in system.live.values()} == macs
    assert system.logged_on == set(here.system.guests)


def test_a_new_port_takes_one_script_and_one_table_update(here: XcatSite) -> None:
    here.hypervisor.describe()
    (record,) = here.hypervisor.port_records()
    assert (record.port_id, record.address, record.vswitch) == ("p1", NIC, None)
    mark = here.world.journal.mark()
    here.hypervisor.change([AUTHORIZE, DEFINE, RECORD])
    assert rest_calls(here, mark) == rest_calls(here, mark, mutating=True) == 2
    here.logon("WEB1")
    system = here.hypervisor.observe()
    assert system.directory[NIC] == model.DirectoryNic(NIC, "000001", DATA)
    assert system.live[NIC] == model.LiveNic(NIC, MAC, DATA)
    assert system.vswitches[DATA].grants[WEB1] == VLAN100
    (record,) = here.hypervisor.port_records()
    assert (record.vswitch, record.vlan) == (DATA, 100)


def test_a_pass_without_changes_is_two_reads(here: XcatSite) -> None:
    here.hypervisor.observe()
    here.hypervisor.port_records()
    mark = here.world.journal.mark()
    here.hypervisor.observe()
    here.hypervisor.port_records()
    here.hypervisor.maintain()
    assert rest_calls(here, mark) == 2
    assert here.mutations(mark) == []


def test_the_look_after_changes_is_two_calls_side_by_side(here: XcatSite) -> None:
    """Ports wait for it. No command is asked twice for that."""
    here.hypervisor.observe()
    before = here.world.journal.mark()
    quiet = here.hypervisor.observe()
    mark = here.world.journal.mark()
    here.hypervisor.change([])
    assert here.hypervisor.observe() == quiet
    after = here.world.journal.mark()
    assert here.hypervisor.observe() == quiet
    assert rest_calls(here, mark) - rest_calls(here, after) == 2
    assert rest_calls(here, after) == 1
    assert _commands(here, before, mark) == _commands(here, mark, after)


def _commands(here: XcatSite, since: int, until: int) -> list[str]:
    entries = here.world.journal.entries(since)[: until - since]
    return sorted(e.call.function for e in entries if e.call.dialect != "rest")


def users_of(hypervisor: XcatHypervisor, name: model.VSwitchName) -> dict[str, list[int]]:
    grants = hypervisor.observe().vswitches[name].grants
    return {userid: sorted(vlans) for userid, vlans in grants.items()}


@pytest.mark.parametrize("count", ["0", "1"])
def test_users_without_vlan_are_seen_however_they_are_listed(
    here: XcatSite, count: Literal["0", "1"]
) -> None:
    here.system.behaviour = Behaviour(no_vlan_count=count)
    hypervisor = driver(here)
    everyone: dict[str, list[int]] = {"XCAT": [], "ZHCPA": [], "DBSRV1": [], "WEB1": []}
    assert users_of(hypervisor, FLAT) == everyone
    mark = here.world.journal.mark()
    assert users_of(hypervisor, FLAT) == everyone
    assert rest_calls(here, mark) == 1
    here.hypervisor.change([base.Authorize(model.Userid("WEB9"), FLAT, frozenset(), vlan_aware=False)])
    assert users_of(hypervisor, FLAT) == everyone | {"WEB9": []}
    assert users_of(hypervisor, DATA) == {"DBSRV1": [900], "ROUTER1": [1, 900, 901]}
    hypervisor.close()


def test_a_function_of_a_later_z_vm_is_named() -> None:
    with Simulator.from_inventory(inventory(level=611)) as simulator:
        hypervisor = driver(XcatSite(simulator))
        told = "smcli Virtual_Network_Vswitch_Query_Extended: .* does not know the function"
        with pytest.raises(errors.Untrusted, match=told):
            hypervisor.observe()
        hypervisor.close()


def test_the_environment_decides_nothing(
    plain: XcatSite, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    elsewhere = tmp_path / "other-ca.pem"
    elsewhere.write_text("")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(elsewhere))
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    hypervisor = driver(plain)
    assert hypervisor.observe().live
    hypervisor.change([AUTHORIZE])
    hypervisor.close()
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(plain.simulator.ca_file))
    untrusting = driver(plain, tls=Tls(None))
    with pytest.raises(errors.Unreachable, match="certificate verify failed"):
        untrusting.observe()
    untrusting.close()


def test_a_nic_moves_while_its_guest_runs_and_goes(here: XcatSite) -> None:
    here.hypervisor.change([AUTHORIZE, DEFINE])
    here.logon("WEB1")
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
def test_changes_may_be_repeated_whatever_z_vm_answers(plain: XcatSite, behaviour: Behaviour) -> None:
    """Also those that come one after another in one script."""
    plain.system.behaviour = behaviour
    plain.hypervisor.change([AUTHORIZE, DEFINE])
    plain.logon("WEB1")
    for _ in range(2):
        plain.hypervisor.change([UNCOUPLE, DEAUTHORIZE])
    system = plain.hypervisor.observe()
    assert NIC not in system.live
    assert WEB1 not in system.vswitches[DATA].grants
    plain.hypervisor.change([AUTHORIZE])
    for _ in range(2):
        plain.hypervisor.change([DEFINE, COUPLE, base.Couple(NIC, MAC, DATA, directory=True, live=False)])
    assert plain.hypervisor.observe().live[NIC].vswitch == DATA
    for _ in range(2):
        plain.hypervisor.change([UNCOUPLE, base.RemoveNic(NIC, live=True), DEAUTHORIZE])
    assert "1000" not in plain.system.guests["WEB1"].nics
    assert NIC not in plain.hypervisor.observe().directory


def test_coupling_where_it_is_not_allowed_or_not_possible_says_why(here: XcatSite) -> None:
    here.system.dna = False
    assert failure(here.hypervisor, DEFINE, COUPLE) == (1, errors.Gone)
    here.logon("WEB1")
    assert failure(here.hypervisor, COUPLE) == (0, errors.Refused)
    nowhere = base.Couple(NIC, MAC, model.VSwitchName("NOWHERE"), directory=False, live=True)
    assert failure(here.hypervisor, nowhere) == (0, errors.Gone)
    ghost = base.DefineNic(model.NicAddress(model.Userid("GHOST"), NIC.vdev), MAC, DATA)
    assert failure(here.hypervisor, ghost) == (0, errors.Gone)


def test_a_locked_directory_is_busy_and_keeps_what_came_before(here: XcatSite) -> None:
    here.system.directory.locks["WEB1", ""] = "MAINT"
    assert failure(here.hypervisor, AUTHORIZE, DEFINE, COUPLE) == (1, errors.Busy)
    assert here.hypervisor.observe().vswitches[DATA].grants[WEB1] == VLAN100


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("reply", [{"http": 503}, {"http": 504}, "drop"], ids=str)
def test_a_lost_answer_is_unknown_and_only_a_look_tells(plain: XcatSite, reply: object, when: str) -> None:
    here = plain
    here.hypervisor.observe()
    rule = {"function": "rest:PUT /nodes/zhcp/dsh", "count": 1, "when": when, "reply": reply}
    here.world.faults.add(rule)
    assert failure(here.hypervisor, AUTHORIZE) == (0, errors.Unknown)
    assert (WEB1 in here.hypervisor.observe().vswitches[DATA].grants) is (when == "after")


def test_reads_survive_two_lost_answers(here: XcatSite) -> None:
    number = here.world.faults.add({"function": "rest:*", "count": 2, "reply": {"http": 503}})
    assert here.hypervisor.observe().live
    assert here.world.faults.acted(number) == 2


def test_a_slow_answer_is_unknown(plain: XcatSite) -> None:
    hypervisor = driver(plain, timeout=0.3)
    hypervisor.observe()
    plain.world.faults.add({"function": "rest:PUT /nodes/zhcp/dsh", "count": 1, "delay": 1.0})
    assert failure(hypervisor, AUTHORIZE) == (0, errors.Unknown)
    hypervisor.close()


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        ({"rc": 592, "rs": 3}, errors.Unknown),
        ({"rc": 596, "rs": 1185}, errors.Busy),
        ({"rc": 100, "rs": 8}, errors.Refused),
        ({"rc": 400, "rs": 4}, errors.Gone),
    ],
)
def test_codes_of_one_command_are_judged(
    here: XcatSite, codes: dict[str, int], kind: type[Exception]
) -> None:
    here.world.faults.add({"function": "Image_Definition_Update_DM", "count": 1, "reply": codes})
    assert failure(here.hypervisor, AUTHORIZE, DEFINE, DEAUTHORIZE) == (1, kind)
    assert WEB1 in here.hypervisor.observe().vswitches[DATA].grants


def test_a_failed_part_of_a_look_is_never_taken_for_nothing(here: XcatSite) -> None:
    queries = ["Virtual_Network_Vswitch_Query_Extended", "Directory_Manager_Search_DM", "Image_Status_Query"]
    for function in queries:
        here.world.faults.add({"function": function, "count": 1, "reply": {"rc": 500, "rs": 8}})
        with pytest.raises(errors.Untrusted):
            here.hypervisor.observe()
    assert here.hypervisor.observe().live


QUIRKS = {
    "ssh speaks": Quirks(stderr="Warning: Permanently added 'zhcp' (RSA) to the list of known hosts."),
    "small pieces": Quirks(chunk=100, trailing_null=True),
    "later xcatd": Quirks(source=True, shuffle=7),
    "no headers": Quirks(headers=False),
    "no query": Quirks(query=False),
}


@pytest.mark.parametrize("quirk", QUIRKS)
def test_the_servers_quirks_are_borne(quirk: str) -> None:
    where = Credentials.QUERY if quirk == "no headers" else Credentials.HEADERS
    with Simulator.from_inventory("two-systems", quirks=QUIRKS[quirk]) as simulator:
        mn = simulator.management_node
        assert mn
        mn.tables.insert("zvm", {"node": "web1", "userid": "WEB1", "hcp": "zhcp.example.com"})
        mn.tables.insert("switch", {"node": "web1", "port": "p1", "interface": "1000", "comments": "zhcp"})
        simulator.world.systems["ZVMA"].directory.create("WEB1", ("USER WEB1 LBYONLY 1G 1G G",))
        hypervisor = driver(XcatSite(simulator), credentials=where)
        assert [r.port_id for r in hypervisor.port_records()] == ["p1"]
        hypervisor.change([AUTHORIZE, DEFINE, RECORD])
        assert hypervisor.observe().directory[NIC].vswitch == DATA
        assert hypervisor.port_records()[0].vswitch == DATA
        hypervisor.close()


@pytest.mark.parametrize(
    ("changes", "remedy"),
    [
        ({"password": "wrong"}, "check xcat_username and xcat_password"),
        ({"zhcp_node": "nobody"}, "knows no node nobody: check xcat_zhcp_nodename"),
        ({"tls": Tls(None)}, "certificate verify failed"),
    ],
)
def test_what_is_configured_wrong_names_its_remedy(
    plain: XcatSite, changes: dict[str, object], remedy: str
) -> None:
    hypervisor = driver(plain, **changes)
    with pytest.raises(errors.Unreachable, match=remedy):
        hypervisor.observe()
    assert failure(hypervisor, AUTHORIZE) == (0, errors.Unreachable)
    hypervisor.close()


def test_a_zhcp_that_is_off_is_unreachable(plain: XcatSite) -> None:
    assert plain.simulator.management_node
    plain.simulator.management_node.unreachable.add("zhcp")
    with pytest.raises(errors.Unreachable):
        plain.hypervisor.observe()


def test_one_management_node_serves_two_systems_that_never_mix(plain: XcatSite) -> None:
    other = driver(plain, zhcp_node="zhcpb")
    assert other.describe().name == "ZVMB"
    assert other.port_records() == ()
    assert model.Userid("DBSRV2") in other.observe().logged_on
    other.close()


@pytest.mark.parametrize("persistent", [False, True])
def test_what_an_ipl_takes_away(here: XcatSite, persistent: bool) -> None:
    hypervisor = driver(here, persistent)
    new = model.VSwitchName("NEWNET")
    hypervisor.create_vswitch(model.VSwitchSpec(new, vlan_aware=True, rdevs=("A300",)))
    hypervisor.change([base.Authorize(WEB1, new, VLAN100, vlan_aware=True), DEFINE])
    before = hypervisor.observe()
    assert before.vswitches[new].vlan_aware
    here.world.clock.advance(60)
    here.system.ipl()
    after = hypervisor.observe()
    assert after.ipl_time != before.ipl_time
    assert (new in after.vswitches) is persistent
    if persistent:
        assert after.vswitches[new].grants == {WEB1: VLAN100}
    assert after.directory[NIC].vswitch == DATA
    hypervisor.close()


def test_a_vswitch_gets_all_its_devices_and_is_made_once(here: XcatSite) -> None:
    spec = model.VSwitchSpec(model.VSwitchName("NEWNET"), vlan_aware=False, rdevs=("A300", "A200"))
    here.hypervisor.create_vswitch(spec)
    assert here.system.vswitches["NEWNET"].rdevs == ("A300", "A200")
    mark = here.world.journal.mark()
    here.hypervisor.create_vswitch(spec)
    with pytest.raises(errors.Refused, match="other properties"):
        here.hypervisor.create_vswitch(dataclasses.replace(spec, vlan_aware=True))
    assert here.hypervisor.observe().vswitches[spec.name].layer is model.Layer.ETHERNET
    assert [e.rs for e in here.world.journal.entries(mark, function="*Create*")] == [36, 36]


def test_guests_are_changed_side_by_side(plain: XcatSite) -> None:
    for number in range(8):
        plain.create_guest(f"APP{number}")
        plain.announce(f"a{number}", f"APP{number}", "1000")
    plain.hypervisor.port_records()

    def connect(number: int) -> None:
        address = model.NicAddress(model.Userid(f"APP{number}"), NIC.vdev)
        plain.hypervisor.change(
            [
                base.Authorize(address.userid, DATA, frozenset({model.VlanId(number + 1)}), vlan_aware=True),
                base.DefineNic(address, model.Mac(f"0200000000{number:02x}"), DATA),
                base.Record(f"a{number}", address, DATA, model.VlanId(number + 1)),
            ]
        )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(connect, range(8)))
    grants = plain.hypervisor.observe().vswitches[DATA].grants
    assert {u: sorted(v) for u, v in grants.items() if u.startswith("APP")} == {
        f"APP{n}": [n + 1] for n in range(8)
    }
    assert {r.vlan for r in plain.hypervisor.port_records() if r.port_id != "p1"} == set(range(1, 9))


NIC0800 = ManagementNic("10.1.0.1", "255.255.0.0")


def test_the_management_node_gets_its_nic_back_after_a_restart(plain: XcatSite) -> None:
    mn = plain.simulator.management_node
    assert mn
    hypervisor = driver(plain, management_nic=NIC0800)
    for _ in range(2):
        hypervisor.maintain()
        assert plain.system.guests["XCAT"].nics["0800"].lan_name == FLAT
        assert mn.self_node.interfaces["enccw0.0.0800"].ip == "10.1.0.1"
        mn.restart()
        assert "0800" not in plain.system.guests["XCAT"].nics
    hypervisor.maintain()
    mark = plain.world.journal.mark()
    hypervisor.maintain()
    assert rest_calls(plain, mark) == 1
    assert plain.mutations(mark) == []
    hypervisor.close()


def test_a_management_nic_that_is_half_there_is_completed(plain: XcatSite) -> None:
    plain.system.define_nic("XCAT", "0800")
    hypervisor = driver(plain, management_nic=NIC0800)
    hypervisor.maintain()
    assert plain.system.guests["XCAT"].nics["0800"].lan_name == FLAT
    hypervisor.close()


def test_another_address_of_the_management_node_is_refused(plain: XcatSite) -> None:
    first = driver(plain, management_nic=NIC0800)
    first.maintain()
    first.close()
    second = driver(plain, management_nic=ManagementNic("10.9.9.9", "255.255.0.0"))
    mark = plain.world.journal.mark()
    with pytest.raises(errors.ConfigurationError, match=r"xcat_mgt_ip 10\.9\.9\.9"):
        second.maintain()
    assert plain.mutations(mark) == []
    second.close()


def test_a_management_nic_that_cannot_be_coupled_is_told(plain: XcatSite) -> None:
    plain.system.dna = False
    plain.system.vswitches[FLAT].blocks.pop("XCAT")
    hypervisor = driver(plain, management_nic=NIC0800)
    with pytest.raises(errors.Refused, match="0800"):
        hypervisor.maintain()
    hypervisor.close()


@pytest.mark.parametrize("where", Credentials)
def test_a_day_of_faults_tells_no_password(
    where: Credentials, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "urllib3")
    caplog.set_level("DEBUG", "networking_zvm")
    secret = "s3cret pass/word"
    data = inventory(users=[{"name": "admin", "password": secret}])
    told: list[str] = []
    with Simulator.from_inventory(data) as simulator:
        right = driver(XcatSite(simulator), credentials=where, password=secret, timeout=1.0)
        wrong = driver(XcatSite(simulator), credentials=where, password=secret, zhcp_node="nobody")
        for reply in [{"http": 503}, {"http": 401}, {"http": 500}, "drop", None]:
            for hypervisor in (right, wrong):
                simulator.world.faults.add({"function": "rest:*", "count": 1, "reply": reply})
                try:
                    hypervisor.change([DEFINE])
                except errors.ZvmError as error:
                    told += traceback.format_exception(error)
                simulator.world.faults.clear()
        simulator.world.faults.add({"function": "rest:*", "reply": "drop"})
        with pytest.raises(errors.Unknown):
            right.observe()
        right.close()
        wrong.close()
    assert len(told) > 10
    mine = [r.getMessage() for r in caplog.records if r.name.startswith(("urllib3", "networking_zvm"))]
    assert mine
    for form in (secret, "s3cret"):
        assert form not in "\n".join(told + mine)


def test_a_closed_driver_leaves_no_thread(plain: XcatSite) -> None:
    before = set(threading.enumerate())
    hypervisor = driver(plain)
    hypervisor.observe()
    hypervisor.close()
    started = set(threading.enumerate()) - before
    assert [t for t in started if "zvmsim" not in t.name and not t.daemon] == []
