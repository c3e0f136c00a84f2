"""smcli's listing of vswitches: both dialects, and nothing concluded from a damaged one."""

import contextlib
import sys
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networking_zvm import errors, model
from networking_zvm.hypervisor.vswitch_listing import read_listing
from tests.unit.networking_zvm.hypervisor import texts

LINUX01, LINUX02, TCPIP = map(model.Userid, ("LINUX01", "LINUX02", "TCPIP"))


def vlans(*numbers: int) -> frozenset[model.VlanId]:
    return frozenset(map(model.VlanId, numbers))


def test_todays_listing() -> None:
    listing = read_listing(texts.VSWITCHES)
    name, layer3 = model.VSwitchName("VSW1"), model.VSwitchName("GT@VSW1")
    assert listing.vswitches == {
        name: model.VSwitch(
            name,
            vlan_aware=True,
            default_vlan=model.VlanId(100),
            uplink=model.Uplink.READY,
            rdevs=("0500",),
            grants={LINUX01: vlans(10), LINUX02: vlans(20, 30), TCPIP: vlans()},
            port_type=model.PortType.TRUNK,
            native_vlan=model.VlanId(1),
        ),
        layer3: model.VSwitch(layer3, layer=model.Layer.IP),
    }
    address = model.NicAddress(LINUX01, model.Vdev("1000"))
    assert listing.live == {address: model.LiveNic(address, model.Mac("02:00:00:ab:cd:ef"), name)}


def test_the_listing_of_xcats_zhcp() -> None:
    name = model.VSwitchName("XCATVSW3")
    assert read_listing(texts.VSWITCHES_OF_ZHCP).vswitches[name] == model.VSwitch(
        name,
        vlan_aware=True,
        port_based=True,
        uplink=model.Uplink.DOWN,
        rdevs=("0640",),
        grants={model.Userid("OS000001"): vlans(10, *range(30, 41))},
        port_type=model.PortType.ACCESS,
        native_vlan=model.VlanId(1),
    )


def test_no_vswitch_at_all() -> None:
    assert read_listing("").vswitches == {}


def test_ports_of_one_guest_are_one_grant() -> None:
    second = "port_num: 0000\ngrant_userid: LINUX02"
    text = texts.VSWITCHES.replace(second, "port_num: 0007\ngrant_userid: LINUX01")
    grants = read_listing(text).vswitches[model.VSwitchName("VSW1")].grants
    assert grants == {LINUX01: vlans(10, 20, 30), TCPIP: vlans()}


def test_a_vlan_unaware_vswitch_may_list_one_vlan_that_is_none() -> None:
    text = texts.VSWITCHES + (
        "port_num: 0000\ngrant_userid: X\npromiscuous_mode: NOPROM\nosd_sim: NOOSDSIM\n"
        "vlan_count: 1\nuser_vlan_id: 0\n"
    )
    assert read_listing(text).vswitches[model.VSwitchName("GT@VSW1")].grants == {model.Userid("X"): vlans()}


def test_unknown_lines_are_passed_over() -> None:
    later = texts.VSWITCHES.replace(" IP_timeout: 5\n", " IP_timeout: 5\n new_thing: 7\nsome text\n\n")
    later += "global_member_name: A\nglobal_member_state: up\nuplink_NIC_userid: B\n"
    assert read_listing(later) == read_listing(texts.VSWITCHES)


def test_a_gap_in_a_real_device_does_no_harm() -> None:
    device = "real_device_address: 0500\nvirtual_device_address: 0600\ncontroller_name: DTCVSW1\n"
    device += "port_name: (NONE)\ndevice_status: 1\ndevice_error_status 0\n"
    text = texts.VSWITCHES.replace(device, "Error controller_name is NULL!!\n")
    assert read_listing(text).vswitches[model.VSwitchName("VSW1")].rdevs == ()


