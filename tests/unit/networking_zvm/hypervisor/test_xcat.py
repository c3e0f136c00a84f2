"""The xCAT driver against a zHCP that prints literal texts, whole, in pieces, or not at all."""

import logging
import traceback
from collections.abc import Callable, Iterator

import pytest

from networking_zvm import errors, model, settings
from networking_zvm.hypervisor import base
from networking_zvm.hypervisor.connect import connect
from networking_zvm.hypervisor.xcat import XcatHypervisor
from tests.unit.networking_zvm.hypervisor import faulty_server, texts
from tests.unit.networking_zvm.hypervisor.conftest import PASSWORD
from tests.unit.networking_zvm.hypervisor.faulty_server import FaultyServer, Zhcp

USER, VSW1 = model.Userid("LINUX01"), model.VSwitchName("VSW1")
NIC = model.NicAddress(USER, model.Vdev("1000"))
AUTHORIZE = base.Authorize(USER, VSW1, frozenset({model.VlanId(10)}), vlan_aware=True)
DEFINE = base.DefineNic(NIC, model.Mac("02:00:00:ab:cd:ef"), VSW1)
MAC = model.Mac("02:00:00:00:00:01")
COUPLE = base.Couple(NIC, MAC, VSW1, directory=False, live=True)
SETTINGS = Callable[..., settings.XcatSettings]
DONE = (0, "Done\n")


def failing(rc: int, rs: int) -> tuple[int, str]:
    return 1, texts.failed(rc, rs)


@pytest.fixture
def driver(xcat_settings: SETTINGS) -> Iterator[XcatHypervisor]:
    hypervisor = XcatHypervisor(xcat_settings(), persistent=False)
    yield hypervisor
    hypervisor.close()


def functions(zhcp: Zhcp) -> list[str]:
    return [words[1] for words in zhcp.commands]


@pytest.mark.parametrize("pieces", [None, 1, 7])
@pytest.mark.parametrize("noise", [(), ("zhcp: Warning: Permanently added 'zhcp' to the list of hosts.",)])
def test_one_look_reads_the_whole_system(
    server: FaultyServer, driver: XcatHypervisor, pieces: int | None, noise: tuple[str, ...]
) -> None:
    server.script = [Zhcp(texts.LOOK, pieces=pieces, noise=noise)]
    system = driver.observe()
    assert system.ipl_time == "2014-06-11 01:38:37 EDT"
    assert system.mac_prefix == "02:00:00"
    assert set(system.vswitches) == {"VSW1", "GT@VSW1"}
    assert system.live[NIC].mac == "02:00:00:ab:cd:ef"
    assert system.directory[NIC].macid == "ABCDEF"
    assert system.logged_on == {"LINUX01", "ZHCPA"}


def test_later_looks_cost_one_call(server: FaultyServer, driver: XcatHypervisor) -> None:
    server.script = [Zhcp(texts.LOOK)]
    driver.observe()
    before = len(server.requests)
    driver.observe()
    assert len(server.requests) == before + 1


def test_after_an_ipl_the_mac_prefix_is_read_again(server: FaultyServer, driver: XcatHypervisor) -> None:
    server.script = [Zhcp(texts.LOOK)]
    driver.observe()
    info = texts.SYSTEM_INFO.replace("01:38:37", "02:50:00")
    vmlan = texts.QUERY_VMLAN.replace("USER Prefix: 020000", "USER Prefix: 02AAAA")
    later = {"boot_id": (0, "another\n"), "System_Info_Query": (0, info), "vmlan": (0, vmlan)}
    server.script = [Zhcp(texts.LOOK | later)]
    system = driver.observe()
    assert (system.ipl_time, system.mac_prefix) == ("2014-06-11 02:50:00 EDT", "02:aa:aa")


LOOK = ["Vswitch_Query_Extended", "Directory_Manager_Search_DM", "Image_Status_Query"]


def test_a_look_at_a_zhcp_that_does_not_say_when_it_was_started_is_not_trusted(
    server: FaultyServer, driver: XcatHypervisor
) -> None:
    server.script = [Zhcp(texts.LOOK | {"boot_id": (1, "")})]
    with pytest.raises(errors.Untrusted):
        driver.observe()


