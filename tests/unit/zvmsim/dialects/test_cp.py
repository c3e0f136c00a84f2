"""CP through vmcp: displays as samples have them, changes as the world shows them."""

import pytest

from zvmsim.world.answers import CpReply
from zvmsim.world.world import World


def cp(world: World, command: str, caller: str = "DBSRV1") -> CpReply:
    return world.cp("ZVMA", caller, command)


def text(world: World, command: str, caller: str = "DBSRV1") -> str:
    return "\n".join(cp(world, command, caller).lines)


class TestQueries:
    def test_virtual_nic(self, world: World) -> None:
        cp(world, "uncouple 0700")
        assert text(world, "q v nic") == (
            "Adapter 0600.P00 Type: QDIO      Name: UNASSIGNED  Devices: 3\n"
            "  MAC: 02-00-01-00-00-08         VSWITCH: SYSTEM XCATVSW2\n"
            "Adapter 0700.P00 Type: QDIO      Name: UNASSIGNED  Devices: 3\n"
            "  MAC: 02-00-01-00-00-09         LAN: * None"
        )

    def test_port_name_of_the_driver(self, world: World) -> None:
        world.systems["ZVMA"].set_driver("DBSRV1", "0600", running=True, port_name="FOOBAR")
        line = text(world, "q v nic 600").splitlines()[0]
        assert line == "Adapter 0600.P00 Type: QDIO      Name: FOOBAR      Devices: 3"

    @pytest.mark.parametrize(
        "command", ["q v nic 600", "QUERY VIRTUAL NIC 0600", "que virt nic 0600", "q nic 600"]
    )
    def test_abbreviations(self, world: World, command: str) -> None:
        assert "Adapter 0600.P00" in text(world, command)

    @pytest.mark.parametrize(
        ("command", "rc", "message"),
        [
            ("q v nic 800", 40, "HCPNDQ040E Device 0800 does not exist"),
            ("q user NOBODY", 45, "HCPCQU045E NOBODY not logged on"),
            ("q nobody", 45, "HCPCQU045E NOBODY not logged on"),
            ("q 1000", 40, "HCPQVD040E Device 1000 does not exist"),
            ("q", 26, "HCPCFC026E Operand missing or invalid"),
            ("q vswitch NOSUCH", 2788, "HCPSWU2788E vswitch NOSUCH does not exist"),
            ("frobnicate", 1, "HCPCMD001E Unknown CP command: FROBNICATE"),
            ("", 1, "HCPCMD001E Unknown CP command: "),
            ("define mdisk 100", 3, "HCPDEF003E Invalid option - MDISK"),
        ],
    )
    def test_refusals_have_the_number(self, world: World, command: str, rc: int, message: str) -> None:
        assert cp(world, command) == CpReply(rc, (message,))

    def test_users(self, world: World) -> None:
        assert text(world, "q userid") == "DBSRV1   AT ZVMA"
        assert text(world, "q user dbsrv1") == "DBSRV1   - DSC "
        assert text(world, "q dbsrv1") == "DBSRV1   - DSC "
        assert text(world, "q names").split(" - DSC , ")[0] == "XCAT    "
        assert text(world, "q u").startswith("    5 USERS,")

    def test_device_on_nic(self, world: World) -> None:
        assert text(world, "q v 601") == "OSA  0601 ON NIC  0600  UNIT 001 SUBCHANNEL = 0002"

    def test_vmlan_prefixes_stand_on_one_line(self, world: World) -> None:
        assert "  MACADDR Prefix: 020001 USER Prefix: 020000" in text(world, "q vmlan").splitlines()

    def test_lan(self, world: World) -> None:
        assert text(world, "q lan XCATVSW1") == (
            "VSWITCH SYSTEM XCATVSW1 Type: QDIO    Connected: 2    Maxconn: INFINITE\n"
            "  PERSISTENT  RESTRICTED    ETHERNET                  Accounting: OFF\n"
            "  IPTimeout: 5                 MAC Protection: Unspecified\n"
            "  Isolation Status: OFF"
        )

    def test_vswitch(self, world: World) -> None:
        assert text(world, "q vswitch datanet1") == (
            "VSWITCH SYSTEM DATANET1   Type: QDIO    Connected: 2    Maxconn: INFINITE\n"
            "  PERSISTENT  RESTRICTED    ETHERNET                  Accounting: OFF\n"
            "  USERBASED LOCAL\n"
            "  VLAN Aware  Default VLAN: NONE    Default Porttype: Access  GVRP: Enabled\n"
            "              Native  VLAN: 0001    VLAN Counters: OFF\n"
            "  MAC address: 02-00-01-00-00-03    MAC Protection: Unspecified\n"
            "  IPTimeout: 5         QueueStorage: 8\n"
            "  Isolation Status: OFF        VEPA Status: OFF\n"
            " Uplink Port:\n"
            "  State: Ready                         PriQueuing: OFF\n"
            "  PMTUD setting: EXTERNAL   PMTUD value: 8992     Trace Pages: 8\n"
            "  RDEV: A200.P00 VDEV: 0600 Controller: DTCVSW1 ACTIVE"
        )

    def test_vswitch_users_stand_between_their_title_and_the_uplink(self, world: World) -> None:
        aware = text(world, "q vswitch datanet1 acc")
        users = aware.split("  Authorized userids:\n")[1].split("\n Uplink Port:")[0]
        assert users.splitlines() == [
            "    DBSRV1   Porttype: Access VLAN: 0900",
            "    ROUTER1  Porttype: Trunk  VLAN: 0001 0900 0901",
        ]
        unaware = text(world, "q vswitch xcatvsw2 accesslist")
        assert "  Authorized userids:\n    XCAT     ZHCPA    DBSRV1\n" in unaware
        assert "Adapter Owner: DBSRV1" in text(world, "q vswitch datanet1 details")

    def test_queries_change_nothing(self, world: World) -> None:
        for command in ("q v nic", "q vswitch", "q names"):
            cp(world, command)
        assert world.journal.entries(mutating=True) == []


