"""Nodes and virtual machines through REST: definitions, mkvm, rmvm, chvm, lsvm, power, inventory."""

import pytest

from tests.unit.zvmsim.dialects.rest import Rest
from zvmsim.server import Simulator
from zvmsim.world.system import System


@pytest.fixture
def zvma(simulator: Simulator) -> System:
    return simulator.world.systems["ZVMA"]


class TestDefinitions:
    def test_mkdef(self, rest: Rest) -> None:
        answer = rest.post("/nodes/os000001", "userid=os000001", "hcp=zhcp.example.com", "mgt=zvm")
        assert answer.status == 201
        assert answer.messages == [{"info": ["1 object definitions have been created or modified."]}]
        assert rest.get("/tables/zvm", col="node", value="os000001", attribute="userid").leaves("data") == [
            "os000001"
        ]

    def test_a_node_is_defined_once_and_only_with_known_attributes(self, rest: Rest) -> None:
        assert "not a valid attribute" in str(rest.post("/nodes/x", "colour=red").leaves("error"))
        rest.post("/nodes/x", "userid=x")
        answer = rest.post("/nodes/x", "userid=y")
        assert (answer.status, answer.leaves("error")) == (201, ["A definition for 'x' already exists."])

    def test_lsdef_gives_a_line_per_attribute(self, rest: Rest) -> None:
        lines = rest.get("/nodes/zhcp").messages[0]["info"]
        assert lines[0] == "Object name: zhcp"
        assert "    userid=ZHCPA" in lines
        assert rest.get("/nodes/zhcp", field="hcp").messages[0]["info"][1:] == ["    hcp=zhcp.example.com"]
        assert "zhcpb  (node)" in rest.get("/nodes").leaves("info")
        assert rest.get("/nodes/x").leaves("error") == ["Could not find an object named 'x' of type 'node'."]

    def test_rmdef(self, rest: Rest) -> None:
        rest.post("/nodes/x", "userid=x")
        assert rest.delete("/nodes/x").leaves("info") == ["1 object definitions have been removed."]
        assert rest.get("/nodes/x/power").status == 403
        assert rest.delete("/nodes/x").leaves("errorcode") == ["1"]

    def test_put_of_a_node_changes_its_tables(self, rest: Rest) -> None:
        rest.put("/nodes/zhcp", "zvm.status=IUCV=1")
        status = rest.get("/tables/zvm", col="node", value="zhcp", attribute="status")
        assert status.leaves("data") == ["IUCV=1"]

    def test_makehosts_and_makedns_need_no_body(self, rest: Rest) -> None:
        rest.put("/tables/hosts", "node=os000001 hosts.ip=10.1.0.5 hosts.hostnames=os000001")
        assert rest.put("/networks/makehosts").messages == []
        assert rest.put("/networks/makedns").messages == []
        assert "10.1.0.5 os000001 os000001" in rest.dsh("xcat", "cat /etc/hosts").output
        assert rest.put("/networks/other").status == 400
        rest.put("/tables/hosts", "hosts.node=os000002")
        assert "os000002" in str(rest.put("/networks/makehosts").leaves("warning"))


class TestMkvm:
    def test_it_writes_the_directory_and_grants_the_management_vswitch_for_good(
        self, rest: Rest, os000001: str, zvma: System
    ) -> None:
        assert zvma.directory.records("OS000001")[:3] == (
            "USER OS000001 dfltpass 1024M 1024M G",
            "INCLUDE OSDFLT",
            "CPU 00 BASE",
        )
        zvma.ipl()
        assert "OS000001" in zvma.vswitches["XCATVSW2"].blocks
        assert "OS000001" not in zvma.vswitches["XCATVSW1"].blocks

    def test_what_it_says(self, rest: Rest) -> None:
        rest.post("/nodes/os1", "userid=os1", "hcp=zhcp.example.com")
        answer = rest.post("/vms/os1", "profile=osdflt", "cpu=2", "memory=1g", "password=x", "logonby=maint")
        assert answer.status == 201
        assert answer.leaves("info") == [
            "os1: Creating user directory entry for OS1... Done",
            "os1: Granting VSwitch (XCATVSW2) access for OS1... Done",
        ]
        assert "os1: CPU 01" in str(rest.get("/vms/os1").leaves("info")[0])

    def test_a_userid_exists_once(self, rest: Rest, os000001: str) -> None:
        answer = rest.post(f"/vms/{os000001}", "profile=osdflt", "memory=1g", "password=x")
        assert answer.status == 201
        assert "Return Code: 400" in str(answer.leaves("error")[0])
        assert answer.errorcode == "1"

    @pytest.mark.parametrize(
        ("node", "complaint"),
        [
            (["userid=x"], "x: (Error) Missing node HCP"),
            (["hcp=zhcp.example.com"], "x: (Error) Missing user ID"),
            (
                ["userid=x", "hcp=elsewhere.example.com"],
                "x: (Error) Failed to communicate with the zhcp system: elsewhere.example.com",
            ),
            (["userid=x", "hcp=zhcp.example.com"], "x: (Error) Missing required option password"),
        ],
    )
    def test_what_it_needs(self, rest: Rest, node: list[str], complaint: str) -> None:
        rest.post("/nodes/x", *node)
        assert rest.post("/vms/x", "profile=osdflt", "memory=1g").leaves("error") == [complaint]