@pytest.mark.parametrize("function", LOOK)
@pytest.mark.parametrize(
    "answer", [(1, ""), (1, texts.failed(500, 8)), (0, "something else entirely\n: x"), (1, "Failed\n")]
)
def test_a_look_with_one_bad_part_is_not_trusted(
    server: FaultyServer, driver: XcatHypervisor, function: str, answer: tuple[int, str]
) -> None:
    if function == "Vswitch_Query_Extended" and answer[0] == 0:
        answer = (0, "grant_userid: X\n")
    server.script = [Zhcp(texts.LOOK | {function: answer})]
    with pytest.raises(errors.Untrusted):
        driver.observe()


@pytest.mark.parametrize("function", LOOK)
def test_a_function_that_smcli_does_not_know_is_named(
    server: FaultyServer, driver: XcatHypervisor, function: str
) -> None:
    unknown = (1, "ERROR: Unsupported API function name\n")
    server.script = [Zhcp(texts.LOOK | {function: unknown})]
    with pytest.raises(errors.Untrusted, match=f"smcli \\S*{function}: .* does not know the function"):
        driver.observe()


def test_a_change_that_smcli_does_not_know_is_named(server: FaultyServer, driver: XcatHypervisor) -> None:
    server.script = [Zhcp(texts.LOOK | {"smcli": (1, "ERROR: Unsupported API function name\n")})]
    with pytest.raises(base.ChangeFailed, match=r"Definition_Update_DM .*smcli says.*Unsupported") as caught:
        driver.change([DEFINE])
    assert isinstance(caught.value.cause, errors.Refused)
    spec = model.VSwitchSpec(VSW1, vlan_aware=True)
    with pytest.raises(errors.Refused, match=r"Vswitch_Create_Extended: smcli says.*Unsupported"):
        driver.create_vswitch(spec)


WITHOUT_USERS = texts.LOOK | {
    "Vswitch_Query_Extended": (1, texts.VSWITCHES_WITHOUT_USERS),
    "Vswitch_Query ": (0, texts.VSWITCHES_AND_USERS),
}


def test_users_left_out_are_asked_for_and_from_then_on_at_once(
    server: FaultyServer, driver: XcatHypervisor
) -> None:
    server.script = [Zhcp(WITHOUT_USERS)]
    for requests in (3, 4):
        grants = driver.observe().vswitches[model.VSwitchName("GT@VSW1")].grants
        assert grants.keys() == {"MAINT", "GT@PONG"}
        assert len(server.requests) == requests
    server.script = [Zhcp(texts.LOOK | {"Vswitch_Query ": (0, texts.VSWITCHES_AND_USERS)})]
    assert driver.observe().vswitches[VSW1].grants.keys() == {"LINUX01", "LINUX02", "TCPIP"}


@pytest.mark.parametrize(
    "answer",
    [failing(500, 8), (0, ""), (1, "Error x is NULL!!\n"), (1, "ERROR: Unsupported API function name\n")],
)
def test_without_its_users_a_look_is_not_trusted(
    server: FaultyServer, driver: XcatHypervisor, answer: tuple[int, str]
) -> None:
    server.script = [Zhcp(WITHOUT_USERS | {"Vswitch_Query ": answer})]
    with pytest.raises(errors.Untrusted):
        driver.observe()


DEFINE_LIVE = base.DefineNic(NIC, MAC, None, live=True)
CHOSEN = (0, "Command complete\n")
BEFORE_IT = {"Update_DM": DONE, "set nic": CHOSEN}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (CHOSEN, False),
        ((45, "HCPCQU045E LINUX01 not logged on\n"), False),
        ((1, "HCPCMD001E Unknown CP command: SET\n"), True),
        ((0, ""), True),
    ],
)
def test_a_live_nic_is_made_even_if_cp_lets_nobody_choose_its_mac(
    server: FaultyServer,
    driver: XcatHypervisor,
    caplog: pytest.LogCaptureFixture,
    answer: tuple[int, str],
    told: bool,
) -> None:
    zhcp = Zhcp({"Update_DM": DONE, "set nic": answer, "Adapter_Create": DONE})
    server.script = [zhcp]
    driver.change([DEFINE_LIVE])
    assert functions(zhcp)[-1] == "Virtual_Network_Adapter_Create"
    warnings = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert warnings == ([warnings[0]] if told else [])
    assert all("CP has refused set nic userid LINUX01 1000 macid user 000001" in text for text in warnings)


def test_a_live_nic_that_exists_already_is_as_good(server: FaultyServer, driver: XcatHypervisor) -> None:
    zhcp = Zhcp(BEFORE_IT | {"Adapter_Create": failing(204, 4), "Adapter_Query": (0, "Adapter:\n")})
    server.script = [zhcp]
    driver.change([DEFINE_LIVE])
    assert functions(zhcp)[-1] == "Virtual_Network_Adapter_Query"


