"""Directory entries with one NIC's coupling edited and nothing else touched."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networking_zvm import errors, model
from networking_zvm.hypervisor import base, nicdef, smapi_records

WEB1 = model.Userid("WEB1")
NIC = model.NicAddress(WEB1, model.Vdev("1000"))
VSW1 = model.VSwitchName("VSW1")
VLANS = frozenset({model.VlanId(100)})
USER, OPTIONS, LINK = "USER WEB1 S3CRET 1G 2G G", "*DVHOPT LNK0 LOG1", "  LINK MAINT 190 190 RR"
OTHERS = [USER, OPTIONS, LINK, "NICDEF 0800 TYPE QDIO VLAN 5"]


def padded(*lines: str) -> list[bytes]:
    return [line.ljust(72).encode() for line in lines]


def couple(vlans: frozenset[model.VlanId] = VLANS, port: int | None = None) -> base.Couple:
    return base.Couple(NIC, model.Mac("020000000001"), VSW1, True, False, vlans, port)


def read(records: list[bytes]) -> model.DirectoryNic:
    return nicdef.read_nics((WEB1, record.decode()) for record in records)[NIC]


def test_the_coupling_stands_behind_the_nic_and_the_rest_is_as_before() -> None:
    before = padded(*OTHERS, "NICDEF 1000 TYPE QDIO DEVICES 3 MACID 000001", "MDISK 0100 3390 1 10 VOL001")
    after = smapi_records.coupled(before, couple())
    assert after == [*before[:5], *padded("NICDEF 1000 LAN SYSTEM VSW1 PORTTYPE ACCESS VLAN 100"), before[5]]
    assert smapi_records.uncoupled(after, NIC) == before


def test_what_it_was_coupled_to_goes_however_it_is_written() -> None:
    nic = ["nicdef 1000 type qdio lan system old dev 3", "NICDEF 1000 VLAN 7 8 PORTT TRUNK PORTNUM 9"]
    after = smapi_records.coupled(padded(nic[0], *OTHERS, nic[1]), couple(frozenset(), 1024))
    expected = ["NICDEF 1000 TYPE QDIO DEV 3", *OTHERS, "NICDEF 1000 LAN SYSTEM VSW1 PORTNUMBER 1024"]
    assert after == padded(*expected)


def test_a_long_coupling_takes_two_records() -> None:
    change = base.Couple(
        NIC, model.Mac("020000000001"), model.VSwitchName("VSWITCH1"), True, False, VLANS | {4094}, 65535
    )
    after = smapi_records.coupled(padded("NICDEF 1000 TYPE QDIO MACID 000001"), change)
    assert {len(record) for record in after} == {72}
    assert len(after) == 3
    assert read(after) == model.DirectoryNic(NIC, "000001", change.vswitch, change.vlans, 65535)


def test_more_vlans_than_a_record_holds_are_refused() -> None:
    with pytest.raises(errors.Refused, match="longer than a directory record"):
        smapi_records.coupled(
            padded("NICDEF 1000 TYPE QDIO"), couple(frozenset(map(model.VlanId, range(1000, 1020))))
        )


def test_a_nic_that_is_not_there_is_not_made() -> None:
    for edit in (lambda: smapi_records.coupled(padded(*OTHERS), couple()),
                 lambda: smapi_records.uncoupled(padded(*OTHERS), NIC)):
        with pytest.raises(errors.Gone):
            edit()


@pytest.mark.parametrize("record", ["NICDEF 1000 TYPE QDIO LAN SYSTEM,", "NICDEF 1000 TYPE QDIO LAN SYSTEM"])
def test_a_record_that_cannot_be_read_is_left_alone(record: str) -> None:
    for edit in (lambda: smapi_records.coupled(padded(*OTHERS, record), couple()),
                 lambda: smapi_records.uncoupled(padded(*OTHERS, record), NIC)):
        with pytest.raises(errors.Refused) as caught:
            edit()
        assert "S3CRET" not in str(caught.value)


def test_whether_a_nic_is_coupled_at_all() -> None:
    assert not smapi_records.couples(padded(*OTHERS, "NICDEF 1000 TYPE QDIO"), NIC.vdev)
    assert smapi_records.couples(padded(*OTHERS, "NICDEF 1000 TYPE QDIO VLAN 7"), NIC.vdev)


OPERANDS = st.sampled_from(
    ["TYPE QDIO", "LAN SYSTEM OLD", "DEVICES 3", "MACID 000001", "VLAN 7", "VLAN 8 9-12", "PORTTYPE TRUNK",
     "PORTNUMBER 3", "PROMISCUOUS", "LATER THING"]
)  # fmt: skip
NICDEFS = st.builds(
    lambda vdev, operands: f"NICDEF {vdev} {' '.join(operands)}"[:72],
    st.sampled_from(["1000", "0800", "1003"]),
    st.lists(OPERANDS, max_size=3),
)


def is_of_nic(record: bytes) -> bool:
    return record.upper().split()[:2] == [b"NICDEF", b"1000"]


@given(st.lists(NICDEFS | st.binary(max_size=72), max_size=8))
def test_other_records_keep_their_bytes_and_order(lines: list[str | bytes]) -> None:
    records = [line if isinstance(line, bytes) else line.encode() for line in lines]
    others = [record for record in records if not is_of_nic(record)]
    with contextlib.suppress(errors.Gone, errors.Refused):
        coupled, uncoupled = smapi_records.coupled(records, couple()), smapi_records.uncoupled(records, NIC)
        for after in (coupled, uncoupled):
            assert [record for record in after if not is_of_nic(record)] == others
        nic = read([*filter(is_of_nic, coupled)])
        assert (nic.vswitch, nic.vlans, nic.port) == (VSW1, VLANS, None)
        nic = read([*filter(is_of_nic, uncoupled), b"NICDEF 1000"])
        assert (nic.vswitch, nic.vlans, nic.port) == (None, frozenset(), None)
