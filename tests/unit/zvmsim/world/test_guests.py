"""Guests, their NICs and MACs: LOGON, LOGOFF, DEFINE NIC, COUPLE, IPL."""

from dataclasses import replace

import pytest

from tests.unit.zvmsim.world.conftest import Lab
from zvmsim.world.smapi import SmapiError
from zvmsim.world.views import adapter_infos

NIC_ON_VSW1 = "NICDEF 1000 TYPE QDIO LAN SYSTEM VSW1 DEVICES 3"


def test_logon_builds_the_nics_of_the_directory(lab: Lab) -> None:
    lab.switch()
    lab.user("LNX1", "NICDEF 1000 TYPE QDIO MACID ABCDEF", NIC_ON_VSW1.replace("1000 TYPE QDIO", "1000"))
    assert lab.codes("Image_Activate") == (0, 0)
    nic = lab.nic()
    assert (nic.mac, nic.devices, nic.lan_name) == ("02-00-00-AB-CD-EF", 3, "VSW1")


def test_logon_of_a_guest_that_is_on_or_unknown(lab: Lab) -> None:
    lab.user("LNX1", on=True)
    assert lab.codes("Image_Activate") == (200, 8)
    assert lab.codes("Image_Activate", "NOBODY") == (200, 4)


def test_a_nic_without_authorization_comes_up_uncoupled(lab: Lab) -> None:
    lab.system.dna = False
    lab.switch()
    lab.user("LNX1", NIC_ON_VSW1)
    ((vdev, why),) = lab.system.logon("LNX1")
    assert (vdev, why.rc, why.rs) == ("1000", 212, 8)
    assert not lab.nic().coupled


def test_logoff_takes_the_nics_and_leaves_the_grants(lab: Lab) -> None:
    lab.switch()
    lab.alter(grant_userid="LNX1")
    lab.user("LNX1", NIC_ON_VSW1, on=True)
    assert lab.codes("Image_Deactivate", force_time=" IMMED") == (0, 0)
    assert lab.info().adapters == ()
    assert "LNX1" in lab.users()
    assert lab.codes("Image_Deactivate") == (200, 12)


def test_macs_of_cp_come_from_one_counter_for_nics_and_vswitches(lab: Lab) -> None:
    lab.switch()
    lab.user("LNX1", "NICDEF 1000 TYPE QDIO", "NICDEF 2000 TYPE QDIO", on=True)
    assert lab.info().mac == "02-00-01-00-00-01"
    assert [lab.nic(vdev=vdev).mac for vdev in ("1000", "2000")] == ["02-00-01-00-00-02", "02-00-01-00-00-03"]


def test_a_nic_changes_its_mac_over_logoff_unless_it_has_a_macid(lab: Lab) -> None:
    lab.user("LNX1", "NICDEF 1000 TYPE QDIO", "NICDEF 2000 TYPE QDIO MACID 00000A", on=True)
    before = [lab.nic(vdev=vdev).mac for vdev in ("1000", "2000")]
    lab.ask("Image_Recycle")
    after = [lab.nic(vdev=vdev).mac for vdev in ("1000", "2000")]
    assert after[0] != before[0]
    assert after[1] == before[1] == "02-00-00-00-00-0A"


@pytest.mark.parametrize(("position", "codes"), [("refuse", 2797), ("allow", 0)])
def test_two_nics_with_one_macid(lab: Lab, position: str, codes: int) -> None:
    lab.behave(duplicate_macid=position)
    lab.user("LNX1", "NICDEF 1000 TYPE QDIO MACID 00000A", on=True)
    lab.user("LNX2", "NICDEF 1000 TYPE QDIO MACID 00000A")
    failures = lab.system.logon("LNX2")
    assert [why.rs for _, why in failures] == ([codes] if codes else [])
    assert ("1000" in lab.system.guest("LNX2").nics) == (position == "allow")


def test_set_nic_macid(lab: Lab) -> None:
    lab.user("LNX1", "NICDEF 1000 TYPE QDIO", on=True)
    lab.system.set_nic_mac("LNX1", "1000", "0000FF")
    assert lab.nic().mac == "02-00-00-00-00-FF"