def test_a_device_that_exists_and_is_no_nic_is_refused(server: FaultyServer, driver: XcatHypervisor) -> None:
    outputs = {"Adapter_Create": failing(204, 4), "Adapter_Query": failing(204, 8)}
    server.script = [Zhcp(BEFORE_IT | outputs)]
    with pytest.raises(base.ChangeFailed) as caught:
        driver.change([DEFINE_LIVE])
    assert isinstance(caught.value.cause, errors.Refused)


def test_a_guest_that_is_off_needs_no_live_nic(server: FaultyServer, driver: XcatHypervisor) -> None:
    zhcp = Zhcp(BEFORE_IT | {"Adapter_Create": failing(200, 12)})
    server.script = [zhcp]
    driver.change([DEFINE_LIVE])
    assert "Virtual_Network_Adapter_Query" not in functions(zhcp)


def test_no_nic_in_the_directory_is_no_failure(server: FaultyServer, driver: XcatHypervisor) -> None:
    nothing = (1, texts.failed(0, 28, "No matching entries found. Return buffer is empty"))
    server.script = [Zhcp(texts.LOOK | {"Directory_Manager_Search_DM": nothing})]
    assert driver.observe().directory == {}


@pytest.mark.parametrize("lines", [1, 2, 10, 40, 73, 84])
def test_a_look_that_breaks_off_is_not_trusted(
    server: FaultyServer, driver: XcatHypervisor, lines: int
) -> None:
    server.script = [Zhcp(texts.LOOK)]
    driver.observe()
    server.script = [Zhcp(texts.LOOK, cut=lines)]
    with pytest.raises(errors.Untrusted):
        driver.observe()


def test_a_system_that_changes_meanwhile_is_looked_at_again(
    server: FaultyServer, driver: XcatHypervisor
) -> None:
    again = Zhcp(texts.LOOK | {"Vswitch_Query_Extended": failing(900, 99)})
    server.script = [Zhcp(texts.LOOK), again, Zhcp(texts.LOOK)]
    assert driver.observe().live


def test_a_zhcp_without_smcli_is_unreachable(server: FaultyServer, driver: XcatHypervisor) -> None:
    server.script = [Zhcp({}, noise=("zhcp: bash: /opt/zhcp/bin/smcli: No such file",))]
    with pytest.raises(errors.Unreachable, match="No such file"):
        driver.observe()
    with pytest.raises(base.ChangeFailed) as caught:
        driver.change([DEFINE])
    assert isinstance(caught.value.cause, errors.Unreachable)


def test_a_zhcp_that_ssh_cannot_reach_is_unreachable(server: FaultyServer, driver: XcatHypervisor) -> None:
    text = "zhcp: ssh: connect to host zhcp port 22: No route to host"
    server.script = [faulty_server.messages({"error": [text], "errorcode": ["0"]}, {"errorcode": ["1"]})]
    with pytest.raises(errors.Unreachable, match="No route to host"):
        driver.observe()


def test_describe(server: FaultyServer, driver: XcatHypervisor) -> None:
    version = faulty_server.messages({"data": ["Version 2.8.3.5 (built Mon Apr 27 10:50:11 EDT 2015)"]})
    server.script = [version, Zhcp(texts.LOOK)]
    info = driver.describe()
    assert (info.name, info.version, info.control_point_version) == (
        "ZVMA",
        "z/VM Version 6 Release 3.0",
        "xCAT 2.8.3.5",
    )


def test_describe_of_something_that_is_not_xcat(server: FaultyServer, driver: XcatHypervisor) -> None:
    server.script = [faulty_server.messages({"data": ["Hello"]})]
    with pytest.raises(errors.Untrusted):
        driver.describe()


def test_all_commands_of_a_guest_are_one_script(server: FaultyServer, driver: XcatHypervisor) -> None:
    zhcp = Zhcp({"smcli": DONE})
    server.script = [zhcp]
    driver.change([AUTHORIZE, DEFINE, COUPLE])
    assert len(server.requests) == 1
    assert functions(zhcp) == [
        "Virtual_Network_Vswitch_Set_Extended",
        "Image_Definition_Update_DM",
        "Virtual_Network_Adapter_Connect_Vswitch",
    ]


