"""The user directory: entries, locks, NICDEF edits, the object directory."""

import pytest

from tests.unit.zvmsim.world.conftest import Lab
from zvmsim.world.answers import DefinitionInfo, LockInfo, SearchHit

USER = "USER LNX1 LBYONLY 1G 2G G"


@pytest.fixture
def dm(lab: Lab) -> Lab:
    """LNX1 has an entry without NICs."""
    lab.user("LNX1")
    return lab


def nic_dm(lab: Lab, function: str, **keys: str) -> tuple[int, int]:
    return lab.codes(f"Virtual_Network_Adapter_{function}_DM", **{"image_device_number": "1000"} | keys)


def records(lab: Lab) -> tuple[str, ...]:
    return lab.system.directory.records("LNX1")[1:]


class TestLock:
    def test_replace_needs_it_and_releases_it(self, dm: Lab) -> None:
        assert dm.ask("Image_Replace_DM", "LNX1", USER).rs == 24
        assert dm.codes("Image_Lock_DM") == (0, 0)
        assert dm.ask("Image_Replace_DM", "LNX1", USER, "NICDEF 1000 TYPE QDIO").rc == 0
        assert dm.codes("Image_Lock_Query_DM") == (0, 24)
        assert records(dm) == ("NICDEF 1000 TYPE QDIO",)

    def test_keeps_others_out(self, dm: Lab) -> None:
        dm.codes("Image_Lock_DM", caller="MAINT")
        for codes in (
            nic_dm(dm, "Create_Extended", adapter_type="QDIO"),
            dm.codes("Image_Lock_DM"),
            dm.codes("Image_Unlock_DM"),
            dm.codes("Image_Delete_DM"),
            dm.codes("Image_Definition_Update_DM", NICDEF="VDEV=1000 TYPE=QDIO"),
        ):
            assert codes == (400, 12)
        assert records(dm) == ()
        reply = dm.ask("Image_Lock_Query_DM")
        assert (reply.rc, reply.rs, reply.data) == (0, 12, LockInfo("MAINT"))

    def test_does_not_hinder_its_owner(self, dm: Lab) -> None:
        dm.codes("Image_Lock_DM")
        assert nic_dm(dm, "Create_Extended", adapter_type="QDIO") == (0, 0)
        assert dm.codes("Image_Lock_DM") == (400, 12)
        assert dm.codes("Image_Unlock_DM") == (0, 0)
        assert dm.codes("Image_Unlock_DM") == (400, 24)

    def test_of_one_device(self, dm: Lab) -> None:
        assert dm.codes("Image_Lock_DM", device_address="1000", caller="MAINT") == (0, 0)
        assert nic_dm(dm, "Create_Extended", adapter_type="QDIO") == (404, 12)
        assert nic_dm(dm, "Create_Extended", adapter_type="QDIO", image_device_number="2000") == (0, 0)
        assert dm.codes("Image_Unlock_DM", device_address="2000") == (404, 24)

    def test_of_nobody(self, dm: Lab) -> None:
        assert dm.codes("Image_Lock_DM", "NOBODY") == (400, 4)


