import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networking_zvm import errors, model
from networking_zvm.dhcp.attachment import Attachment, device_name

RIGHT = {"device": "tap0123abcd-45", "namespace": "qdhcp-7f2d-100", "mac": "02:00:00:00:00:0a", "vlan": 100}
NAME = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}", fullmatch=True)


@given(NAME, NAME, st.binary(min_size=6, max_size=6), st.none() | st.integers(1, 4094))
def test_what_is_written_reads_the_same(device, namespace, mac, vlan):
    attachment = Attachment(
        device, namespace, model.Mac(mac.hex()), None if vlan is None else model.VlanId(vlan)
    )
    assert Attachment.read(json.loads(json.dumps(attachment.written()))) == attachment


@given(st.sampled_from(sorted(RIGHT)), st.none() | st.text() | st.integers() | st.lists(st.text()))
def test_what_can_be_read_is_harmless(name, value):
    try:
        attachment = Attachment.read({**RIGHT, name: value})
    except errors.InvalidValue:
        return
    for text in (attachment.device, attachment.namespace):
        assert text.isascii()
        assert not set(text) & set("/\0 \n'\"$;&|`")
        assert text[0] not in "-."
    assert attachment.vlan is None or 1 <= attachment.vlan <= 4094


@pytest.mark.parametrize("name", sorted(RIGHT))
def test_nothing_may_be_missing(name):
    with pytest.raises(errors.InvalidValue, match=name):
        Attachment.read({key: value for key, value in RIGHT.items() if key != name})


@pytest.mark.parametrize("wrong", ["", "-x", ".", "..", "a/b", "a b", "a" * 16, "t\u00e4p", "tap\n"])
def test_names_that_linux_or_a_command_would_misread(wrong):
    with pytest.raises(errors.InvalidValue):
        device_name(wrong)
