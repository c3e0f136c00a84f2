"""Network operands in Image_Definition_*_DM, and what Disconnect_DM leaves of a NICDEF."""

import pytest

from tests.unit.zvmsim.world.conftest import Lab
from zvmsim.world.answers import DirectoryEntry

VALUE = "VDEV=1000 TYPE=QDIO LAN=SYSTEM SWITCHNAME=VSW1 MACID=000001 VLAN=10 PORTTYPE=ACCESS PORTNUMBER=7"
PLAIN = "NICDEF 1000 TYPE QDIO LAN SYSTEM VSW1 MACID 000001"
FULL = (PLAIN + " PORTNUMBER 7 PORTTYPE ACCESS", "NICDEF 1000 VLAN 10")


def nicdefs(lab: Lab) -> tuple[str, ...]:
    return lab.system.directory.source["LNX1"][1:]


@pytest.fixture
def dm(lab: Lab) -> Lab:
    lab.user("LNX1")
    return lab


@pytest.mark.parametrize("function", ["Update", "Create"])
class TestNetworkKeywords:
    def test_accepted(self, dm: Lab, function: str) -> None:
        assert dm.codes(f"Image_Definition_{function}_DM", NICDEF=VALUE) == (0, 0)
        assert " ".join(nicdefs(dm)).replace(" NICDEF 1000", "") == " ".join(FULL).replace(" NICDEF 1000", "")

    def test_dropped(self, dm: Lab, function: str) -> None:
        dm.behave(definition_network_keywords="drop")
        assert dm.codes(f"Image_Definition_{function}_DM", NICDEF=VALUE) == (0, 0)
        assert nicdefs(dm) == (PLAIN,)

    @pytest.mark.parametrize("keyword", ["VLAN=10", "PORTTYPE=TRUNK", "PORTNUMBER=3"])
    def test_refused(self, dm: Lab, function: str, keyword: str) -> None:
        dm.behave(definition_network_keywords="refuse")
        value = f"VDEV=1000 TYPE=QDIO LAN=SYSTEM SWITCHNAME=VSW1 {keyword}"
        reply = dm.ask(f"Image_Definition_{function}_DM", NICDEF=value)
        name = keyword.partition("=")[0]
        assert (reply.rc, reply.rs) == (8, 3002)
        assert reply.error_text == f"UNKNOWN_DIRECTORY_KEYWORD_PARAMETER={name}"
        assert nicdefs(dm) == ()


@pytest.mark.parametrize("vlans", ["10 20", "10,20", "10 20-21", "10-20"])
def test_several_vlans(dm: Lab, vlans: str) -> None:
    value = f"VDEV=1000 VLAN={vlans} TYPE=QDIO LAN=SYSTEM SWITCHNAME=VSW1 PORTTYPE=TRUNK"
    assert dm.codes("Image_Definition_Update_DM", NICDEF=value) == (0, 0)
    assert f"PORTTYPE TRUNK VLAN {vlans.replace(',', ' ')}" in nicdefs(dm)[0]


def test_an_update_replaces_all_records_of_the_device(lab: Lab) -> None:
    lab.user(
        "LNX1",
        "NICDEF 1000 TYPE QDIO DEVICES 3",
        "NICDEF 2000 TYPE QDIO",
        "NICDEF 1000 LAN SYSTEM VSW1 VLAN 100 PORTTYPE ACCESS",
    )
    value = "VDEV=1000 TYPE=QDIO LAN=SYSTEM SWITCHNAME=VSW2"
    assert lab.codes("Image_Definition_Update_DM", NICDEF=value) == (0, 0)
    assert nicdefs(lab) == ("NICDEF 1000 TYPE QDIO LAN SYSTEM VSW2", "NICDEF 2000 TYPE QDIO")


def test_other_statements_are_taken_and_not_written(dm: Lab) -> None:
    assert dm.codes("Image_Definition_Update_DM", IPL="VDEV=CMS") == (0, 0)
    assert nicdefs(dm) == ()


