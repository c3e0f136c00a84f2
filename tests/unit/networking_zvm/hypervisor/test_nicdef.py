"""NICDEF statements in all the forms the directory may hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networking_zvm import errors, model
from networking_zvm.hypervisor import nicdef

USER = model.Userid("LINUX01")
NIC = model.NicAddress(USER, model.Vdev("1000"))
VSW1 = model.VSwitchName("VSW1")


def read(*statements: str) -> dict[model.NicAddress, model.DirectoryNic]:
    return nicdef.read_nics((USER, statement) for statement in statements)


def vlans(*numbers: int) -> frozenset[model.VlanId]:
    return frozenset(map(model.VlanId, numbers))


@pytest.mark.parametrize(
    ("statements", "nic"),
    [
        (["NICDEF 1000 TYPE QDIO"], model.DirectoryNic(NIC)),
        (
            ["NICDEF 1000 TYPE QDIO LAN SYSTEM VSW1 DEVICES 3 MACID abcdef"],
            model.DirectoryNic(NIC, "ABCDEF", VSW1),
        ),
        (["nicdef 1000 type qdio lan system vsw1"], model.DirectoryNic(NIC, None, VSW1)),
        (["NICDEF 1000 MACID 1 LAN SYSTEM VSW1 TYPE QDIO"], model.DirectoryNic(NIC, "000001", VSW1)),
        (["NICDEF 1000 TYPE HIPER DEV 3 LAN * VSW1"], model.DirectoryNic(NIC)),
        (["NICDEF 1000 TYPE QDIO LAN MAINT VSW1"], model.DirectoryNic(NIC)),
        (
            ["NICDEF 1000 TYPE QDIO DEV 3", "NICDEF 1000 LAN SYSTEM VSW1 VLAN 100 PORTT ACCESS"],
            model.DirectoryNic(NIC, None, VSW1, vlans(100)),
        ),
        (
            ["NICDEF 1000 TYPE QDIO LAN SYSTEM OLD", "NICDEF 1000 LAN SYSTEM VSW1"],
            model.DirectoryNic(NIC, None, VSW1),
        ),
        (
            ["NICDEF 1000 TYPE QDIO LAN SYSTEM VSW1 VLAN 10 20-22 PORTNUM 5 PRO"],
            model.DirectoryNic(NIC, None, VSW1, vlans(10, 20, 21, 22), 5),
        ),
        (
            ["NICDEF 1000 TYPE QDIO VLAN 10,20-21 LAN SYSTEM VSW1"],
            model.DirectoryNic(NIC, None, VSW1, vlans(10, 20, 21)),
        ),
        (["NICDEF 1000 TYPE QDIO LATER LAN SYSTEM VSW1 THING"], model.DirectoryNic(NIC, None, VSW1)),
    ],
)
def test_a_nic_is_read_whatever_its_form(statements: list[str], nic: model.DirectoryNic) -> None:
    assert read(*statements) == {NIC: nic}


@pytest.mark.parametrize("statement", ["* NICDEF 1000 TYPE QDIO", "COMMAND DEFINE NIC 1000", "", "   "])
def test_other_statements_define_no_nic(statement: str) -> None:
    assert read(statement) == {}


@pytest.mark.parametrize(
    "statement",
    [
        "NICDEF",
        "NICDEF TYPE QDIO",
        "NICDEF 10000 TYPE QDIO",
        "NICDEF 1000 TYPE",
        "NICDEF 1000 TYPE QDIO LAN SYSTEM",
        "NICDEF 1000 TYPE QDIO MACID XYZ",
        "NICDEF 1000 TYPE QDIO MACID 1234567",
        "NICDEF 1000 TYPE QDIO VLAN",
        "NICDEF 1000 TYPE QDIO VLAN 4095",
        "NICDEF 1000 TYPE QDIO PORTNUM ANY",
        "NICDEF 1000 TYPE QDIO VLAN 10-",
        "NICDEF 1000 TYPE QDIO LAN SYSTEM TOOLONGNAME",
    ],
)
def test_nonsense_is_never_misread(statement: str) -> None:
    with pytest.raises(errors.Untrusted):
        read(statement)


OPERANDS = st.sampled_from(
    ["TYPE QDIO", "DEV 3", "DEVICES 3", "PORTTYPE ACCESS", "NOPROMISCUOUS", "CHPID 1A"]
)


@given(
    macid=st.integers(0, 0xFFFFFF),
    ids=st.frozensets(st.integers(1, 4094), min_size=1, max_size=6),
    port=st.integers(1, 65535),
    others=st.lists(OPERANDS, max_size=4),
    order=st.randoms(use_true_random=False),
    cut=st.integers(0, 8),
)
def test_order_and_division_into_statements_do_not_matter(
    macid: int, ids: frozenset[int], port: int, others: list[str], order: object, cut: int
) -> None:
    own = [f"MACID {macid:06X}", "LAN SYSTEM VSW1", "VLAN " + " ".join(map(str, ids)), f"PORTNUM {port}"]
    operands = own + others
    order.shuffle(operands)  # type: ignore[attr-defined]
    statements = [" ".join(["NICDEF 1000", *part]) for part in (operands[:cut], operands[cut:])]
    assert read(*statements) == {NIC: model.DirectoryNic(NIC, f"{macid:06X}", VSW1, vlans(*ids), port)}


WORDS = st.sampled_from(
    ["NICDEF", "1000", "0", "TYPE", "LAN", "SYSTEM", "*", "MACID", "ABCDEF", "VLAN", "10-20", "9-1", ",", "-"]
)


@given(st.lists(st.lists(WORDS | st.text(max_size=5), max_size=9).map(" ".join), max_size=4))
def test_no_statement_breaks_the_reader(statements: list[str]) -> None:
    try:
        nics = read(*statements)
    except errors.Untrusted:
        return
    assert all(nic.address == address for address, nic in nics.items())


def test_unwanted_operands_go_however_they_are_written() -> None:
    statement = "TYPE QDIO LAN SYSTEM VSW1 DEV 3 PORTT ACCESS VLAN 10 20-29 NEWTHING 7 MACID 000001"
    left = nicdef.without_operands(statement.split(), {"LAN", "VLAN", "PORTTYPE"})
    assert " ".join(left) == "TYPE QDIO DEV 3 NEWTHING 7 MACID 000001"
    with pytest.raises(errors.InvalidValue):
        nicdef.without_operands(["LAN", "SYSTEM"], {"LAN"})
