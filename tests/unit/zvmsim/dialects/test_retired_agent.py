"""The retired agent and nova's xCAT driver, played request by request against an old z/VM without DNA.

Requests as networking-zvm 34adeab~1 (zvm_network.py, zvm_neutron_agent.py, xcatutils.py, utils.py) and
nova-zvm-virt-driver 6fea79d~1 send them: credentials in the query, one connection each.
"""

import re
from collections.abc import Iterator

import pytest

from tests.unit.zvmsim.dialects.rest import Rest
from zvmsim import oracle
from zvmsim.clock import VirtualClock
from zvmsim.server import Simulator
from zvmsim.world.system import System

SMCLI = "/opt/zhcp/bin/smcli"
UPTIME = 'date -d "$(awk -F. \'{print $1}\' /proc/uptime) second ago" +"%Y-%m-%d %H:%M:%S"'


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator.from_inventory("old-system", clock=VirtualClock()) as running:
        yield running


@pytest.fixture
def rest(simulator: Simulator) -> Iterator[Rest]:
    client = Rest(simulator, in_headers=False)
    yield client
    client.close()


@pytest.fixture
def zvm(simulator: Simulator) -> System:
    (system,) = simulator.world.systems.values()
    return system


def only(rest: Rest, table: str, column: str, value: str, attribute: str) -> str:
    """A table look-up as xcatdb_get sends it; the first value of the first data group."""
    answer = rest.get(f"/tables/{table}", col=column, value=value, attribute=attribute)
    return str(answer.leaves("data")[0])


def ipl_time(rest: Rest) -> str:
    """As query_zvm_uptime cuts it out of the one string."""
    text = str(rest.dsh("zhcp", f"{SMCLI} System_Info_Query").leaves("data")[0])
    return text.split("\n")[4].split(": ", 3)[2]


def switch_rows(rest: Rest) -> list[list[str]]:
    """As get_xcat_switch_info-like code splits a dump: header off, quotes off, by position."""
    _header, *lines = rest.get("/tables/switch").messages[0]["data"]
    return [line.replace('"', "").split(",") for line in lines]


def test_start_of_the_agent(rest: Rest, zvm: System) -> None:
    mn_ip = only(rest, "site", "key", "master", "value")
    assert only(rest, "hosts", "ip", mn_ip, "node") == "xcat"

    lines = str(rest.dsh("xcat", "vmcp q v nic").leaves("data")[0]).split("\n")
    precreated = [
        lines[at + 1].split()[-1]
        for at, line in enumerate(lines)
        if "Adapter 0600" in line or "Adapter 0700" in line
    ]
    assert precreated == ["XCATVSW1", "XCATVSW2"]

    zhcp = only(rest, "zvm", "node", "zhcp", "userid")
    query = f"{SMCLI} Virtual_Network_Vswitch_Query -T {zhcp} -s newnet"
    missing = rest.dsh("zhcp", query)
    assert missing.errorcode == "1"
    four_lines = str(missing.leaves("data")[0]).split("\n")
    assert len(four_lines) == 4
    assert four_lines[1].split(": ")[2] == "212"
    assert "does not exist" in four_lines[3]

    create = (
        f"{SMCLI} Virtual_Network_Vswitch_Create -T {zhcp} -n newnet -r a300 a400"
        " -c 1 -q 8 -e 0 -t 2 -v 2-4094 -p 1 -u 1 -G 2 -V 1"
    )
    assert rest.dsh("zhcp", create).errorcode == "0"
    shown = rest.dsh("zhcp", query)
    assert shown.errorcode == "0"
    assert re.findall("Real device: (.*)\n", str(shown.leaves("data")[0])) == ["A300"]
    vswitch = zvm.vswitches["NEWNET"]
    assert (vswitch.transport, vswitch.vlan_aware, vswitch.default_vlan) == ("ETHERNET", True, 2)
    assert "NEWNET" not in zvm.config

    rdev = "-k switch_name=newnet -k real_device_address=a100 a200"
    rest.dsh("zhcp", f"{SMCLI} Virtual_Network_Vswitch_Set_Extended -T {zhcp} {rdev}")
    assert zvm.vswitches["NEWNET"].rdevs == ("A100",)

    started = rest.dsh("xcat", UPTIME).leaves("data")[0]
    assert re.fullmatch(r"xcat: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d", str(started))
    assert ipl_time(rest) == f"{zvm.ipl_time:%Y-%m-%d %H:%M:%S} {zvm.zone.tzname(None)}"
    assert switch_rows(rest) == []
    assert rest.get("/tables/zvm").messages[0]["data"][0].startswith("#node,hcp,userid,")