def test_link_aggregation_garbles_the_status_but_an_active_device_tells() -> None:
    text = texts.VSWITCHES.replace("switch_status: 8", "switch_status: LACP-EXCLUSIVE")
    assert read_listing(text).vswitches[model.VSwitchName("VSW1")].uplink is model.Uplink.READY


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("transport_type: ETHERNET", "transport_type: QDIO"),
        ("vlan_awareness: AWARE", "vlan_awareness: YES"),
        ("vlan_id: 100", "vlan_id: 5000"),
        ("vlan_id: 100", "vlan_id: 1_0"),
        ("user_port_based: USERBASED", "user_port_based: "),
        ("user_port_based: USERBASED", "some_key: USERBASED"),
        ("grant_userid: LINUX01", "grant_userid: TOO LONG A NAME"),
        ("grant_userid: LINUX01\n", ""),
        ("vlan_count: 2", "vlan_count: 3"),
        ("vlan_count: 2", "vlan_count: x"),
        ("user_vlan_id: 20", "user_vlan_id: twenty"),
        ("user_vlan_id: 20\n", "Error user_vlan_id is NULL!!\n"),
        ("port_num: 0000\ngrant_userid: LINUX02", "Error vlan_info is NULL!!\ngrant_userid: LINUX02"),
        ("user_vlan_id: 10\n", "user_vlan_id: 10\nError vlan_info is NULL!!\n"),
        ("adapter_owner: LINUX01", "Error vlan_info is NULL!!\nError vlan_info is NULL!!\nadapter_owner: X"),
        (" switch_name: VSW1\n", "Error vlan_info is NULL!!\n switch_name: VSW1\n"),
        ("adapter_vdev: 1000", "adapter_vdev: 10000"),
        ("adapter_macaddr: 02-00-00-AB-CD-EF", "adapter_macaddr: 02-00-00"),
        ("adapter_macaddr: 02-00-00-AB-CD-EF\n", ""),
        (" switch_name: GT@VSW1\n", ""),
        ("switch_name: GT@VSW1", "switch_name: VSW1"),
        (" switch_name: VSW1\n", ""),
    ],
)
def test_nonsense_is_never_misread(right: str, wrong: str) -> None:
    assert right in texts.VSWITCHES
    with pytest.raises(errors.Untrusted):
        read_listing(texts.VSWITCHES.replace(right, wrong, 1))


LINES = texts.VSWITCHES.splitlines(keepends=True)


@given(st.integers(0, len(LINES)), st.integers(1, 3))
def test_lost_lines_are_noticed_unless_they_were_a_whole_entry(first: int, count: int) -> None:
    """What is read from a listing with a hole is never about a NIC or a guest that is not so."""
    try:
        listing = read_listing("".join(LINES[:first] + LINES[first + count :]))
    except errors.Untrusted:
        return
    whole = read_listing(texts.VSWITCHES)
    for name, vswitch in listing.vswitches.items():
        assert vswitch.grants.items() <= whole.vswitches[name].grants.items()
        assert vswitch.default_vlan == whole.vswitches[name].default_vlan
    assert listing.live.items() <= whole.live.items()


@given(st.lists(st.sampled_from(LINES) | st.text(max_size=30).map("{}\n".format), max_size=60))
def test_no_text_breaks_the_reader(lines: list[str]) -> None:
    with contextlib.suppress(errors.Untrusted):
        read_listing("".join(lines))


def listing_of(nics: int) -> str:
    head, _, _ = texts.VSWITCHES.partition("port_num")
    grants = "".join(
        f"port_num: 0000\ngrant_userid: U{n}\npromiscuous_mode: NOPROM\nosd_sim: NOOSDSIM\n"
        f"vlan_count: 1\nuser_vlan_id: {n % 4000 + 1}\n"
        for n in range(nics)
    )
    adapters = "".join(
        f"adapter_owner: U{n}\nadapter_vdev: 1000\n"
        f"adapter_macaddr: 02-00-00-{n >> 16:02X}-{n >> 8 & 255:02X}-{n & 255:02X}\nadapter_type: QDIO\n"
        for n in range(nics)
    )
    return head + grants + adapters


def test_twice_the_nics_take_twice_the_work() -> None:
    assert lines_executed(listing_of(2000)) < 2.05 * lines_executed(listing_of(1000))


def lines_executed(text: str) -> int:
    """Lines of Python that reading `text` runs: unlike seconds, the same under any load."""
    executed = 0

    def count(_frame: FrameType, event: str, _argument: object) -> object:
        nonlocal executed
        executed += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        read_listing(text)
    finally:
        sys.settrace(before)
    return executed
