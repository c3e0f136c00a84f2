"""HTTP as REST version 1 has it: status codes, credentials, shapes of answers, faults."""

import json
import threading

import pytest
import requests

from tests.unit.zvmsim.dialects.rest import Rest
from zvmsim.clock import VirtualClock
from zvmsim.dialects.xcat.management_node import Quirks
from zvmsim.server import Simulator


class TestStatus:
    def test_the_certificate_is_verified(self, simulator: Simulator) -> None:
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{simulator.xcat_url}/xcatws", timeout=5)

    def test_list_of_resources(self, rest: Rest) -> None:
        assert "<p>nodes</p>" in rest.get("").text

    def test_version(self, rest: Rest) -> None:
        answer = rest.get("/version")
        assert answer.status == 200
        assert str(answer.leaves("data")[0]).split()[1] == "2.8.3.16"

    @pytest.mark.parametrize(
        ("method", "path", "body", "status", "reason", "text"),
        [
            ("GET", "/nope", None, 404, "Not Found", "Resource 'nope' does not exist\n"),
            ("POST", "/tables/switch", ["x"], 405, "Method Not Allowed", "request method 'POST' is not"),
            ("DELETE", "/tables/switch", None, 405, "Method Not Allowed", "request method 'DELETE' is"),
            ("PUT", "/nodes/zhcp", None, 400, "Bad Request", "No set attribute was supplied.\n"),
            ("PUT", "/nodes/zhcp/dsh", None, 400, "Bad Request", "No set attribute was supplied.\n"),
            ("PUT", "/vms/zhcp", None, 400, "Bad Request", "No Field and Value map was supplied.\n"),
            ("POST", "/vms/zhcp", None, 400, "Bad Request", "Invalid Parameters\n"),
            ("PUT", "/tables/switch", None, 400, "Bad Request", "No set attribute was supplied.\n"),
            ("PUT", "/nodes/zhcp/dsh", {"a": 1}, 500, "Internal Server Error", "<html>"),
            ("GET", "/images", None, 403, "Forbidden", "<p>Unsupported request: images</p>"),
            ("GET", "/nodes/zhcp/energy", None, 403, "Forbidden", "<p>Unsupported request: energy</p>"),
            (
                *("PUT", "/nodes/nobody/dsh", ["command=true"], 403, "Forbidden"),
                "<p>Invalid nodes and/or groups in noderange: nobody</p>",
            ),
            (
                *("GET", "/nodes/nobody/power", None, 403, "Forbidden"),
                "<p>Invalid nodes and/or groups in noderange: nobody</p>",
            ),
        ],
    )
    def test_pages_that_are_no_json(
        self, rest: Rest, method: str, path: str, body: object, status: int, reason: str, text: str
    ) -> None:
        answer = rest.call(method, path, body)
        assert (answer.status, answer.reason) == (status, reason)
        assert answer.text.startswith(text)

    def test_they_say_json_all_the_same(self, simulator: Simulator) -> None:
        url = f"{simulator.xcat_url}/xcatws/nope?format=json"
        answer = requests.get(url, verify=str(simulator.ca_file), timeout=5)
        assert answer.headers["Content-Type"] == "application/json"

    def test_formats(self, rest: Rest) -> None:
        assert rest.call("GET", "/version", format="yaml").status == 400
        assert rest.call("GET", "/version", format="html").text.startswith("<html>")

    def test_a_body_that_is_no_json(self, simulator: Simulator) -> None:
        url = f"{simulator.xcat_url}/xcatws/nodes/zhcp/dsh?format=json&userName=admin&password=admin"
        verify = str(simulator.ca_file)
        headers = {"content-type": "text/plain"}
        assert requests.put(url, "[oops", headers=headers, verify=verify, timeout=5).status_code == 500
        as_form = requests.put(url, data={"x": "y"}, verify=verify, timeout=5)
        assert as_form.status_code == 400

    def test_errors_of_xcatd_come_with_200(self, rest: Rest) -> None:
        answer = rest.get("/tables/nope")
        assert (answer.status, answer.leaves("error")) == (200, ["No such table: nope"])