def test_set_nic_macid_of_a_nic_to_be_defined(lab: Lab) -> None:
    """It holds for every NIC that is defined there, until the guest logs off."""
    lab.user("LNX1", on=True)
    lab.system.set_nic_mac("LNX1", "1000", "0000FF")
    for _ in range(2):
        assert lab.system.define_nic("LNX1", "1000").mac == "02-00-00-00-00-FF"
        lab.system.detach_nic("LNX1", "1000")
    lab.system.unset_nic_mac("LNX1", "1000")
    assert lab.system.define_nic("LNX1", "1000").mac.startswith("02-00-01")

    lab.system.set_nic_mac("LNX1", "1003", "0000FE")
    lab.system.logoff("LNX1")
    lab.system.logon("LNX1")
    assert lab.system.define_nic("LNX1", "1003").mac.startswith("02-00-01")
    with pytest.raises(SmapiError):
        lab.system.set_nic_mac("LNX2", "1000", "0000FF")


def create(lab: Lab, vdev: str, **keys: str) -> tuple[int, int]:
    keys = {"adapter_type": "QDIO"} | keys
    return lab.codes("Virtual_Network_Adapter_Create_Extended", image_device_number=vdev, **keys)


def test_live_nics_may_not_overlap(lab: Lab) -> None:
    lab.user("LNX1", on=True)
    assert create(lab, "1000", devices="5") == (0, 0)
    assert create(lab, "1004") == (204, 4)
    assert create(lab, "1005") == (0, 0)
    assert create(lab, "FFFE") == (204, 2)


def test_a_nic_is_hipersockets_unless_it_says_otherwise(lab: Lab) -> None:
    lab.user("LNX1", on=True)
    lab.ask("Virtual_Network_Adapter_Create_Extended", image_device_number="1000")
    assert lab.nic().type == "HIPERSOCKETS"


def test_nics_of_a_guest_that_is_off(lab: Lab) -> None:
    lab.user("LNX1")
    assert create(lab, "1000") == (200, 12)
    assert lab.couple() == (200, 12)
    assert lab.couple("NOBODY") == (200, 4)


def test_detaching_a_coupled_nic_uncouples_it(lab: Lab) -> None:
    lab.switch()
    lab.user("LNX1", NIC_ON_VSW1, on=True)
    assert lab.codes("Virtual_Network_Adapter_Delete", image_device_number="1000") == (0, 0)
    assert lab.info().adapters == ()
    assert lab.users() == {}
    assert lab.codes("Virtual_Network_Adapter_Delete", image_device_number="1000") == (204, 8)


def test_query_of_adapters(lab: Lab) -> None:
    lab.switch()
    lab.user("LNX1", on=True)
    query = "Virtual_Network_Adapter_Query_Extended"
    assert lab.codes(query, image_device_number="*") == (212, 8)
    create(lab, "1000")
    assert lab.codes(query, image_device_number="2000") == (204, 8)
    (answer,) = adapter_infos(lab.system, "LNX1", "1000")
    assert (answer.status, answer.lan_name) == (0, "")
    lab.alter(grant_userid="LNX1")
    lab.couple()
    lab.system.set_driver("LNX1", "1000", True, "ETH0")
    answer = replace(answer, status=2, lan_owner="SYSTEM", lan_name="VSW1", port_name="ETH0", is_vswitch=True)
    assert lab.ask(query, image_device_number="*").data == (answer,)


class TestCoupleAnswersInOrder:
    """The order of checks of Connect_Vswitch."""

    def test_no_such_nic_comes_before_no_such_switch(self, lab: Lab) -> None:
        lab.user("LNX1", on=True)
        assert lab.couple() == (204, 8)

    @pytest.mark.parametrize("codes", ["212/40", "396/2788"])
    def test_no_such_switch(self, lab: Lab, codes: str) -> None:
        lab.behave(couple_missing_vswitch=codes)
        lab.user("LNX1", "NICDEF 1000 TYPE QDIO", on=True)
        assert "{}/{}".format(*lab.couple()) == codes

    def test_not_authorized_comes_before_wrong_type(self, lab: Lab) -> None:
        lab.switch()
        lab.user("LNX1", "NICDEF 1000 TYPE HIPERS", on=True)
        assert lab.couple() == (212, 8)
        lab.alter(grant_userid="LNX1")
        assert lab.couple() == (212, 28)

    @pytest.mark.parametrize("codes", ["212/28", "396/6011"])
    def test_coupled_already(self, lab: Lab, codes: str) -> None:
        lab.behave(couple_other_vswitch=codes)
        lab.switch()
        lab.switch("VSW2")
        lab.user("LNX1", NIC_ON_VSW1, on=True)
        assert lab.couple() == (204, 20)
        assert "{}/{}".format(*lab.couple(name="VSW2")) == codes
        assert lab.nic().lan_name == "VSW1"