def test_everything_of_an_entry(lab: Lab) -> None:
    lab.user("LNX1", "IPL CMS", "NICDEF 1000 TYPE QDIO")
    found = lab.ask("Image_Definition_Query_DM", **{"*": ""}).data
    assert isinstance(found, tuple)
    assert [(line.keyword, line.value) for line in found] == [
        ("IPL", "CMS"),
        ("NICDEF", "VDEV=1000 TYPE=QDIO"),
        ("USER", "LNX1 LBYONLY 1G 2G G"),
    ]


@pytest.mark.parametrize("keeps", [False, True])
def test_disconnecting_a_nic_of_several_records(lab: Lab, keeps: bool) -> None:
    lab.behave(disconnect_dm_keeps_vlan=keeps)
    lab.user("LNX1", "NICDEF 1000 TYPE QDIO", "NICDEF 1000 LAN SYSTEM VSW1 VLAN 100 PORTTYPE ACCESS")
    assert lab.codes("Virtual_Network_Adapter_Disconnect_DM", image_device_number="1000") == (0, 0)
    left = " PORTTYPE ACCESS VLAN 100" if keeps else ""
    assert nicdefs(lab) == (f"NICDEF 1000 TYPE QDIO{left}",)


def test_connecting_a_nic_of_several_records_elsewhere_keeps_its_vlan(lab: Lab) -> None:
    lab.user("LNX1", "NICDEF 1000 TYPE QDIO", "NICDEF 1000 LAN SYSTEM VSW1 VLAN 100 PORTTYPE ACCESS")
    keys = {"image_device_number": "1000", "switch_name": "VSW2"}
    assert lab.codes("Virtual_Network_Adapter_Connect_Vswitch_DM", **keys) == (0, 0)
    assert nicdefs(lab) == ("NICDEF 1000 TYPE QDIO LAN SYSTEM VSW2 PORTTYPE ACCESS VLAN 100",)


class TestSearch:
    @pytest.mark.parametrize(
        ("pattern", "found"),
        [
            ("user sys*", {"SYS", "SYSADMIN"}),
            ("USER SYS", {"SYS"}),
            ("user  sys*", {"SYS", "SYSADMIN"}),
            ("NOLOG", {"SYS"}),
            ("nicdef * type", {"LNX1"}),
            ("LAN SYSTEM VSW*", {"LNX1"}),
            ("LAN VSW*", set()),
            ("VSW", set()),
            ("SYS?", set()),
            ("*", {"SYS", "SYSADMIN", "LNX1"}),
        ],
    )
    def test_words_in_their_order(self, lab: Lab, pattern: str, found: set[str]) -> None:
        lab.system.directory.create("SYS", ("USER SYS      NOLOG      32M   32M G",))
        lab.system.directory.create("SYSADMIN", ("USER SYSADMIN SYSADMIN  16M   16M G",))
        lab.user("LNX1", "NICDEF 1000 TYPE QDIO LAN SYSTEM VSW1")
        hits = lab.ask("Directory_Manager_Search_DM", "X", search_pattern=pattern).data or ()
        assert isinstance(hits, tuple)
        assert {hit.userid for hit in hits} == found


def test_names_come_in_the_directorys_order(lab: Lab) -> None:
    lab.user("ZOE")
    lab.user("ADAM")
    lab.system.directory.create("PROF", ("PROFILE PROF",))
    assert lab.ask("Image_Name_Query_DM").data == ("ZOE", "ADAM")


def entry_of(lab: Lab, **keys: str) -> DirectoryEntry:
    found = lab.ask("Query_All_DM", **keys).data
    assert isinstance(found, tuple)
    (entry,) = found
    assert isinstance(entry, DirectoryEntry)
    return entry


class TestQueryAll:
    def test_records(self, lab: Lab) -> None:
        lab.user("LNX1", "NICDEF 1000 TYPE QDIO")
        entry = entry_of(lab, format="no")
        assert (entry.kind, entry.userid) == ("USER", "LNX1")
        assert entry.records == ("USER LNX1 LBYONLY 1G 2G G", "NICDEF 1000 TYPE QDIO")

    def test_definitions(self, lab: Lab) -> None:
        lab.user("LNX1", "NICDEF 1000 TYPE QDIO")
        assert [line.keyword for line in entry_of(lab).definitions] == ["NICDEF", "USER"]