def test_management_nic_of_xcat_mgt_ip(rest: Rest, simulator: Simulator, zvm: System) -> None:
    look, address = "vmcp q v nic 800", "ifconfig enccw0.0.0800|grep 'inet '"
    assert "does not exist" in rest.dsh("xcat", look).output
    define = "vmcp define nic 0800 type qdio\nvmcp couple 0800 system xcatvsw2"
    configure = "/usr/bin/perl /usr/sbin/sspqeth2.pl -a 10.1.0.9 -d 0800 0801 0802 -e enccw0.0.0800"
    rest.dsh("xcat", f"{define}\n{configure} -m 255.255.0.0 -g 10.1.0.9")
    assert "VSWITCH: SYSTEM XCATVSW2" in rest.dsh("xcat", look).output
    assert zvm.nic("XCAT", "0800").lan_name == "XCATVSW2"
    text = rest.dsh("xcat", address).output
    assert re.findall("inet (.*)  netmask", text) == ["10.1.0.9"]
    assert re.findall("netmask (.*)  broadcast", text) == ["255.255.0.0"]

    simulator.control.restart_management_node()
    assert "does not exist" in rest.dsh("xcat", look).output
    assert rest.dsh("xcat", address).errorcode == "1"


def nova_defines(rest: Rest, node: str, ports: dict[str, tuple[str, str]]) -> None:
    """N1-N8: the node, its virtual machine and its rows; ports: (vdev, MAC) by Neutron port."""
    made = rest.post(f"/nodes/{node}", f"userid={node}", "hcp=zhcp.example.com", "mgt=zvm", "groups=all")
    assert (made.status, made.leaves("info")) == (
        201,
        ["1 object definitions have been created or modified."],
    )
    rest.post(f"/vms/{node}", "profile=osdflt", "cpu=1", "memory=1024m", "privilege=G", "password=pw")
    rest.put("/tables/mac", f"mac.node={node} mac.mac=00:00:00:00:00:00 mac.interface=fake")
    rest.put("/tables/hosts", f"node={node} hosts.ip=10.1.0.20 hosts.hostnames={node}")
    assert rest.put("/networks/makehosts").messages == []
    for port, (vdev, mac) in ports.items():
        rest.put("/tables/mac", f"-d node={node} mac")
        rest.put("/tables/mac", f"mac.node={node} mac.mac={mac} mac.interface={vdev} mac.comments=zhcp")
        row = f"switch.node={node} switch.port={port} switch.interface={vdev} switch.comments=zhcp"
        assert rest.put("/tables/switch", row).messages == []


def agent_binds(rest: Rest, port: str, vswitch: str, vlan: int | None, mac: str) -> None:
    """A4, A6, A13, A14, A8, A5, A19 of one added port."""
    node = only(rest, "switch", "port", port, "node")
    userid = only(rest, "zvm", "node", node, "userid")
    grant = f"{SMCLI} Virtual_Network_Vswitch_Set_Extended -T {userid}"
    rest.dsh("zhcp", f"{grant} -k switch_name={vswitch} -k grant_userid={userid}")
    if vlan:
        keys = f"-k grant_userid={userid} -k switch_name={vswitch} -k user_vlan_id={vlan}"
        rest.dsh("zhcp", f"{grant} {keys}")
    words = f"port={port} switch.switch={vswitch} switch.vlan={vlan or -1}"
    assert rest.put("/tables/switch", words).messages == []
    vdev = only(rest, "switch", "port", port, "interface")
    nicdef = f"VDEV={vdev} TYPE=QDIO MACID={mac.replace(':', '')[6:]} LAN=SYSTEM SWITCHNAME={vswitch}"
    update = f"Image_Definition_Update_DM -T %userid% -k 'NICDEF={nicdef}'"
    assert rest.put(f"/vms/{node}", "--smcli", update).messages == []


PORTS = {
    "11111111-0000-0000-0000-000000000001": ("1000", "02:00:00:00:00:0a"),
    "22222222-0000-0000-0000-000000000002": ("1003", "02:00:00:00:00:0b"),
}


def bind_guest(rest: Rest) -> None:
    flat, tagged = PORTS
    nova_defines(rest, "os000001", PORTS)
    agent_binds(rest, flat, "xcatvsw2", None, PORTS[flat][1])
    agent_binds(rest, tagged, "datanet1", 100, PORTS[tagged][1])