class TestCredentials:
    @pytest.mark.parametrize("in_headers", [True, False])
    def test_wrong_password(self, simulator: Simulator, in_headers: bool) -> None:
        answer = Rest(simulator, password="wrong", in_headers=in_headers).get("/version")
        assert (answer.status, answer.reason) == (401, "Unauthorized")
        assert answer.text == "<p>Authentication failure</p>"

    @pytest.mark.parametrize(
        ("headers", "query", "in_headers", "status"),
        [
            (True, False, True, 200),
            (True, False, False, 401),
            (False, True, True, 401),
            (False, True, False, 200),
        ],
    )
    def test_a_server_may_ignore_headers_or_the_query(
        self, headers: bool, query: bool, in_headers: bool, status: int
    ) -> None:
        quirks = Quirks(headers=headers, query=query)
        with Simulator.from_inventory("one-system", quirks=quirks) as simulator:
            assert Rest(simulator, in_headers=in_headers).get("/version").status == status

    def test_without_policy_nothing_is_permitted(self, rest: Rest) -> None:
        rest.put("/tables/policy", "-d name=admin policy")
        answer = rest.get("/version")
        assert (answer.status, answer.text) == (401, "<p>Permission denied for request</p>")

    def test_passwords_stay_out_of_the_journal(self, rest: Rest, os000001: str, simulator: Simulator) -> None:
        Rest(simulator, in_headers=False).get(f"/vms/{os000001}")
        journal = json.dumps(simulator.control.journal())
        assert "dfltpass" not in journal
        assert "admin" not in journal


class TestDsh:
    def test_one_string_with_the_node_on_every_line(self, rest: Rest) -> None:
        answer = rest.dsh("zhcp", "echo a; echo; echo b")
        assert sorted(map(sorted, answer.messages)) == [["data"], ["errorcode"]]
        assert answer.messages[0]["data"] == ["zhcp: a\nzhcp: \nzhcp: b"]
        assert answer.messages[1]["errorcode"] == ["0"]

    def test_no_output(self, rest: Rest) -> None:
        assert rest.dsh("zhcp", "true").messages == [{"errorcode": ["0"]}]

    def test_the_last_errorcode_counts_failed_nodes_not_the_exit_status(self, rest: Rest) -> None:
        answer = rest.dsh("zhcp", "/opt/zhcp/bin/smcli Frobnicate; exit 9")
        assert answer.messages[0]["data"] == ["zhcp: ERROR: Unsupported API function name"]
        assert answer.errorcode == "1"
        assert rest.put("/nodes/zhcp,zhcpb/dsh", "command=false").errorcode == "2"

    def test_stderr_is_an_error_group_with_code_0_in_front(self, rest: Rest) -> None:
        answer = rest.dsh("xcat", "vmcp q v nic 800")
        assert answer.leaves("data") == ["xcat: HCPNDQ040E Device 0800 does not exist"]
        assert answer.leaves("error") == [
            "xcat: Error: non-zero CP response for command 'Q V NIC 800': #40"
        ]
        assert answer.leaves("errorcode") == ["0", "1"]

    def test_long_output_comes_in_several_strings_of_whole_lines(self, rest: Rest) -> None:
        word = "x" * 100
        answer = rest.dsh("zhcp", "\n".join(f"echo {n} {word}" for n in range(100)))
        (message,) = [message for message in answer.messages if "data" in message]
        assert len(message["data"]) == 3
        assert all(len(chunk.replace("zhcp: ", "")) <= 4096 for chunk in message["data"])
        assert [line.split()[0] for line in answer.output.splitlines()] == [str(n) for n in range(100)]

    def test_several_options_and_an_unreachable_node(self, rest: Rest, simulator: Simulator) -> None:
        simulator.control.set_unreachable(["zhcp"])
        answer = rest.put("/nodes/zhcp/dsh", "command=true", "options=-q", "silent")
        assert answer.status == 200
        assert "No route to host" in str(answer.leaves("error")[0])
        assert answer.errorcode == "1"
        simulator.control.set_unreachable([])
        assert rest.dsh("zhcp", "true").errorcode == "0"

    def test_each_system_has_its_own_zhcp(self, rest: Rest) -> None:
        assert rest.dsh("zhcpb", "vmcp q userid").output == "ZHCPB    AT ZVMB"
        assert "DBSRV2" in rest.dsh("zhcpb", "/opt/zhcp/bin/smcli Image_Status_Query -T '*'").output

    def test_smcli_is_not_on_the_management_node(self, rest: Rest) -> None:
        answer = rest.dsh("xcat", "/opt/zhcp/bin/smcli System_Info_Query")
        assert answer.leaves("error") == ["xcat: sh: /opt/zhcp/bin/smcli: command not found"]

    def test_execcmdonvm_is_silent(self, rest: Rest) -> None:
        answer = rest.put("/nodes/zhcp/execcmdonvm", "vmcp define nic 0900 type qdio")
        assert answer.messages == []
        assert "0900" in rest.dsh("zhcp", "vmcp q v nic").output

    def test_characters_that_are_not_ascii_become_question_marks(self, rest: Rest) -> None:
        assert rest.dsh("zhcp", "echo Zürich").output == "Z?rich"


