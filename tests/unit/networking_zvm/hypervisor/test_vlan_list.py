"""Sets of VLANs in SMAPI's words: never more than it takes, and never another set."""

from hypothesis import given
from hypothesis import strategies as st

from networking_zvm import model
from networking_zvm.hypervisor import nicdef, vlan_list
from zvmsim.world.vlans import check_user_vlan_id


def short(*vlans: int) -> str | None:
    return vlan_list.short([model.VlanId(vlan) for vlan in vlans])


def test_few_are_named_one_by_one_and_many_by_ranges() -> None:
    assert short(4, 3) == "3 4"
    assert short(1000, 2000, 3000, 4000) == "1000 2000 3000 4000"
    assert short(*range(100, 200), *range(1000, 1100)) == "100-199 1000-1099"
    assert short(1, *range(5, 9), 11) == "1 5-8 11"


def test_more_than_smapi_takes_is_nothing() -> None:
    assert short(10, 20, 30, 40, 50) is None
    assert short(1, 2, 4, 5, 7, 8) is None


@given(st.sets(st.integers(1, 60), min_size=1, max_size=20))
def test_what_is_written_is_read_as_the_same_and_taken(numbers: set[int]) -> None:
    text = short(*numbers)
    if text is None:
        assert len(numbers) > 4
    else:
        assert nicdef.vlan_set(text.split()) == numbers
        assert check_user_vlan_id(text) == text
