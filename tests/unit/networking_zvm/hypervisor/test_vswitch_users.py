"""What xCAT's smcli leaves out of its listing is taken from the older one, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networking_zvm import errors, model
from networking_zvm.hypervisor.vswitch_listing import read_listing
from networking_zvm.hypervisor.vswitch_users import complete
from tests.unit.networking_zvm.hypervisor import texts

AWARE, UNAWARE = model.VSwitchName("VSW1"), model.VSwitchName("GT@VSW1")
LINUX01, LINUX02, TCPIP, M2 = map(model.Userid, ("LINUX01", "LINUX02", "TCPIP", "M2"))
OF_LINUX02 = """\
port_num: 0000
grant_userid: LINUX02
promiscuous_mode: PROM
osd_sim: NOOSDSIM
vlan_count: 2
user_vlan_id: 20
user_vlan_id: 30
"""
AWARE_TOO = texts.VSWITCHES_WITHOUT_USERS.replace(OF_LINUX02, "Error vlan_info is NULL!!\n")


def test_the_listing_tells_which_vswitch_lacks_users() -> None:
    listing = read_listing(texts.VSWITCHES_WITHOUT_USERS)
    assert listing.incomplete == {UNAWARE}
    assert listing.vswitches[UNAWARE].grants == {}
    assert listing.live[model.NicAddress(model.Userid("M1"), model.Vdev("F000"))].mac == "02:00:01:00:00:04"


def test_users_of_an_unaware_vswitch_are_completed_and_those_of_others_left_alone() -> None:
    before = read_listing(texts.VSWITCHES_WITHOUT_USERS)
    after = complete(before, texts.VSWITCHES_AND_USERS)
    nobody: frozenset[model.VlanId] = frozenset()
    assert after.vswitches[UNAWARE].grants == {model.Userid("MAINT"): nobody, model.Userid("GT@PONG"): nobody}
    assert after.vswitches[UNAWARE].unclear == frozenset()
    assert after.vswitches[AWARE] == before.vswitches[AWARE]
    assert after.live == before.live
    assert not after.incomplete


def test_of_an_aware_vswitch_only_the_first_user_left_out_is_known_to_have_no_vlan() -> None:
    vswitch = complete(read_listing(AWARE_TOO), texts.VSWITCHES_AND_USERS).vswitches[AWARE]
    assert list(vswitch.grants) == [LINUX01, LINUX02, TCPIP, M2]
    assert vswitch.grants[LINUX01] == {10}
    assert vswitch.grants[LINUX02] == frozenset()
    assert vswitch.unclear == {TCPIP, M2}


def test_where_the_order_differs_nobody_left_out_is_known() -> None:
    lines = ("    User: LINUX01 \n", "    User: LINUX02 \n")
    other = texts.VSWITCHES_AND_USERS.replace("".join(lines), "".join(reversed(lines)))
    assert other != texts.VSWITCHES_AND_USERS
    assert complete(read_listing(AWARE_TOO), other).vswitches[AWARE].unclear == {LINUX02, TCPIP, M2}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("VSWITCH:  Name: GT@VSW1", "VSWITCH:  Name: OTHER"),
        ("VSWITCH:  Name: GT@VSW1", "VSWITCH:  Name: VSW1"),
        ("VSWITCH:  Name: GT@VSW1", "VSWITCH:  Name: "),
        ("    User: MAINT   \n", "    User:         \n"),
        ("    User: MAINT   \n", "    User: TOO LONG A NAME\n"),
        ("  Authorized users:\n    User: MAINT", "    User: MAINT"),
        ("  Connections:\n    Adapter owner: M1", "    Adapter owner: M1"),
    ],
)
def test_nonsense_is_never_misread(right: str, wrong: str) -> None:
    assert right in texts.VSWITCHES_AND_USERS
    listing = read_listing(texts.VSWITCHES_WITHOUT_USERS)
    with pytest.raises(errors.Untrusted, match="Virtual_Network_Vswitch_Query"):
        complete(listing, texts.VSWITCHES_AND_USERS.replace(right, wrong, 1))


LINES = texts.VSWITCHES_AND_USERS.splitlines(keepends=True)


@given(st.integers(0, len(LINES) - 2))
def test_a_listing_that_breaks_off_is_not_trusted(lines: int) -> None:
    with pytest.raises(errors.Untrusted):
        complete(read_listing(texts.VSWITCHES_WITHOUT_USERS), "".join(LINES[:lines]))
