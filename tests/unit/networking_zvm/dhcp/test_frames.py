"""What becomes of a frame: its VLAN from the kernel's words, and who gets it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networking_zvm import errors, model
from networking_zvm.dhcp import packets
from networking_zvm.dhcp.attachment import Attachment
from networking_zvm.dhcp.trunk import Files, Table

VALID, TPID_VALID = 0x10, 0x40
BITS = st.integers(0, 0xFFFF)


@given(st.integers(0, 0xFFFFFFFF), BITS, BITS)
def test_a_vlan_is_told_only_where_the_kernel_found_a_tag(status, tci, tpid):
    try:
        vlan = packets.vlan_of(status, tci, tpid)
    except packets.Foreign:
        assert status & VALID
        assert tpid != 0x8100
    except errors.InvalidValue:
        assert tci & 0xFFF == 0xFFF
    else:
        assert vlan == (tci & 0xFFF or None if status & VALID else None)


def test_priority_bits_are_no_part_of_it():
    assert packets.vlan_of(VALID | TPID_VALID, 0xE00A, 0x8100) == 10
    assert packets.vlan_of(VALID | TPID_VALID, 0xE000, 0x8100) is None


def test_a_service_tag_is_foreign():
    with pytest.raises(packets.Foreign, match="0x88a8"):
        packets.vlan_of(VALID | TPID_VALID, 10, 0x88A8)


class Tap:
    """Only its attachment counts here."""

    def __init__(self, name, mac, vlan):
        number = model.VlanId(vlan) if vlan else None
        self.attachment = Attachment(name, f"qdhcp-{name}", model.Mac(mac), number)


RED, REDDER, BLUE, FLAT = (
    Tap("red", "020000000001", 10),
    Tap("redder", "020000000002", 10),
    Tap("blue", "020000000001", 20),
    Tap("flat", "020000000003", None),
)


def table():
    made = Table()
    made.fill([RED, REDDER, BLUE, FLAT])
    return made


def receivers(vlan, mac):
    return [tap.attachment.device for tap in table().receivers(vlan, bytes.fromhex(mac))]


def test_everybody_on_the_vlan_gets_a_broadcast_and_a_multicast():
    assert receivers(10, "ffffffffffff") == ["red", "redder"]
    assert receivers(20, "333300010002") == ["blue"]
    assert receivers(None, "ffffffffffff") == ["flat"]


def test_a_frame_for_one_goes_to_that_one_on_its_vlan_only():
    assert receivers(10, "020000000001") == ["red"]
    assert receivers(20, "020000000001") == ["blue"]
    assert receivers(None, "020000000001") == []


@given(st.none() | st.integers(1, 4094), st.binary(min_size=6, max_size=6))
def test_nobody_hears_another_vlan(vlan, destination):
    number = model.VlanId(vlan) if vlan else None
    assert all(tap.attachment.vlan == vlan for tap in table().receivers(number, destination))


def test_what_is_saved_is_loaded(tmp_path):
    files = Files(tmp_path, "enc1000")
    attachments = [tap.attachment for tap in (RED, FLAT)]
    files.save(attachments, -1)
    assert files.load() == attachments
    assert files.attachments.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damaged", [b"", b"[", b"{}", b"[1]", b'[{"device": "x"}]', b"\xff", b"7", b"null"])
def test_a_damaged_file_is_as_good_as_none(tmp_path, damaged):
    files = Files(tmp_path, "enc1000")
    files.attachments.write_bytes(damaged)
    assert files.load() == []


def test_a_file_is_never_written_through_a_link(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    files = Files(tmp_path, "enc1000")
    files.attachments.with_suffix(".new").symlink_to(victim)
    files.save([RED.attachment], -1)
    assert victim.read_text() == "precious"
    assert files.load() == [RED.attachment]