def test_the_first_failure_ends_the_script_and_is_named(
    server: FaultyServer, driver: XcatHypervisor
) -> None:
    zhcp = Zhcp({"Set_Extended": DONE, "Update_DM": failing(400, 12), "Connect": DONE})
    server.script = [zhcp]
    with pytest.raises(base.ChangeFailed) as caught:
        driver.change([AUTHORIZE, DEFINE, COUPLE])
    assert caught.value.position == 1
    assert type(caught.value.cause) is errors.Busy
    assert functions(zhcp)[-1] == "Image_Definition_Update_DM"


def test_what_holds_already_does_not_stop_the_rest(server: FaultyServer, driver: XcatHypervisor) -> None:
    zhcp = Zhcp({"Disconnect_DM": failing(212, 32), "Disconnect": failing(200, 12), "Set_Extended": DONE})
    server.script = [zhcp]
    driver.change([base.Uncouple(NIC, directory=True, live=True), base.Deauthorize(USER, VSW1)])
    assert functions(zhcp) == [
        "Virtual_Network_Adapter_Disconnect_DM",
        "Virtual_Network_Adapter_Disconnect",
        "Virtual_Network_Vswitch_Set_Extended",
    ]


@pytest.mark.parametrize(
    ("name", "kind"), [("VSW1", None), ("OTHER", errors.Busy), ("", errors.Busy)]
)
def test_connected_already_counts_only_where_it_is_the_right_vswitch(
    server: FaultyServer, driver: XcatHypervisor, name: str, kind: type[Exception] | None
) -> None:
    adapter = f"Adapter:\n  Address: 1000\n  LAN owner: SYSTEM\n  LAN name: {name}\n"
    server.script = [Zhcp({"Connect_Vswitch": failing(204, 20), "Adapter_Query": (0, adapter)})]
    if kind is None:
        driver.change([COUPLE])
        return
    with pytest.raises(base.ChangeFailed) as caught:
        driver.change([COUPLE])
    assert type(caught.value.cause) is kind


@pytest.mark.parametrize(
    ("lines", "position"), [(1, 0), (2, 1), (3, 1), (4, 2), (5, 2)]
)
def test_output_that_breaks_off_is_unknown_from_the_first_unproven_change_on(
    server: FaultyServer, driver: XcatHypervisor, lines: int, position: int
) -> None:
    server.script = [Zhcp({"smcli": DONE}, cut=lines)]
    with pytest.raises(base.ChangeFailed) as caught:
        driver.change([AUTHORIZE, DEFINE, COUPLE])
    assert caught.value.position == position
    assert type(caught.value.cause) is errors.Unknown
    assert len(server.requests) == 1


UNKNOWN = {
    "503": faulty_server.http(503, "Connection failure", "text/plain"),
    "drop": faulty_server.drop,
    "html": faulty_server.http(200, "<html>It works!</html>", "text/html"),
    "no output": faulty_server.messages({"errorcode": ["0"]}),
    "started": Zhcp({"smcli": (1, "Started\n  Return Code: 592\n  Reason Code: 7\n")}),
}


@pytest.mark.parametrize("fault", UNKNOWN)
def test_a_write_without_an_answer_is_unknown_and_not_sent_again(
    server: FaultyServer, driver: XcatHypervisor, fault: str
) -> None:
    server.script = [UNKNOWN[fault]]
    with pytest.raises(base.ChangeFailed) as caught:
        driver.change([AUTHORIZE, DEFINE])
    assert (caught.value.position, type(caught.value.cause)) == (0, errors.Unknown)
    assert len(server.requests) == 1


REJECTIONS = {
    "credentials": (faulty_server.http(401, "<p>Authentication failure</p>", "text/html"), "xcat_username"),
    "node": (
        faulty_server.http(403, "<p>Invalid nodes and/or groups in noderange: zhcp</p>", "text/html"),
        "knows no node zhcp: check xcat_zhcp_nodename",
    ),
    "version 2": (faulty_server.http(404, "<h1>Not Found</h1>", "text/html"), "REST version 1"),
}


@pytest.mark.parametrize("case", REJECTIONS)
def test_what_is_wrong_with_every_request_names_its_remedy(
    server: FaultyServer, driver: XcatHypervisor, case: str
) -> None:
    behaviour, remedy = REJECTIONS[case]
    server.script = [behaviour]
    with pytest.raises(errors.Unreachable, match=remedy):
        driver.observe()
    with pytest.raises(base.ChangeFailed, match=remedy) as caught:
        driver.change([DEFINE])
    assert type(caught.value.cause) is errors.Unreachable


