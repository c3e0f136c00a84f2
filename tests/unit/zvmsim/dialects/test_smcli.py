"""smcli's texts, letter by letter, and its ways with the command line."""

import shlex
from dataclasses import replace

import pytest

from zvmsim.dialects import smcli
from zvmsim.dialects.program import Result
from zvmsim.dialects.smcli.command_line import UsageError, parse
from zvmsim.dialects.smcli.descriptions import description, numbered_description
from zvmsim.world.smapi import Request
from zvmsim.world.world import World


def run(world: World, line: str, style: smcli.Style = "today") -> Result:
    return smcli.run(world, "ZVMA", "ZHCPA", shlex.split(line), style=style)


def request(line: str) -> Request:
    return parse(shlex.split(line), smcli.no_records).request


class TestCommandLine:
    def test_an_option_takes_only_the_next_word(self) -> None:
        """The retired agent's unquoted list of real devices loses all but the first."""
        created = request("Virtual_Network_Vswitch_Create -T ZHCPA -n V1 -r 1111 2222 3333 -c 1 -q 8")
        assert created.arguments == {
            "switch_name": "V1",
            "real_device_address": "1111",
            "connection_value": "1",
            "queue_memory_limit": "8",
        }

    def test_numbers_go_through_atoi(self) -> None:
        created = request("Virtual_Network_Vswitch_Create -T A -n V1 -v 2-4094 -V -1 -G x")
        assert created.arguments["vlan_id"] == "2"
        assert created.arguments["native_vlanid"] == "-1"
        assert created.arguments["gvrp_value"] == "0"

    def test_a_value_may_stick_to_its_letter(self) -> None:
        assert request("Virtual_Network_Adapter_Delete -TLNX1 -v1000") == Request(
            "Virtual_Network_Adapter_Delete", "LNX1", {"image_device_number": "1000"}
        )

    def test_keywords_may_come_several_times(self) -> None:
        line = "Image_Definition_Update_DM -T LNX1 -k 'NICDEF=VDEV=1000 TYPE=QDIO' -k NICDEF=VDEV=1003"
        assert request(line).arguments == {"NICDEF": "VDEV=1000 TYPE=QDIO\nVDEV=1003"}

    def test_global_options_may_stand_anywhere(self) -> None:
        line = "Image_Query_DM --addRCheader -T LNX1 --timeout 240"
        assert request(line) == Request("Image_Query_DM", "LNX1", {})

    def test_records_come_from_a_file_or_standard_input(self) -> None:
        texts = {"-": "USER A P\n\nINCLUDE X  \n", "/tmp/f": "USER B P\n"}
        for words, records in ((["-s"], ("USER A P", "INCLUDE X")), (["-f", "/tmp/f"], ("USER B P",))):
            line = parse(["Image_Create_DM", "-T", "A", *words], texts.__getitem__)
            assert line.request.records == records

    @pytest.mark.parametrize(
        ("line", "complaint"),
        [
            ("", "ERROR: Unsupported API function name"),
            ("Frobnicate -T A", "ERROR: Unsupported API function name"),
            ("image_query_dm -T A", "ERROR: Unsupported API function name"),
            ("Image_Query_DM", "ERROR: Missing required options"),
            ("Virtual_Network_Vswitch_Set_Extended -T A", "ERROR: Missing required options"),
            ("Virtual_Network_Adapter_Delete -T A -v", "This option requires an argument: -v"),
            ("Virtual_Network_Adapter_Delete -T A -x", "Unknown option -x"),
            ("Image_Replace_DM -T A -f /nowhere", "ERROR: Failed to open file /nowhere"),
        ],
    )
    def test_usage_errors(self, world: World, line: str, complaint: str) -> None:
        with pytest.raises(UsageError, match=complaint):
            request(line)
        assert run(world, line) == Result(1, complaint + "\n")
        assert world.journal.mark() == 0

    def test_a_usage_error_with_header(self, world: World) -> None:
        assert run(world, "Image_Query_DM --addRCheader").stdout == (
            "24 0 0 (details) Input error\nERROR: Missing required options\n"
        )


