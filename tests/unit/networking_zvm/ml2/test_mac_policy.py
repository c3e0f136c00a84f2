"""Which MAC addresses a system can give to a NIC."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networking_zvm.ml2 import mac_policy
from networking_zvm.model import MacPrefix

PREFIX = MacPrefix("02:00:00")


@given(st.integers(0, 0xFFFFFF))
def test_every_macid_is_good_under_the_users_prefix(macid):
    mac = PREFIX + "".join(f":{byte:02x}" for byte in macid.to_bytes(3, "big"))
    assert mac_policy.violation(mac, PREFIX) is None


@given(st.integers(0, 0xFFFFFFFFFFFF).filter(lambda mac: mac >> 24 != 0x020000))
def test_every_other_address_is_not(number):
    mac = ":".join(f"{byte:02x}" for byte in number.to_bytes(6, "big"))
    assert mac in (mac_policy.violation(mac, PREFIX) or "")


@pytest.mark.parametrize("mac", ["02:00:00:AB:CD:EF", "02-00-00-ab-cd-ef", "0200.00ab.cdef"])
def test_the_spelling_of_an_address_does_not_matter(mac):
    assert mac_policy.violation(mac, PREFIX) is None


def test_an_unknown_prefix_forbids_nothing():
    assert mac_policy.violation("fa:16:3e:00:00:01", None) is None


def test_the_reason_names_address_prefix_and_remedy():
    why = mac_policy.violation("fa:16:3e:00:00:01", MacPrefix("020001"))
    assert "fa:16:3e:00:00:01" in why
    assert "user MAC prefix 02:00:01" in why
    assert "base_mac = 02:00:01:00:00:00 in neutron.conf" in why


@pytest.mark.parametrize("mac", ["", "02:00:00", "no address"])
def test_what_is_no_address_is_outside(mac):
    assert mac_policy.violation(mac, PREFIX)