class TestNicdefEdits:
    def test_create_connect_disconnect_delete(self, dm: Lab) -> None:
        assert nic_dm(dm, "Create_Extended", adapter_type="QDIO", mac_id="abcdef") == (0, 0)
        assert records(dm) == ("NICDEF 1000 TYPE QDIO DEVICES 3 MACID ABCDEF",)
        assert nic_dm(dm, "Connect_Vswitch", switch_name="vsw1") == (0, 0)
        assert records(dm) == ("NICDEF 1000 TYPE QDIO LAN SYSTEM VSW1 DEVICES 3 MACID ABCDEF",)
        assert nic_dm(dm, "Disconnect") == (0, 0)
        assert records(dm) == ("NICDEF 1000 TYPE QDIO DEVICES 3 MACID ABCDEF",)
        assert nic_dm(dm, "Delete") == (0, 0)
        assert records(dm) == ()

    def test_what_is_not_there(self, dm: Lab) -> None:
        assert nic_dm(dm, "Connect_Vswitch", switch_name="VSW1") == (404, 8)
        assert nic_dm(dm, "Disconnect") == (404, 8)
        assert nic_dm(dm, "Delete") == (404, 8)
        assert dm.codes("Virtual_Network_Adapter_Delete_DM", "NOBODY", image_device_number="1") == (400, 4)

    def test_what_is_there_already(self, dm: Lab) -> None:
        nic_dm(dm, "Create_Extended", adapter_type="QDIO")
        assert nic_dm(dm, "Create_Extended", adapter_type="QDIO", image_device_number="1002") == (404, 4)

    def test_a_hipersockets_nic_has_no_vswitch(self, dm: Lab) -> None:
        nic_dm(dm, "Create_Extended")
        assert nic_dm(dm, "Connect_Vswitch", switch_name="VSW1") == (412, 28)

    @pytest.mark.parametrize("codes", ["212/32", "412/16"])
    def test_disconnecting_what_is_not_connected(self, dm: Lab, codes: str) -> None:
        dm.behave(disconnect_dm_uncoupled=codes)
        nic_dm(dm, "Create_Extended", adapter_type="QDIO")
        assert "{}/{}".format(*nic_dm(dm, "Disconnect")) == codes

    def test_statements_over_several_records(self, lab: Lab) -> None:
        lab.user(
            "LNX1",
            "NICDEF 1000 TYPE QDIO DEVICES 3",
            "NICDEF 1000 LAN SYSTEM VSW1 VLAN 100 PORTTYPE ACCESS",
            "NICDEF 2000 TYPE QDIO",
        )
        assert nic_dm(lab, "Disconnect") == (0, 0)
        assert records(lab) == ("NICDEF 1000 TYPE QDIO DEVICES 3", "NICDEF 2000 TYPE QDIO")
        assert nic_dm(lab, "Delete") == (0, 0)
        assert records(lab) == ("NICDEF 2000 TYPE QDIO",)

    def test_the_plain_form_speaks_in_numbers(self, dm: Lab) -> None:
        assert nic_dm(dm, "Create", adapter_type="2", network_adapter_devices="3") == (0, 0)
        assert records(dm) == ("NICDEF 1000 TYPE QDIO DEVICES 3",)
        assert nic_dm(dm, "Create", adapter_type="3", image_device_number="2000") == (24, 211)


class TestDefinition:
    def test_update_writes_exactly_what_it_is_given(self, dm: Lab) -> None:
        value = "VDEV=1000 TYPE=QDIO MACID=000001 LAN=SYSTEM SWITCHNAME=xcatvsw2"
        assert dm.codes("Image_Definition_Update_DM", NICDEF=value) == (0, 0)
        assert records(dm) == ("NICDEF 1000 TYPE QDIO LAN SYSTEM XCATVSW2 MACID 000001",)
        assert dm.codes("Image_Definition_Update_DM", NICDEF="VDEV=1000 TYPE=QDIO") == (0, 0)
        assert records(dm) == ("NICDEF 1000 TYPE QDIO",)

    def test_update_carries_vlan_and_port_type(self, dm: Lab) -> None:
        value = "VDEV=1000 TYPE=QDIO LAN=SYSTEM SWITCHNAME=V PORTTYPE=TRUNK VLAN=10,20-29"
        assert dm.codes("Image_Definition_Update_DM", NICDEF=value) == (0, 0)
        assert records(dm) == ("NICDEF 1000 TYPE QDIO LAN SYSTEM V PORTTYPE TRUNK VLAN 10 20-29",)

    def test_query(self, lab: Lab) -> None:
        lab.system.directory.create("NETPROF", ("PROFILE NETPROF", "NICDEF 0800 TYPE QDIO"))
        lab.user("LNX1", "INCLUDE NETPROF", "NICDEF 0900 TYPE QDIO DEVICES 3 LAN SYSTEM VSW2")
        assert lab.ask("Image_Definition_Query_DM", NICDEF="", INCLUDE="").data == (
            DefinitionInfo("NICDEF", "VDEV=0900 TYPE=QDIO DEVICES=3 LAN=SYSTEM SWITCHNAME=VSW2"),
            DefinitionInfo("NICDEF_PROFILE", "VDEV=0800 TYPE=QDIO"),
            DefinitionInfo("INCLUDE", "NETPROF"),
        )

    def test_several_at_once_and_delete(self, dm: Lab) -> None:
        both = "VDEV=1000 TYPE=QDIO\nVDEV=2000 TYPE=QDIO"
        assert dm.codes("Image_Definition_Create_DM", NICDEF=both) == (0, 0)
        assert dm.codes("Image_Definition_Create_DM", NICDEF=both) == (404, 4)
        assert dm.codes("Image_Definition_Delete_DM", NICDEF="VDEV=1000") == (0, 0)
        assert records(dm) == ("NICDEF 2000 TYPE QDIO",)

    def test_an_unknown_keyword_is_named(self, dm: Lab) -> None:
        reply = dm.ask("Image_Definition_Update_DM", BOGUS_KEYWORD="1")
        text = "UNKNOWN_DIRECTORY_KEYWORD_PARAMETER=BOGUS_KEYWORD"
        assert (reply.rc, reply.rs, reply.error_text) == (8, 3002, text)

    @pytest.mark.parametrize("value", ["TYPE=QDIO", "VDEV=1000 MACID=12", "VDEV=1 FOO=1", "VDEV=1 LAN=X"])
    def test_a_nicdef_that_cannot_be(self, dm: Lab, value: str) -> None:
        assert dm.codes("Image_Definition_Update_DM", NICDEF=value) == (8, 3003)
        assert records(dm) == ()