class TestOutcomes:
    missing = "Virtual_Network_Vswitch_Set_Extended -T ZHCPA -k switch_name=NOSUCH -k grant_userid=LNX1"
    done = "Virtual_Network_Vswitch_Set_Extended -T ZHCPA -k switch_name=XCATVSW2 -k grant_userid=LNX1"

    def test_failure_today(self, world: World) -> None:
        assert run(world, self.missing) == Result(
            1,
            "Changing virtual switch configuration ... \n"
            "Failed\n"
            "  Return Code: 212\n"
            "  Reason Code: 40\n"
            "  Description: ULGSMC5212E Virtual switch does not exist\n"
            "  API issued : Virtual_Network_Vswitch_Set_Extended\n",
        )

    def test_failure_as_xcat_has_it_is_four_lines(self, world: World) -> None:
        result = run(world, self.missing, "xcat")
        assert result == Result(
            1,
            "Failed\n"
            "  Return Code: 212\n"
            "  Reason Code: 40\n"
            "  Description: Virtual switch does not exist\n",
        )

    def test_failure_in_the_zhcp_source_follows_the_status_on_its_line(self, world: World) -> None:
        lines = run(world, self.missing, "zhcp").stdout.splitlines()
        assert lines[0] == "Changing virtual switch configuration ... Failed"
        assert len(lines) == 4

    @pytest.mark.parametrize(
        ("style", "text"),
        [
            ("today", "Done\n"),
            ("xcat", "Done\n"),
            ("zhcp", "Changing virtual switch configuration ... Done\n"),
        ],
    )
    def test_success(self, world: World, style: smcli.Style, text: str) -> None:
        assert run(world, self.done, style) == Result(0, text)
        assert "LNX1" in world.systems["ZVMA"].vswitches["XCATVSW2"].blocks

    def test_header(self, world: World) -> None:
        assert run(world, f"{self.done} --addRCheader").stdout == "0 0 0 (details) None\nDone\n"
        assert run(world, f"{self.missing} --addRCheader").stdout.splitlines()[:2] == [
            "8 212 40 (details) ULGSMC5212E Virtual switch does not exist",
            "  API issued : Virtual_Network_Vswitch_Set_Extended",
        ]

    def test_a_reason_code_alone_makes_the_exit_status_1(self, world: World) -> None:
        result = run(world, "Directory_Manager_Search_DM -T ZHCPA -s NOSUCHTHING", "xcat")
        assert result.exit_code == 1
        assert "  Return Code: 0\n  Reason Code: 28\n" in result.stdout

    def test_started_is_no_failure(self, world: World) -> None:
        world.faults.add({"function": "Image_Delete_DM", "reply": {"rc": 592, "rs": 7}})
        text = run(world, "Image_Delete_DM -T DBSRV1 -e 0", "xcat").stdout
        assert text.startswith("Started\n  Return Code: 592\n  Reason Code: 7\n")

    def test_a_dropped_call_is_a_lost_connection(self, world: World) -> None:
        world.faults.add({"function": "*Set_Extended", "when": "after", "reply": "drop"})
        result = run(world, self.done)
        assert result.exit_code == 152
        assert "  Return Code: -104\n" in result.stdout
        assert "LNX1" in world.systems["ZVMA"].vswitches["XCATVSW2"].blocks


@pytest.mark.parametrize(
    ("function", "rc", "rs", "text"),
    [
        ("Virtual_Network_Adapter_Query", 212, 8, "Adapter does not exist"),
        ("Virtual_Network_Adapter_Connect_Vswitch", 212, 8, "Image not authorized to connect"),
        ("Image_Status_Query", 0, 12, "Image not active"),
        ("X", 396, 2846, "Internal error found. - product-specific return code : 2846"),
        ("X", 24, 211, "Syntax error in function parameter 2; Unsupported function"),
        ("X", 777, 1, "Unknown. Consult the SMAPI manual return and reason code summary"),
        ("Query_API_Functional_Level", 0, 710, "The API functional level is z/VM V7.1"),
    ],
)
def test_descriptions(function: str, rc: int, rs: int, text: str) -> None:
    assert description(function, rc, rs) == text


def test_message_numbers_have_a_severity() -> None:
    assert numbered_description("X", 4, 4).startswith("ULGSMC5004W ")
    assert numbered_description("X", 0, 28).startswith("ULGSMC5000I ")