def table(*lines: str) -> faulty_server.Behaviour:
    return faulty_server.messages({"data": list(lines)})


SWITCH = "#node,switch,port,vlan,interface,comments,disable"
ZVM = "#node,hcp,userid,nodetype,parent,comments,disable"


def test_rows_that_make_no_sense_do_not_poison_the_rest(
    server: FaultyServer, driver: XcatHypervisor, caplog: pytest.LogCaptureFixture
) -> None:
    rows = table(
        SWITCH,
        '"os1","","p1",,"1000","zhcp",',
        '"os1","VSW1","p2","100","1003","zhcp",',
        '"os1","bad name!","p3","many","1006","zhcp",',
        '"os1","","p4",,"vdev","zhcp",',
        '"os1","","not a port id",,"1000","zhcp",',
        '"nobody","","p5",,"1000","zhcp",',
        ',"","p6",,"1000","zhcp",',
        '"os1","","p7",,"1000","other",',
    )
    server.script = [rows, table(ZVM, '"os1","zhcp.example.com","OS1","vm",,,'), rows]
    records = driver.port_records()
    assert [(r.port_id, str(r.address), r.vswitch, r.vlan) for r in records] == [
        ("p1", "OS1 1000", None, None),
        ("p2", "OS1 1003", "VSW1", 100),
        ("p3", "OS1 1006", None, None),
    ]
    complaints = len([r for r in caplog.records if "left out" in r.getMessage()])
    assert complaints == 4
    assert driver.port_records() == records
    assert len(server.requests) == 3
    assert len([r for r in caplog.records if "left out" in r.getMessage()]) == complaints


def test_a_new_node_is_looked_up_and_a_lost_one_forgotten(
    server: FaultyServer, driver: XcatHypervisor
) -> None:
    server.script = [
        table(SWITCH, '"os1","","p1",,"1000","zhcp",'),
        table(ZVM, '"os1",,"OS1",,,,'),
        table(SWITCH),
        table(SWITCH, '"os1","","p1",,"1000","zhcp",'),
        table(ZVM, '"os1",,"NEW1",,,,'),
    ]
    addresses = [[str(r.address) for r in driver.port_records()] for _ in range(3)]
    assert addresses == [["OS1 1000"], [], ["NEW1 1000"]]


def test_a_record_is_written_by_node_and_port(server: FaultyServer, driver: XcatHypervisor) -> None:
    server.script = [
        table(SWITCH, '"os1","","p1",,"803","zhcp",'),
        table(ZVM, '"os1",,"OS1",,,,'),
        faulty_server.messages(),
    ]
    (record,) = driver.port_records()
    driver.change([base.Record("p1", record.address, VSW1, None)])
    assert server.requests[-1].body == b'["node=os1,port=p1 switch.switch=VSW1 switch.vlan=-1"]'


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (faulty_server.messages({"error": ["DB error: UNIQUE"], "errorcode": ["4"]}), errors.Refused),
        (faulty_server.http(503, "x"), errors.Unknown),
    ],
)
def test_a_record_that_fails_comes_after_all_z_vm_changes(
    server: FaultyServer, driver: XcatHypervisor, answer: faulty_server.Behaviour, kind: type[Exception]
) -> None:
    zhcp = Zhcp({"smcli": DONE})
    server.script = [
        table(SWITCH, '"os1","","p1",,"1000","zhcp",'),
        table(ZVM, '"os1",,"LINUX01",,,,'),
        zhcp,
        answer,
    ]
    driver.port_records()
    with pytest.raises(base.ChangeFailed) as caught:
        driver.change([AUTHORIZE, DEFINE, base.Record("p1", NIC, VSW1, None)])
    assert (caught.value.position, type(caught.value.cause)) == (2, kind)
    assert len(zhcp.commands) == 2


def test_a_port_without_a_row_gets_none(server: FaultyServer, driver: XcatHypervisor) -> None:
    with pytest.raises(base.ChangeFailed) as caught:
        driver.change([base.Record("p1", NIC, VSW1, None)])
    assert type(caught.value.cause) is errors.Gone
    assert server.requests == []


CREATE = {
    "boot_id": (0, "b"),
    "userid": (0, texts.QUERY_USERID),
    "vmlan": (0, texts.QUERY_VMLAN),
    "Info": (0, texts.SYSTEM_INFO),
}