class TestEntries:
    def test_create_query_delete(self, lab: Lab) -> None:
        assert lab.ask("Image_Create_DM", "LNX1", USER).data == -1
        assert lab.ask("Image_Create_DM", "LNX1", USER).rs == 8
        assert lab.ask("Image_Query_DM").data == (USER,)
        assert lab.ask("Image_Name_Query_DM", "FOOBAR").data == ("LNX1",)
        assert lab.codes("Image_Delete_DM") == (0, 0)
        assert lab.codes("Image_Query_DM") == (400, 4)
        assert lab.codes("Image_Name_Query_DM", "FOOBAR") == (0, 28)

    @pytest.mark.parametrize(
        "bad",
        [
            (),
            ("USER OTHER X",),
            (USER, "NICDEF 1000 DEVICES 3"),
            (USER, "NICDEF 1000 TYPE QDIO", "NICDEF 1002 TYPE QDIO"),
            (USER, "NICDEF 1000 TYPE QDIO", "NICDEF 1000 TYPE QDIO"),
            (USER, "* " + "x" * 80),
        ],
    )
    def test_records_that_make_no_entry(self, lab: Lab, bad: tuple[str, ...]) -> None:
        assert lab.ask("Image_Create_DM", "LNX1", *bad).rc == 596
        assert lab.system.directory.source == {}

    def test_deleting_an_entry_leaves_a_running_guest_alone(self, lab: Lab) -> None:
        lab.user("LNX1", "NICDEF 1000 TYPE QDIO", on=True)
        lab.codes("Image_Delete_DM")
        assert lab.nic().vdev == "1000"

    def test_search(self, dm: Lab) -> None:
        found = dm.ask("Directory_Manager_Search_DM", "X", search_pattern="lbyonly")
        assert found.data == (SearchHit("LNX1", USER),)
        assert dm.codes("Directory_Manager_Search_DM", "X", search_pattern="nothing") == (0, 28)


def test_while_the_object_directory_is_offline_changes_wait(dm: Lab) -> None:
    assert dm.codes("Static_Image_Changes_Deactivate_DM") == (0, 8)
    assert nic_dm(dm, "Create_Extended", adapter_type="QDIO") == (0, 8)
    dm.codes("Image_Activate")
    assert dm.system.guest("LNX1").nics == {}
    dm.codes("Static_Image_Changes_Immediate_DM")
    dm.codes("Image_Recycle")
    assert list(dm.system.guest("LNX1").nics) == ["1000"]
    assert dm.codes("Static_Image_Changes_Activate_DM") == (0, 0)
    assert nic_dm(dm, "Delete") == (0, 0)