class TestRmvm:
    def test_it_revokes_logs_off_deletes_and_cleans_the_tables(
        self, rest: Rest, os000001: str, zvma: System
    ) -> None:
        nicdef = "NICDEF=VDEV=1000 TYPE=QDIO LAN=SYSTEM SWITCHNAME=xcatvsw2 MACID=000001"
        rest.put(f"/vms/{os000001}", "--smcli", f"Image_Definition_Update_DM -T %userid% -k '{nicdef}'")
        rest.put("/tables/switch", f"switch.node={os000001} switch.port=p1")
        rest.put("/tables/mac", f"mac.node={os000001} mac.mac=02:00:00:00:00:01")
        rest.put(f"/nodes/{os000001}/power", "on")
        answer = rest.delete(f"/vms/{os000001}")
        assert answer.leaves("info") == ["os000001: Deleting virtual server OS000001... Done"]
        assert "OS000001" not in zvma.guests
        assert "OS000001" not in zvma.directory.source
        assert "OS000001" not in zvma.vswitches["XCATVSW2"].blocks
        assert rest.get("/tables/switch", col="port", value="p1", attribute="node").messages == []
        assert rest.get("/tables/mac", col="node", value=os000001, attribute="mac").leaves("data")
        assert rest.delete(f"/vms/{os000001}").status == 403

    def test_retain_keeps_the_tables(self, rest: Rest, os000001: str) -> None:
        rest.call("DELETE", f"/vms/{os000001}", retain="")
        assert rest.get(f"/nodes/{os000001}").leaves("info")

    def test_a_discovered_machine_is_only_forgotten(self, rest: Rest, zvma: System) -> None:
        rest.post("/nodes/db", "userid=dbsrv1", "hcp=zhcp.example.com")
        rest.put("/nodes/db", "zvm.discovered=1")
        rest.delete("/vms/db")
        assert "DBSRV1" in zvma.guests
        assert rest.get("/nodes/db/power").status == 403

    def test_a_directory_that_refuses_is_reported(
        self, rest: Rest, os000001: str, simulator: Simulator
    ) -> None:
        simulator.world.faults.add({"function": "Image_Delete_DM", "reply": {"rc": 400, "rs": 12}})
        assert "Return Code: 400" in str(rest.delete(f"/vms/{os000001}").leaves("error")[0])
        assert rest.get(f"/nodes/{os000001}").leaves("info")