class TestLayouts:
    def test_vswitch_query(self, world: World) -> None:
        assert run(world, "Virtual_Network_Vswitch_Query -T ZHCPA -s XCATVSW2").stdout == (
            "VSWITCH:  Name: XCATVSW2\n"
            "  Transport type: Ethernet\n"
            "  Port type: Unknown\n"
            "  Queue memory limit: 8\n"
            "  Routing value: The device will not act as a router\n"
            "  VLAN ID: 0\n"
            "  Native VLAN ID: 0\n"
            "  MAC ID: 020001000002\n"
            "  GVRP request attributes: GVRP not requested\n"
            "  GVRP enabled attributes: GVRP not enabled\n"
            "  Switch status: OSA device ready\n"
            "  Devices:\n"
            "    Real device: A100\n"
            "    Controller name: DTCVSW2 \n"
            "    Port name:         \n"
            "    Device status: Device is active\n"
            "    Device error status: No error\n"
            "\n"
            "  Authorized users:\n"
            "    User: XCAT    \n"
            "    User: ZHCPA   \n"
            "    User: DBSRV1  \n"
            "  Connections:\n"
            "    Adapter owner: DBSRV1    Device number: 0600\n"
            "    Adapter owner: ZHCPA     Device number: 0700\n"
            "    Adapter owner: XCAT      Device number: 0700\n"
        )

    extended = "Virtual_Network_Vswitch_Query_Extended -T ZHCPA -k switch_name=DATANET1"

    def test_vswitch_query_extended(self, world: World) -> None:
        assert run(world, self.extended).stdout == (
            " switch_name: DATANET1\n"
            " transport_type: ETHERNET\n"
            " port_type: ACCESS\n"
            " queue_memory_limit: 8\n"
            " routing_value: NA\n"
            " vlan_awareness: AWARE\n"
            " vlan_id: NONE\n"
            " native_vlan_id: 1\n"
            " mac_address: 02-00-01-00-00-03\n"
            " gvrp_request_attribute: GVRP\n"
            " gvrp_enabled_attribute: GVRP\n"
            " switch_status: 8\n"
            " link_ag: LAG:\n"
            " lag_interval: 0\n"
            " lag_group: (NOGRP)\n"
            " IP_timeout: 5\n"
            " switch_type: QDIO\n"
            " isolation_status: NOISOLATION\n"
            " MAC_protect: UNSPECIFIED\n"
            " user_port_based: USERBASED\n"
            " VLAN_counters: NOCOUNTERS\n"
            " spg_scope: (NONE)\n"
            "real_device_address: A200\n"
            "virtual_device_address: 0600\n"
            "controller_name: DTCVSW1\n"
            "port_name: (NONE)\n"
            "device_status: 1\n"
            "device_error_status 0\n"
            "port_num: 0000\n"
            "grant_userid: DBSRV1\n"
            "promiscuous_mode: NOPROM\n"
            "osd_sim: NOOSDSIM\n"
            "vlan_count: 1\n"
            "user_vlan_id: 900\n"
            "port_num: 0000\n"
            "grant_userid: ROUTER1\n"
            "promiscuous_mode: NOPROM\n"
            "osd_sim: NOOSDSIM\n"
            "vlan_count: 3\n"
            "user_vlan_id: 1\n"
            "user_vlan_id: 900\n"
            "user_vlan_id: 901\n"
            "adapter_owner: ROUTER1\n"
            "adapter_vdev: 0700\n"
            "adapter_macaddr: 02-00-01-00-00-0A\n"
            "adapter_type: QDIO\n"
            "adapter_owner: DBSRV1\n"
            "adapter_vdev: 0700\n"
            "adapter_macaddr: 02-00-01-00-00-09\n"
            "adapter_type: QDIO\n"
        )

    def test_the_zhcp_prints_numbers_as_smapi_sends_them(self, world: World) -> None:
        text = run(world, self.extended, "zhcp").stdout
        assert " vlan_id: 32768\n native_vlan_id: 00001\n" in text
        assert "user_vlan_id: 0900\n" in text

    def test_the_zhcp_forgets_the_users_from_the_first_without_vlan_on(self, world: World) -> None:
        """Real devices, adapters and the next vswitch are printed all the same."""
        vswitch = world.systems["ZVMA"].vswitches["DATANET1"]
        (block,) = vswitch.blocks["DBSRV1"]
        vswitch.blocks["DBSRV1"] = (replace(block, vlans=frozenset()),)
        result = run(world, self.extended.replace("DATANET1", "'*'"), "zhcp")
        datanet1 = result.stdout[result.stdout.index(" switch_name: DATANET1") :]
        assert datanet1.endswith(
            "device_error_status 0\n"
            "Error vlan_info is NULL!!\n"
            "adapter_owner: ROUTER1\n"
            "adapter_vdev: 0700\n"
            "adapter_macaddr: 02-00-01-00-00-0A\n"
            "adapter_type: QDIO\n"
            "adapter_owner: DBSRV1\n"
            "adapter_vdev: 0700\n"
            "adapter_macaddr: 02-00-01-00-00-09\n"
            "adapter_type: QDIO\n"
        )
        assert result.exit_code == 1
        assert result.stdout.count("Error vlan_info is NULL!!") == 3
        assert "grant_userid" not in result.stdout

    def test_the_zhcp_lists_users_whose_vlan_is_shown_as_a_number(self, world: World) -> None:
        system = world.systems["ZVMA"]
        system.behaviour = replace(system.behaviour, no_vlan_count="1")
        result = run(world, self.extended.replace("DATANET1", "XCATVSW2"), "zhcp")
        assert result.exit_code == 0
        assert result.stdout.count("vlan_count: 1\nuser_vlan_id: 0000\n") == 3

    @pytest.mark.parametrize(("level", "known"), [(611, False), (620, True)])
    def test_functions_of_later_levels_are_hidden(self, world: World, level: int, known: bool) -> None:
        world.systems["ZVMA"].level = level
        hidden = run(world, self.extended) == Result(1, "ERROR: Unsupported API function name\n")
        assert hidden is not known

    def test_vepa_only_if_asked_for_in_any_case(self, world: World) -> None:
        assert "vepa_status" not in run(world, self.extended).stdout
        asked = run(world, f"{self.extended} -k VEPA_STATUS=YES").stdout
        assert " VLAN_counters: NOCOUNTERS\n vepa_status: OFF\n spg_scope: (NONE)\n" in asked

    def test_adapter_query_calls_every_coupled_qdio_nic_active(self, world: World) -> None:
        assert run(world, "Virtual_Network_Adapter_Query -T DBSRV1 -v 0700").stdout == (
            "Adapter:\n"
            "  Address: 0700\n"
            "  Device count: 3\n"
            "  Adapter type: QDIO\n"
            "  Adapter status: Coupled and active\n"
            "  LAN owner: SYSTEM  \n"
            "  LAN name: DATANET1\n"
        )

    def test_adapter_query_extended(self, world: World) -> None:
        lines = run(world, "Virtual_Network_Adapter_Query_Extended -T DBSRV1 -k image_device_number=0700")
        assert lines.stdout.split() == [
            "adapter_count=1",
            "adapter_address=0700",
            "port_type=0",
            "extended_port_status=00",
            "adapter_type=2",
            "network_device_count=3",
            "adapter_status=01",
            "lan_owner=SYSTEM",
            "lan_name=DATANET1",
            "adapter_info_end",
        ]

    def test_osa_query(self, world: World) -> None:
        lines = run(world, "Virtual_Network_OSA_Query -T ZHCPA").stdout.splitlines()
        assert lines[:5] == [
            "  OSA Address: A100 ",
            "  OSA Status: ATTACHED DTCVSW2",
            "  OSA Type: OSA",
            "  CHPID Address: 1A",
            "  Agent Status: NO",
        ]
        assert lines[-4] == "  OSA Status: FREE"

    def test_lan_query_shows_vswitches_too(self, world: World) -> None:
        text = run(world, "Virtual_Network_LAN_Query -T ZHCPA -n XCATVSW1 -o '*'").stdout
        assert text.startswith(
            "LAN:\n  Name: XCATVSW1\n  Owner: SYSTEM  \n  LAN type: QDIO NIC\n  Connections:\n"
        )

    def test_directory_search(self, world: World) -> None:
        text = run(world, "Directory_Manager_Search_DM -T ZHCPA -s NICDEF").stdout
        assert text.splitlines()[0] == "XCAT: NICDEF 0600 TYPE QDIO LAN SYSTEM XCATVSW1 DEVICES 3"
        assert len(text.splitlines()) == 7

    def test_image_status_query_names_one_guest_per_line(self, world: World) -> None:
        everybody = run(world, "Image_Status_Query -T '*'")
        assert everybody == Result(0, "DBSRV1\nOPNCLOUD\nROUTER1\nXCAT\nZHCPA\n")

    def test_definition_query(self, world: World) -> None:
        text = run(world, "Image_Definition_Query_DM -T DBSRV1 -k NICDEF").stdout
        assert text.splitlines()[0].startswith("NICDEF=VDEV=0600 TYPE=QDIO ")
        assert " LAN=SYSTEM SWITCHNAME=XCATVSW2" in text.splitlines()[0]

    def test_image_query(self, world: World) -> None:
        assert run(world, "Image_Query_DM -T ROUTER1").stdout == (
            "USER ROUTER1 LBYONLY 1G 2G G\nNICDEF 0700 TYPE QDIO LAN SYSTEM DATANET1 DEVICES 3\n"
        )

    def test_system_info_has_the_ipl_time_in_line_5(self, world: World) -> None:
        lines = run(world, "System_Info_Query").stdout.splitlines()
        assert len(lines) == 6
        ipl_time = world.systems["ZVMA"].ipl_time
        assert f"zhcp: {lines[4]}".split(": ", 3)[2] == f"{ipl_time:%Y-%m-%d %H:%M:%S} UTC"
        assert lines[2] == "The z/VM version: z/VM Version 7 Release 1.0"