class TestChanges:
    def test_define_couple_uncouple_detach(self, world: World) -> None:
        system = world.systems["ZVMA"]
        assert text(world, "define nic 0800 type qdio") == "NIC 0800 is created; devices 0800-0802 defined"
        coupled = text(world, "couple 0800 system xcatvsw2")
        assert coupled == "NIC 0800 is connected to VSWITCH SYSTEM XCATVSW2"
        assert system.nic("DBSRV1", "0800").lan_name == "XCATVSW2"
        assert text(world, "uncoup 800") == "NIC 0800 is disconnected from VSWITCH SYSTEM XCATVSW2"
        assert text(world, "det nic 800") == "NIC 0800 is destroyed; devices 0800-0802 detached"
        assert "0800" not in system.guests["DBSRV1"].nics

    @pytest.mark.parametrize(
        ("command", "rc", "message"),
        [
            ("define nic 0601", 2797, "HCPNDF2797E NIC 0601 not created; device 0601 is already defined"),
            ("couple 600 system lan1", 2788, "HCPSWU2788E SYSTEM LAN1 does not exist"),
            ("couple 0800 system xcatvsw1", 40, "HCPNDQ040E Device 0800 does not exist"),
            ("couple 0600", 26, "HCPCFC026E Operand missing or invalid"),
            ("det nic 900", 40, "HCPNDQ040E Device 0900 does not exist"),
            ("set nic 0600 macid zz", 3, "HCPCFC003E Invalid option - ZZ"),
            ("set vswitch xcatvsw1 frob lnx1", 3, "HCPSWU003E Invalid option - FROB"),
        ],
    )
    def test_refusals(self, world: World, command: str, rc: int, message: str) -> None:
        assert cp(world, command) == CpReply(rc, (message,))

    def test_couple_elsewhere(self, world: World) -> None:
        refused = cp(world, "couple 0600 system datanet1")
        text = "HCPCPL2791E NIC 0600 cannot be connected to SYSTEM DATANET1"
        assert refused == CpReply(2791, (text,))

    def test_couple_without_authorization(self, world: World) -> None:
        cp(world, "define nic 0800 type qdio")
        refused = cp(world, "couple 0800 to system xcatvsw1")
        assert refused == CpReply(6011, ("HCPCPL6011E You are not authorized to COUPLE to SYSTEM XCATVSW1",))

    def test_set_nic_macid(self, world: World) -> None:
        assert text(world, "set nic user dbsrv1 0600 macid user 00abcd") == "Command complete"
        assert world.systems["ZVMA"].nic("DBSRV1", "0600").mac == "02-00-00-00-AB-CD"

    def test_set_nic_macid_of_a_nic_to_be_defined(self, world: World) -> None:
        assert text(world, "set nic userid * 0900 macid 00abce") == "Command complete"
        cp(world, "define nic 0900 type qdio")
        assert "02-00-00-00-AB-CE" in text(world, "query nic 900")
        cp(world, "det nic 0900")
        assert text(world, "set nic 0900 macid system") == "Command complete"
        cp(world, "define nic 0900 type qdio")
        assert "02-00-00-00-AB-CE" not in text(world, "query nic 900")

    def test_set_nic_macid_of_a_guest_that_is_off(self, world: World) -> None:
        refused = cp(world, "set nic user lnx9 0600 macid user 00abcd")
        assert refused == CpReply(45, ("HCPCQU045E LNX9 not logged on",))

    def test_grant_and_revoke(self, world: World) -> None:
        vswitch = world.systems["ZVMA"].vswitches["DATANET1"]
        granted = text(world, "set vswitch datanet1 grant lnx1 porttype trunk vlan 10 20-21")
        assert granted == "Command complete"
        assert sorted(vswitch.blocks["LNX1"][0].vlans) == [10, 20, 21]
        text(world, "set vswitch datanet1 revoke lnx1")
        assert "LNX1" not in vswitch.blocks

    def test_command_statements_run_at_logon(self, world: World) -> None:
        system = world.systems["ZVMA"]
        system.directory.create("LNX1", ("USER LNX1 P", "COMMAND SET VSWITCH XCATVSW1 GRANT LNX1"))
        system.logon("LNX1")
        assert "LNX1" in system.vswitches["XCATVSW1"].blocks