@pytest.mark.parametrize(
    ("created", "shown", "aware", "kind"),
    [
        (DONE, (0, texts.VSWITCHES), True, None),
        (failing(212, 36), (0, texts.VSWITCHES), True, None),
        (failing(212, 36), (0, texts.VSWITCHES), False, errors.Refused),
        (failing(8, 24), (0, texts.VSWITCHES), True, errors.Refused),
        (DONE, failing(212, 40), True, errors.Unknown),
        (DONE, (0, ""), True, errors.Unknown),
        ((1, "Started\n  Return Code: 592\n  Reason Code: 1\n"), (0, ""), True, errors.Unknown),
    ],
)
def test_a_created_vswitch_must_be_there(
    server: FaultyServer,
    driver: XcatHypervisor,
    created: tuple[int, str],
    shown: tuple[int, str],
    aware: bool,
    kind: type[Exception] | None,
) -> None:
    server.script = [Zhcp(CREATE | {"Create_Extended": created, "Query_Extended": shown})]
    spec = model.VSwitchSpec(VSW1, vlan_aware=aware)
    if kind is None:
        driver.create_vswitch(spec)
        return
    with pytest.raises(errors.HypervisorError) as caught:
        driver.create_vswitch(spec)
    assert type(caught.value) is kind


@pytest.mark.parametrize("where", settings.Credentials)
def test_credentials_travel_as_configured(
    server: FaultyServer, xcat_settings: SETTINGS, where: settings.Credentials
) -> None:
    driver = XcatHypervisor(xcat_settings(credentials=where), persistent=False)
    server.script = [Zhcp(texts.LOOK)]
    driver.observe()
    driver.close()
    (request, *_) = server.requests
    in_headers = request.headers.get("password") == PASSWORD and request.headers.get("username") == "admin"
    assert in_headers is (where is settings.Credentials.HEADERS)
    assert ("password=t0p+s3cret" in request.target) is not in_headers


@pytest.mark.parametrize("where", settings.Credentials)
def test_no_fault_tells_the_password(
    server: FaultyServer,
    xcat_settings: SETTINGS,
    where: settings.Credentials,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = faulty_server.messages({"error": [f"/xcatws?password={PASSWORD}"], "errorcode": ["1"]})
    told: list[str] = []
    driver = XcatHypervisor(xcat_settings(credentials=where), persistent=False)
    calls: list[Callable[[], object]] = [driver.port_records, lambda: driver.change([DEFINE])]
    for behaviour in [*UNKNOWN.values(), *(b for b, _ in REJECTIONS.values()), echo]:
        for call in calls:
            server.script = [behaviour]
            try:
                call()
            except errors.ZvmError as error:
                told += traceback.format_exception(error)
    driver.close()
    assert len(told) > 20
    told += [record.getMessage() for record in caplog.records] + [repr(xcat_settings())]
    assert "s3cret" not in "\n".join(told)


def configured(xcat: settings.XcatSettings | None, **changes: object) -> settings.Settings:
    values: dict[str, object] = {
        "host": "zvma",
        "control_point": settings.ControlPoint.XCAT,
        "xcat": xcat,
        "vswitch_of": {"physnet": VSW1},
        "specs": {},
    }
    return settings.Settings(**(values | changes))  # type: ignore[arg-type]


def test_connect_sends_nothing(server: FaultyServer, xcat_settings: SETTINGS) -> None:
    hypervisor = connect(configured(xcat_settings()))
    assert hypervisor.capabilities.records
    hypervisor.close()
    assert server.requests == []


def test_connect_names_what_is_missing(xcat_settings: SETTINGS) -> None:
    with pytest.raises(errors.ConfigurationError, match="xcat_server"):
        connect(configured(None))
    nic = settings.ManagementNic("10.1.0.1", "255.255.0.0")
    with pytest.raises(errors.ConfigurationError, match="xcat_mgt_ip"):
        connect(configured(xcat_settings(management_nic=nic)))


def test_a_look_without_exit_statuses_is_not_trusted(server: FaultyServer, driver: XcatHypervisor) -> None:
    lines = ["zvm:0", texts.QUERY_USERID.strip(), "zvm:1", "x", "zvm:2", "y", "zvm:3", "zvm:end 0"]
    server.script = [faulty_server.messages({"data": ["\n".join(f"zhcp: {line}" for line in lines)]})]
    with pytest.raises(errors.Untrusted, match="incomplete"):
        driver.observe()