class TestQuirks:
    def test_stderr_noise_trailing_null_and_source(self) -> None:
        quirks = Quirks(stderr="Warning: the RSA host key for zhcp", trailing_null=True, source=True)
        with Simulator.from_inventory("one-system", quirks=quirks) as simulator:
            answer = Rest(simulator).dsh("zhcp", "echo a; false")
        assert answer.leaves("data") == ["zhcp: a", None]
        assert answer.leaves("error") == ["Warning: the RSA host key for zhcp"]
        assert answer.leaves("errorcode") == ["0", "1"]
        assert all(message["xcatdsource"] == ["xcat"] for message in answer.messages)

    def test_the_order_of_keys_is_random(self, rest: Rest) -> None:
        orders = {tuple(rest.dsh("xcat", "vmcp q user x").messages[1]) for _ in range(30)}
        assert len(orders) > 1


class TestJournalAndFaults:
    @pytest.mark.parametrize(
        ("method", "path", "body", "mutating"),
        [
            ("GET", "/tables/switch", None, False),
            ("PUT", "/tables/switch", ["port=p switch.vlan=1"], True),
            ("PUT", "/nodes/zhcp/dsh", ["command=vmcp q v nic; smcli System_Info_Query"], False),
            ("PUT", "/nodes/zhcp/dsh", ["command=echo zvm:1 2>&1"], False),
            ("PUT", "/nodes/zhcp/dsh", ["command=vmcp define nic 900 type qdio"], True),
            ("PUT", "/nodes/zhcp/dsh", ["command=smcli Image_Activate -T X"], True),
            ("PUT", "/nodes/zhcp/dsh", ["command=echo $(vmcp det nic 900)"], True),
            ("PUT", "/nodes/zhcp/dsh", ["command=echo x > f"], True),
            ("PUT", "/nodes/zhcp/dsh", ["command=sh grant.sh"], False),
            ("PUT", "/nodes/zhcp/dsh", ["command=sh -c 'vmcp couple 600 system x'"], True),
            ("PUT", "/nodes/zhcp/power", ["stat"], False),
            ("PUT", "/nodes/zhcp/power", ["on"], True),
            ("PUT", "/vms/zhcp", ["--smcli", "Image_Query_DM -T %userid%"], False),
            ("PUT", "/vms/zhcp", ["--smcli Image_Activate -T %userid%"], True),
            ("POST", "/nodes/x", ["userid=x"], True),
            ("DELETE", "/nodes/x", None, True),
        ],
    )
    def test_what_counts_as_a_change(
        self, rest: Rest, simulator: Simulator, method: str, path: str, body: object, mutating: bool
    ) -> None:
        rest.call(method, path, body)
        (entry,) = simulator.world.journal.entries(dialect="rest")
        assert (entry.call.function, entry.call.mutating) == (f"{method} {path}", mutating)
        assert entry.call.system == "ZVMA"

    def test_objects_are_the_node_and_its_userid(self, rest: Rest, simulator: Simulator) -> None:
        rest.dsh("zhcp", "true")
        (entry,) = simulator.world.journal.entries(object="ZHCPA")
        assert (entry.call.objects, entry.rc) == (("ZHCP", "ZHCPA"), 200)

    def test_503_before_the_effect(self, rest: Rest, simulator: Simulator) -> None:
        simulator.world.faults.add({"function": "rest:PUT /nodes/*/dsh", "count": 1, "reply": {"http": 503}})
        answer = rest.dsh("zhcp", "vmcp define nic 0900 type qdio")
        assert (answer.status, answer.reason) == (503, "Service Unavailable")
        assert answer.text.startswith("Connection failurexx: ")
        assert "0900" not in simulator.world.systems["ZVMA"].guests["ZHCPA"].nics
        assert rest.dsh("zhcp", "true").status == 200

    def test_503_after_the_effect(self, rest: Rest, simulator: Simulator) -> None:
        rule = {"function": "rest:PUT /nodes/*/dsh", "when": "after", "reply": {"http": 503}}
        simulator.world.faults.add(rule)
        answer = rest.dsh("zhcp", "vmcp define nic 0900 type qdio")
        assert answer.status == 503
        assert answer.text.startswith("ERROR/WARNING: communication with the xCAT server seems")
        assert "0900" in simulator.world.systems["ZVMA"].guests["ZHCPA"].nics

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_dropped_without_an_answer(self, rest: Rest, simulator: Simulator, when: str) -> None:
        simulator.world.faults.add({"function": "rest:PUT *", "when": when, "reply": "drop"})
        with pytest.raises(requests.exceptions.ConnectionError):
            rest.put("/tables/switch", "node=n,port=p switch.vlan=1")
        assert simulator.management_node
        written = simulator.management_node.tables.rows("switch") != []
        assert written == (when == "after")

    def test_a_fault_of_smapi_shows_inside_the_dsh(self, rest: Rest, simulator: Simulator) -> None:
        simulator.world.faults.add({"function": "*_DM", "reply": {"rc": 400, "rs": 12}})
        answer = rest.smcli("Virtual_Network_Adapter_Delete_DM -T DBSRV1 -v 0600")
        assert answer.status == 200
        assert answer.output.splitlines()[1:3] == ["  Return Code: 400", "  Reason Code: 12"]
        assert answer.errorcode == "1"

    def test_codes_as_a_fault_of_rest(self, rest: Rest, simulator: Simulator) -> None:
        simulator.world.faults.add({"function": "rest:*", "reply": {"rc": 8, "rs": 1}})
        assert rest.get("/version").leaves("error") == ["(Error) Return Code: 8 Reason Code: 1"]

    def test_as_many_requests_at_once_as_xcat_takes(self) -> None:
        """64 commands sleep at the same moment."""
        clock = VirtualClock()
        with Simulator.from_inventory("one-system", clock=clock) as simulator:
            simulator.control.set_delay({"read": 1})
            codes: list[str] = []

            def ask() -> None:
                codes.append(Rest(simulator).dsh("zhcp", "vmcp q userid").errorcode)

            threads = [threading.Thread(target=ask) for _ in range(64)]
            for thread in threads:
                thread.start()
            clock.wait_for_sleepers(64)
            clock.advance(1)
            for thread in threads:
                thread.join()
        assert codes == ["0"] * 64
