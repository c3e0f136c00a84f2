"""Functions around vswitches and NICs: statistics, interfaces of TCP/IP stacks, subscriptions, disks."""

import pytest

from tests.unit.zvmsim.world.conftest import Lab

STACK = {"tcpip_stack": "TCPIP", "interface_id": "eth0"}


def test_an_interface_comes_and_goes(lab: Lab) -> None:
    create = {**STACK, "interface": "VETH F100 SYSTEM TEST", "primary_ipv4": "192.0.2.1", "permanent": "no"}
    assert lab.codes("Network_IP_Interface_Create", "X", **create) == (0, 0)
    assert lab.codes("Network_IP_Interface_Create", "X", **create) == (8, 12)
    assert lab.codes("Network_IP_Interface_Modify", "X", **STACK, add_ip="192.0.2.2/28") == (0, 0)
    assert lab.ask("Network_IP_Interface_Query", "X", **STACK).data == ("INTERFACE_ID=ETH0",)
    everything = {"tcpip_stack": "tcpip", "interface_all": "YES"}
    assert lab.ask("Network_IP_Interface_Query", "X", **everything).data == ("INTERFACE_ID=ETH0",)
    assert lab.codes("Network_IP_Interface_Remove", "X", **STACK) == (0, 0)
    assert lab.codes("Network_IP_Interface_Query", "X", **STACK) == (8, 4)


@pytest.mark.parametrize("verb", ["Modify", "Remove"])
def test_an_unknown_interface_is_named(lab: Lab, verb: str) -> None:
    reply = lab.ask(f"Network_IP_Interface_{verb}", "X", **STACK)
    assert (reply.rc, reply.rs, reply.error_text) == (8, 12, "DTCIFC2612E Unknown interface: ETH0")


@pytest.mark.parametrize(
    ("keys", "codes"),
    [
        ({"interface_id": "eth0"}, (8, 3004)),
        ({"tcpip_stack": "TOOLONGNAME", "interface_id": "eth0"}, (8, 3003)),
        ({**STACK, "colour": "blue"}, (8, 3002)),
        ({**STACK, "permanent": "perhaps"}, (8, 3003)),
    ],
)
def test_keywords_of_an_interface(lab: Lab, keys: dict[str, str], codes: tuple[int, int]) -> None:
    assert lab.codes("Network_IP_Interface_Create", "X", **keys) == codes


def test_statistics_know_switches_and_nics(lab: Lab) -> None:
    lab.switch()
    lab.user("LNX1", "NICDEF 1000 TYPE QDIO", on=True)
    for kind in ("Query_Stats", "Query_Byte_Stats"):
        function = f"Virtual_Network_Vswitch_{kind}"
        assert lab.codes(function, "X", switch_name="*") == (0, 0)
        assert lab.codes(function, "X", switch_name="VSW9") == (212, 40)
    nics = lab.ask("Virtual_Network_VLAN_Query_Stats", "X", userid="LNX1", device="BOTH").data
    assert isinstance(nics, tuple)
    assert [nic.vdev for nic in nics] == ["1000"]
    assert lab.ask("Virtual_Network_VLAN_Query_Stats", "X", userid="LNX1", device="PORT").data == ()
    assert lab.codes("Virtual_Network_VLAN_Query_Stats", "X", userid="LNX2") == (200, 4)


@pytest.mark.parametrize(("repeated", "second"), [(True, "0640"), (False, "0650")])
def test_real_devices_of_a_switch(lab: Lab, repeated: bool, second: str) -> None:
    lab.behave(repeated_rdev=repeated)
    lab.switch(real_device_address="640 650", connection_value="DISCON")
    extended = lab.ask("Virtual_Network_Vswitch_Query_Extended", "X", switch_name="VSW1").data
    plain = lab.ask("Virtual_Network_Vswitch_Query", "X", switch_name="VSW1").data
    assert [device.rdev for device in extended[0].devices] == ["0640", second]  # type: ignore[index]
    assert [device.rdev for device in plain[0].devices] == ["0640", "0650"]  # type: ignore[index]


def test_subscriptions_are_taken(lab: Lab) -> None:
    receiver = {"communication_type": "1", "port_number": "5000", "ip_address": "192.0.2.9", "encoding": "1"}
    keys = {"entity_type": "1", "subscription_type": "1", "subscriber_data": "me", **receiver}
    assert lab.codes("Asynchronous_Notification_Enable_DM", "X", **keys) == (0, 0)
    del keys["subscription_type"]
    assert lab.codes("Asynchronous_Notification_Disable_DM", "X", **keys) == (0, 0)
    assert lab.codes("Event_Subscribe", "X", match_key="*") == (0, 0)
    assert lab.codes("Event_Unsubscribe", "X") == (0, 0)


def test_no_lost_answer_can_be_had_again(lab: Lab) -> None:
    assert lab.codes("Response_Recovery", "MAINT", failed_request_id="1234") == (4, 4)


def test_a_disk_is_added_once(lab: Lab) -> None:
    lab.user("LNX1", "NICDEF 1000 TYPE QDIO")
    keys = {
        "image_disk_number": "100",
        "image_disk_device_type": "3390",
        "image_disk_allocation_type": "AUTOG",
        "allocation_area_name_or_volser": "POOL1",
        "allocation_unit_size": "1",
        "image_disk_size": "10016",
        "image_disk_mode": "MR",
    }
    assert lab.codes("Image_Disk_Create_DM", **keys) == (0, 0)
    assert lab.system.directory.active["LNX1"][-1] == "MDISK 0100 3390 1 10016 POOL1 MR"
    assert lab.codes("Image_Disk_Create_DM", **keys) == (404, 4)
    assert lab.codes("Image_Disk_Create_DM", "LNX2", **keys) == (400, 4)
