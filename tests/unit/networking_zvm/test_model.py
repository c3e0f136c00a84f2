"""Values that cannot hold nonsense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networking_zvm import errors, model


@pytest.mark.parametrize("text", ["linux01", " LINUX01 ", "A", "@#$_A+:-"])
def test_names_are_upper_case(text: str) -> None:
    assert model.Userid(text) == text.strip().upper()


@pytest.mark.parametrize("text", ["", "TOOLONG99", "A B", "-T", "+A", "ÄB", "A;B", "A\nB", "$(x)", "A'B"])
def test_names_that_could_be_options_or_more_than_a_word_are_refused(text: str) -> None:
    with pytest.raises(errors.InvalidValue):
        model.Userid(text)
    with pytest.raises(errors.InvalidValue):
        model.VSwitchName(text)


@given(st.integers(0, 0xFFFF))
def test_device_numbers_have_one_form(number: int) -> None:
    assert model.Vdev(f"{number:x}") == f"{number:04X}"
    assert model.Vdev(f"{number:04X}") == f"{number:04X}"


@given(st.integers(0, 0xFFFFFFFFFFFF), st.sampled_from([":", "-", ".", ""]))
def test_macs_have_one_form_and_come_apart(number: int, separator: str) -> None:
    digits = f"{number:012X}"
    mac = model.Mac(separator.join(digits[i : i + 2] for i in range(0, 12, 2)))
    assert mac.macid == digits[6:]
    assert mac == model.Mac.assemble(mac.prefix, mac.macid)
    assert mac.replace(":", "").upper() == digits


@pytest.mark.parametrize("text", ["", "02:00:00", "02:00:00:00:00:0g", "02:00:00:00:00:00:00"])
def test_other_texts_are_no_macs(text: str) -> None:
    with pytest.raises(errors.InvalidValue):
        model.Mac(text)


@pytest.mark.parametrize("number", [0, 4095, -1, "NONE", "", "1.5"])
def test_only_1_to_4094_are_vlans(number: int | str) -> None:
    with pytest.raises(errors.InvalidValue):
        model.VlanId(number)


def test_the_default_vlan_may_be_shown_by_its_number() -> None:
    user, seven = model.Userid("A"), frozenset({model.VlanId(7)})
    for granted in (frozenset[model.VlanId](), seven):
        name, default = model.VSwitchName("V"), model.VlanId(7)
        vswitch = model.VSwitch(name, vlan_aware=True, default_vlan=default, grants={user: granted})
        assert vswitch.grants_exactly(user, frozenset())
        assert vswitch.grants_exactly(user, seven)
        assert not vswitch.grants_exactly(model.Userid("B"), seven)