class TestChvmAndLsvm:
    def test_smcli_says_nothing_whatever_happens(self, rest: Rest, os000001: str, zvma: System) -> None:
        delete = "Virtual_Network_Adapter_Delete_DM -T %userid% -v 1000"
        nothing = rest.put(f"/vms/{os000001}", "--smcli", delete)
        assert (nothing.status, nothing.text) == (200, '{"data": []}')
        rest.put(
            f"/vms/{os000001}",
            *("--smcli", "Image_Definition_Update_DM -T %userid% -k 'NICDEF=VDEV=1000 TYPE=QDIO'"),
        )
        assert "1000" in zvma.directory.nicdefs("OS000001")

    def test_only_an_unreachable_zhcp_is_reported(
        self, rest: Rest, os000001: str, simulator: Simulator
    ) -> None:
        simulator.control.set_unreachable(["zhcp"])
        answer = rest.put(f"/vms/{os000001}", "--smcli Image_Activate -T %userid%")
        assert answer.leaves("error") == [
            "os000001: (Error) Failed to communicate with the zhcp system: zhcp.example.com"
        ]

    def test_nics_by_chvm(self, rest: Rest, os000001: str, zvma: System) -> None:
        vm = f"/vms/{os000001}"
        assert rest.put(vm, "--addnic 1000 QDIO 3").messages == []
        assert rest.put(vm, "--connectnic2vswitch 1000 datanet1").leaves("info") == [
            "os000001: Granting VSwitch (datanet1) access for OS000001... Done"
        ]
        assert zvma.directory.nicdefs("OS000001")["1000"].lan_name == "DATANET1"
        assert "OS000001" in zvma.config["DATANET1"].blocks
        rest.put(vm, "--disconnectnic 1000")
        assert zvma.directory.nicdefs("OS000001")["1000"].lan_name == ""
        rest.put(vm, "--removenic 1000")
        assert zvma.directory.nicdefs("OS000001") == {}
        assert "not supported on chvm" in str(rest.put(vm, "--deletenic 1000").leaves("error"))

    def test_nics_of_a_running_guest(self, rest: Rest, os000001: str, zvma: System) -> None:
        rest.put(f"/nodes/{os000001}/power", "on")
        rest.put(f"/vms/{os000001}", "--addnic 1000 QDIO 3")
        rest.put(f"/vms/{os000001}", "--connectnic2vswitch 1000 xcatvsw2")
        assert zvma.nic("OS000001", "1000").lan_name == "XCATVSW2"
        rest.put(f"/vms/{os000001}", "--removenic 1000")
        assert zvma.guests["OS000001"].nics == {}

    def test_checknics(self, rest: Rest, os000001: str) -> None:
        missing = rest.get(f"/vms/{os000001}", checknics="1000")
        assert missing.messages == [
            {"error": ["os000001: (Error) not able to find 1000 in user direct"], "errorcode": ["1"]}
        ]
        rest.put(f"/vms/{os000001}", "--addnic 1000 QDIO 3")
        assert rest.get(f"/vms/{os000001}", checknics="1000").leaves("error")
        rest.put(f"/vms/{os000001}", "--connectnic2vswitch 1000 xcatvsw2")
        assert rest.get(f"/vms/{os000001}", checknics="1000").messages == [{"info": [None]}]
        assert rest.get(f"/vms/{os000001}", checknics="zz").leaves("error")

    def test_lsvm_ends_at_dvhopt(self, rest: Rest, zvma: System) -> None:
        rest.post("/nodes/db", "userid=dbsrv1", "hcp=zhcp.example.com")
        zvma.directory.source["DBSRV1"] += ("*DVHOPT LNK0 LOG1 RCM1",)
        text = str(rest.get("/vms/db").leaves("info")[0])
        assert text.splitlines()[0] == "db: USER DBSRV1 LBYONLY 8G 16G G"
        assert "DVHOPT" not in text

    def test_network_names(self, rest: Rest) -> None:
        names = str(rest.get("/vms/zhcp", networknames="").leaves("info")[0])
        assert names.splitlines() == [
            f"VSWITCH SYSTEM {name}" for name in ("XCATVSW1", "XCATVSW2", "DATANET1")
        ]


class TestPowerAndInventory:
    def test_power(self, rest: Rest, os000001: str, zvma: System) -> None:
        power = f"/nodes/{os000001}/power"
        assert rest.get(power).messages == [{"info": ["os000001: off"]}]
        assert rest.put(power, "isreachable").leaves("info") == ["os000001: unreachable"]
        assert rest.put(power, "on").leaves("info") == ["os000001: Activating OS000001... Done"]
        assert "OS000001" in zvma.guests
        assert rest.get(power).leaves("info") == ["os000001: on"]
        assert "Reason Code: 8" in str(rest.put(power, "on").leaves("error")[0])
        rest.put(power, "softoff")
        assert "OS000001" not in zvma.guests
        assert "not supported" in str(rest.put(power, "dance").leaves("error"))

    def test_status_uses_the_node_group(self, rest: Rest, os000001: str) -> None:
        assert rest.get(f"/nodes/{os000001}/status").messages[0]["node"] == [
            {"name": ["os000001"], "data": ["noping"]}
        ]
        rest.put(f"/nodes/{os000001}/power", "on")
        assert rest.get(f"/nodes/{os000001}/status").messages[0]["node"][0]["data"] == ["sshd"]

    def test_inventory_of_a_system(self, rest: Rest) -> None:
        text = str(rest.get("/nodes/zvma/inventory").leaves("info")[0])
        assert "zvma: zHCP: zhcp.example.com" in text.splitlines()
        assert "zvma: Hypervisor Name: ZVMA" in text.splitlines()

    def test_inventory_of_a_guest(self, rest: Rest, os000001: str) -> None:
        assert "unreachable" in str(rest.get(f"/nodes/{os000001}/inventory").leaves("error"))
        text = str(rest.get("/nodes/zhcp/inventory").leaves("info")[0])
        assert "zhcp: NICs:\nzhcp: \tAdapter 0600.P00" in text

    def test_chhypervisor_passes_on_what_smcli_says(self, rest: Rest, zvma: System) -> None:
        added = rest.put("/hypervisor/zvma", "--addvswitch NEWVSW A300 0 * 1 8 0 2 0 0 1 0 0")
        assert added.leaves("info") == ["zvma: Creating virtual switch NEWVSW... Done"]
        assert zvma.vswitches["NEWVSW"].rdevs == ("A300",)
        removed = rest.put("/hypervisor/zvma", "--removevswitch NEWVSW")
        assert removed.leaves("info") == ["zvma: Deleting virtual switch NEWVSW... Done"]
        assert "NEWVSW" not in zvma.vswitches
        assert "212" in str(rest.put("/hypervisor/zvma", "--removevswitch NEWVSW").leaves("error"))