def test_a_guest_with_a_flat_and_a_vlan_port(rest: Rest, zvm: System) -> None:
    nova_defines(rest, "os000001", PORTS)
    flat, tagged = PORTS
    assert switch_rows(rest) == [
        ["os000001", "", flat, "", "1000", "zhcp", ""],
        ["os000001", "", tagged, "", "1003", "zhcp", ""],
    ]
    agent_binds(rest, flat, "xcatvsw2", None, PORTS[flat][1])
    agent_binds(rest, tagged, "datanet1", 100, PORTS[tagged][1])
    assert switch_rows(rest) == [
        ["os000001", "xcatvsw2", flat, "-1", "1000", "zhcp", ""],
        ["os000001", "datanet1", tagged, "100", "1003", "zhcp", ""],
    ]
    assert only(rest, "mac", "node", "os000001", "mac") == "02:00:00:00:00:0b"
    for vdev in ("1000", "1003"):
        ready = rest.get("/vms/os000001", checknics=vdev)
        assert ready.messages == [{"info": [None]}]

    rest.put("/nodes/os000001/power", "on")
    assert (zvm.nic("OS000001", "1000").lan_name, zvm.nic("OS000001", "1000").mac) == (
        "XCATVSW2",
        "02-00-00-00-00-0A",
    )
    nic = zvm.nic("OS000001", "1003")
    vswitch = zvm.vswitches["DATANET1"]
    assert nic.lan_name == "DATANET1"
    assert nic.block is not None
    assert vswitch.vlans_of(nic.block) == {100}
    assert "NICDEF 1003 TYPE QDIO LAN SYSTEM DATANET1 MACID 00000B" in zvm.directory.records("OS000001")


def test_two_guests_of_one_vlan_reach_each_other(rest: Rest, simulator: Simulator, zvm: System) -> None:
    bind_guest(rest)
    port = "33333333-0000-0000-0000-000000000003"
    nova_defines(rest, "os000002", {port: ("1000", "02:00:00:00:00:0c")})
    agent_binds(rest, port, "datanet1", 100, "02:00:00:00:00:0c")
    for node in ("os000001", "os000002"):
        rest.put(f"/nodes/{node}/power", "on")
    found = simulator.control.reach(f"{zvm.name}:OS000001:1003", f"{zvm.name}:OS000002:1000")
    assert found["ok"], found["because"]


def test_port_down_and_up(rest: Rest, zvm: System) -> None:
    bind_guest(rest)
    rest.put("/nodes/os000001/power", "on")
    for function in ("Disconnect_DM", "Disconnect"):
        rest.dsh("zhcp", f"{SMCLI} Virtual_Network_Adapter_{function} -T os000001 -v 1003")
    assert not zvm.nic("OS000001", "1003").coupled
    assert zvm.directory.nicdefs("OS000001")["1003"].lan_name == ""
    for function in ("Connect_Vswitch_DM", "Connect_Vswitch"):
        rest.dsh("zhcp", f"{SMCLI} Virtual_Network_Adapter_{function} -T os000001 -v 1003 -n datanet1")
    rest.dsh("zhcp", f"{SMCLI} Static_Image_Changes_Immediate_DM -T ZHCPA")
    assert zvm.nic("OS000001", "1003").coupled
    assert zvm.directory.nicdefs("OS000001")["1003"].lan_name == "DATANET1"


def test_port_removed(rest: Rest, zvm: System) -> None:
    """Revoke is all the agent does; whether the NIC stays coupled is a switch of the world."""
    bind_guest(rest)
    revoke = f"{SMCLI} Virtual_Network_Vswitch_Set_Extended -T os000001 -k switch_name=datanet1"
    assert rest.dsh("zhcp", f"{revoke} -k revoke_userid=os000001").errorcode == "0"
    assert "OS000001" not in zvm.vswitches["DATANET1"].blocks
    rest.put("/tables/switch", "-d node=os000001 switch")
    assert switch_rows(rest) == []


def test_restarts_are_seen_and_grants_given_again(rest: Rest, simulator: Simulator, zvm: System) -> None:
    bind_guest(rest)
    before = rest.dsh("xcat", UPTIME).text, ipl_time(rest)
    assert (rest.dsh("xcat", UPTIME).text, ipl_time(rest)) == before

    simulator.control.advance(3600)
    simulator.control.restart_management_node()
    simulator.control.ipl(zvm.name)
    assert rest.dsh("xcat", UPTIME).text != before[0]
    assert ipl_time(rest) != before[1]
    assert "OS000001" not in zvm.vswitches["DATANET1"].blocks

    grants = "".join(
        f"{SMCLI} Virtual_Network_Vswitch_Set_Extended -T os000001 -k switch_name={vswitch} "
        f"-k grant_userid=os000001{vlan}\n"
        for vswitch, vlan in (("xcatvsw2", ""), ("datanet1", " -k user_vlan_id=100"))
    )
    rest.dsh("zhcp", f'echo -e "#!/bin/sh\n{grants}" > grant.sh')
    done = "Changing virtual switch configuration ... Done"
    assert rest.dsh("zhcp", "sh grant.sh;rm -f grant.sh").output == f"{done}\n{done}"
    assert sorted(zvm.vswitches["DATANET1"].blocks["OS000001"][0].vlans) == [100]
    rest.put("/nodes/os000001/power", "on")
    address = oracle.NicAddress(zvm.name, "OS000001", "1003")
    assert oracle.snapshot(simulator.world).nics[address].coupled
