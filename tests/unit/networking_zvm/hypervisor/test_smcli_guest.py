"""What smcli tells of one guest, in the words of xCAT's zHCP and of today."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networking_zvm import errors, model
from networking_zvm.hypervisor import smcli_guest
from networking_zvm.hypervisor.xcat_answer import Section
from tests.unit.networking_zvm.hypervisor import texts

WEB1 = model.Userid("WEB1")
ENTRY = Section("USER WEB1 SECRET77 1G 2G G\nNICDEF 1000 TYPE QDIO\n", 0)
ADAPTERS = """Adapter:
  Address: 9000
  Device count: 3
  Adapter type: QDIO
  Adapter status: Coupled and active
  LAN owner: SYSTEM
  LAN name: GT@VSW1
Adapter:
  Address: 800
  Device count: 3
  Adapter type: QDIO
  Adapter status: Not coupled
  LAN owner:
  LAN name:
Adapter:
  Address: 1000
  Adapter status: Coupled and active
  LAN owner: WEB1
  LAN name: OWNLAN
"""
MACS = """
adapter_count=2
adapter_address=9000
adapter_status=02
mac_count=2
mac_address=020000ABCDEF
mac_ip_version=4
mac_address=020000000001
mac_info_end
lan_name=GT@VSW1
adapter_info_end
adapter_address=0800
adapter_status=00
adapter_info_end
"""
NONE = Section("ERROR: Unsupported API function name\n", 1)


def failed(rc: int, rs: int) -> Section:
    return Section(texts.failed(rc, rs), 1)


def running(adapters: Section, macs: Section = NONE) -> dict[model.Vdev, model.RunningNic] | None:
    return smcli_guest.read_running(WEB1, adapters, macs)


def test_the_entry_is_told_statement_by_statement() -> None:
    assert "NICDEF 1000 TYPE QDIO" in smcli_guest.read_statements(WEB1, ENTRY)


def test_a_guest_that_is_not_there_is_gone() -> None:
    with pytest.raises(errors.Gone):
        smcli_guest.read_statements(WEB1, failed(400, 4))


@pytest.mark.parametrize("section", [failed(500, 8), Section(ENTRY.text, 1), Section("", None)])
def test_an_entry_that_cannot_be_read_is_not_trusted_and_not_told(section: Section) -> None:
    with pytest.raises(errors.Untrusted) as caught:
        smcli_guest.read_statements(WEB1, section)
    assert "SECRET77" not in str(caught.value)


def test_running_nics_tell_their_vswitch_and_those_in_use_their_mac() -> None:
    nics = running(Section(ADAPTERS, 0), Section(MACS, 0))
    assert nics == {
        "9000": model.RunningNic(model.Mac("020000abcdef"), model.VSwitchName("GT@VSW1")),
        "0800": model.RunningNic(),
        "1000": model.RunningNic(),
    }


def test_a_smcli_without_the_later_query_tells_no_macs() -> None:
    nics = running(Section(ADAPTERS, 0))
    assert nics
    assert [nic.mac for nic in nics.values()] == [None, None, None]


def test_an_uncoupled_nic_may_lack_its_lan() -> None:
    assert running(Section("Adapter:\n  Address: 1000\nError lan_owner is NULL!!\n", 1)) == {
        "1000": model.RunningNic()
    }


@pytest.mark.parametrize(("rc", "rs", "nics"), [(200, 12, None), (212, 8, {}), (204, 8, {})])
def test_a_guest_that_is_off_or_has_no_nic(rc: int, rs: int, nics: object) -> None:
    assert running(failed(rc, rs)) == nics


@pytest.mark.parametrize(
    "section",
    [
        failed(500, 8),
        Section("", 0),
        Section("Adapter:\n", 0),
        Section("Adapter:\n Address: ZZ\n", 0),
        Section(ADAPTERS + ADAPTERS, 0),
        NONE,
    ],
)
def test_half_an_answer_is_none(section: Section) -> None:
    with pytest.raises(errors.Untrusted):
        running(section)


LINES = st.sampled_from([*ADAPTERS.split("\n"), *MACS.split("\n"), "Failed", "  Return Code: 212"])
TEXTS = st.lists(LINES, max_size=12).map("\n".join) | st.text(max_size=60)
SECTIONS = st.builds(Section, TEXTS, st.sampled_from([0, 1, 252, None]))


@given(adapters=SECTIONS, macs=SECTIONS)
def test_no_text_breaks_the_reader(adapters: Section, macs: Section) -> None:
    try:
        nics = running(adapters, macs)
    except errors.Untrusted:
        return
    assert nics is None or all(isinstance(nic, model.RunningNic) for nic in nics.values())