def test_uncouple(lab: Lab) -> None:
    lab.switch()
    lab.user("LNX1", NIC_ON_VSW1, on=True)
    assert lab.codes("Virtual_Network_Adapter_Disconnect", image_device_number="1000") == (0, 0)
    assert lab.codes("Virtual_Network_Adapter_Disconnect", image_device_number="1000") == (204, 48)


def test_command_statements_run_at_logon_with_their_own_authority(lab: Lab) -> None:
    ran: list[tuple[str, str]] = []
    lab.system.on_command = lambda userid, command: ran.append((userid, command))
    lab.user("LNX1", "COMMAND SET VSWITCH VSW2 GRANT LNX1", on=True)
    assert ran == [("LNX1", "SET VSWITCH VSW2 GRANT LNX1")]


def test_a_profile_adds_its_nics(lab: Lab) -> None:
    lab.system.directory.create("NETPROF", ("PROFILE NETPROF", "NICDEF 0800 TYPE QDIO"))
    lab.user("LNX1", "INCLUDE NETPROF", "NICDEF 1000 TYPE QDIO", on=True)
    assert set(lab.system.guest("LNX1").nics) == {"0800", "1000"}


class TestIpl:
    def test_keeps_system_config_and_directory_and_nothing_else(self, lab: Lab) -> None:
        lab.switch("KEPT", persist="YES")
        lab.switch("GONE")
        lab.alter("KEPT", grant_userid="LASTING", persist="YES")
        lab.alter("KEPT", grant_userid="FLEETING", port_isolation="ON")
        lab.user("LNX1", on=True)
        lab.system.define_nic("LNX1", "1000")
        lab.system.ipl()
        assert list(lab.system.vswitches) == ["KEPT"]
        assert (list(lab.users("KEPT")), lab.info("KEPT").isolation) == (["LASTING"], False)
        assert lab.system.guests == {}
        lab.system.logon("LNX1")
        assert lab.system.guest("LNX1").nics == {}

    def test_moves_the_ipl_time_and_starts_counting_macs_anew(self, lab: Lab) -> None:
        lab.switch(persist="YES")
        before = lab.system.ipl_time
        lab.switch("VSW2", persist="YES")
        lab.ask("Virtual_Network_Vswitch_Delete_Extended", switch_name="VSW1", persist="YES")
        lab.clock.advance(3600)
        lab.system.ipl()
        assert (lab.system.ipl_time - before).total_seconds() == 3600
        assert lab.info("VSW2").mac == "02-00-01-00-00-01"
        info = lab.ask("System_Information_Query").data
        assert info.ipl_time == lab.system.ipl_time  # type: ignore[attr-defined]

    def test_logs_on_who_is_to_be_logged_on(self, lab: Lab) -> None:
        lab.user("LNX1", NIC_ON_VSW1)
        lab.user("LNX2", on=True)
        lab.switch(persist="YES")
        lab.system.autolog = ("LNX1", "DELETED")
        lab.system.ipl()
        assert set(lab.system.guests) == {"LNX1"}
        assert lab.nic().lan_name == "VSW1"

    def test_a_switch_deleted_without_persist_comes_back(self, lab: Lab) -> None:
        lab.switch(persist="YES")
        lab.ask("Virtual_Network_Vswitch_Delete_Extended", switch_name="VSW1")
        assert lab.system.vswitches == {}
        lab.system.ipl()
        assert list(lab.system.vswitches) == ["VSW1"]


def test_image_status(lab: Lab) -> None:
    lab.user("LNX1", on=True)
    assert lab.ask("Image_Status_Query").data == ("LNX1",)
    assert lab.ask("Image_Status_Query", "*").data == ("LNX1",)
    assert lab.codes("Image_Status_Query", "LNX2") == (0, 12)
