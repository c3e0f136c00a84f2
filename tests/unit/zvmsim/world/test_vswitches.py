"""Vswitches themselves: create, query, attributes, uplinks; guest LANs and OSA devices."""

import pytest

from tests.unit.zvmsim.world.conftest import Lab
from zvmsim.world.answers import LanInfo
from zvmsim.world.uplinks import Osa

CREATE = "Virtual_Network_Vswitch_Create_Extended"


def test_defaults_are_those_of_define_vswitch(lab: Lab) -> None:
    assert lab.codes(CREATE, "SYSTEM", switch_name="vsw1") == (0, 0)
    info = lab.info()
    assert (info.transport, info.routing, info.port_type) == ("IP", "NONROUTER", "NONE")
    assert (info.queue_memory_limit, info.ip_timeout, info.status) == (8, 5, 1)
    assert not any((info.vlan_aware, info.gvrp_requested, info.port_based, info.isolation, info.persistent))


def test_a_vlan_aware_switch(lab: Lab) -> None:
    lab.switch(vlan_id="1000", port_type="TRUNK", native_vlanid="10", gvrp_value="GVRP")
    info = lab.info()
    assert (info.port_type, info.default_vlan, info.native_vlan) == ("TRUNK", 1000, 10)
    assert (info.routing, info.gvrp_requested, info.gvrp_enabled) == ("NA", True, False)


def test_aware_without_default_vlan(lab: Lab) -> None:
    lab.switch(vlan_id="AWARE")
    info = lab.info()
    assert (info.vlan_aware, info.default_vlan, info.native_vlan) == (True, None, 1)


def test_keywords_in_any_case_and_values_cut_short(lab: Lab) -> None:
    keys = {"SWITCH_NAME": "vsw1", "Connection_Value": "discon", "TRANSPORT_TYPE": "ETH", "persist": "yes"}
    assert lab.codes(CREATE, "SYSTEM", **keys) == (0, 0)
    assert lab.info().connected is False


@pytest.mark.parametrize(
    ("keys", "codes"),
    [
        ({}, (8, 3004)),
        ({"switch_name": "TOOLONGNAME"}, (8, 3003)),
        ({"switch_name": "V", "vlan_id": "4095"}, (8, 3003)),
        ({"switch_name": "V", "transport_type": "TOKENRING"}, (8, 3003)),
        ({"switch_name": "V", "connection_value": "DIS"}, (8, 3003)),
        ({"switch_name": "V", "real_device_address": "1 2 3 4"}, (8, 3003)),
        ({"switch_name": "V", "colour": "blue"}, (8, 3002)),
        ({"switch_name": "V", "port_type": "ACCESS"}, (8, 24)),
        ({"switch_name": "V", "vlan_id": "UNAWARE", "native_vlanid": "1"}, (8, 24)),
    ],
)
def test_what_create_does_not_take(lab: Lab, keys: dict[str, str], codes: tuple[int, int]) -> None:
    assert lab.codes(CREATE, "SYSTEM", **keys) == codes
    assert lab.system.vswitches == {}


def test_a_name_is_taken_once(lab: Lab) -> None:
    lab.switch(persist="YES")
    assert lab.codes(CREATE, "SYSTEM", switch_name="VSW1") == (212, 36)
    assert lab.codes(CREATE, "SYSTEM", switch_name="VSW1", persist="YES") == (212, 36)
    lab.codes("Virtual_Network_Vswitch_Delete_Extended", "SYSTEM", switch_name="VSW1")
    assert lab.codes(CREATE, "SYSTEM", switch_name="VSW1", persist="YES") == (620, 54)
    assert lab.codes(CREATE, "SYSTEM", switch_name="VSW1") == (0, 0)


def test_the_plain_functions(lab: Lab) -> None:
    keys = {"switch_name": "VSW1", "real_device_address": "A100 A200", "connection_value": "1"}
    keys |= {"queue_memory_limit": "8", "routing_value": "0", "transport_type": "2", "vlan_id": "10"}
    keys |= {"port_type": "1", "update_system_config_indicator": "1", "gvrp_value": "2"}
    keys |= {"native_vlanid": "-1"}
    assert lab.codes("Virtual_Network_Vswitch_Create", "ZHCPA", **keys) == (0, 0)
    info = lab.info()
    assert (info.transport, info.default_vlan, info.native_vlan) == ("ETHERNET", 10, 1)
    assert not info.gvrp_requested
    assert [device.rdev for device in info.devices] == ["A100", "A200"]
    assert lab.codes("Virtual_Network_Vswitch_Create", "ZHCPA", **keys | {"transport_type": "9"}) == (24, 811)
    assert lab.codes("Virtual_Network_Vswitch_Create", "ZHCPA") == (24, 110)
    assert lab.codes("Virtual_Network_Vswitch_Create", "ZHCPA", vepa="ON") == (900, 20)
    assert lab.codes("Virtual_Network_Vswitch_Delete", "ZHCPA", switch_name="VSW1") == (0, 0)
    assert lab.codes("Virtual_Network_Vswitch_Query", "ZHCPA", switch_name="VSW1") == (212, 40)


def test_attributes_change_one_by_one(lab: Lab) -> None:
    lab.switch()
    for keys in (
        {"port_isolation": "ON"},
        {"MAC_protect": "UNSPEC"},
        {"mac_protect": "ON"},
        {"vlan_counters": "ON"},
        {"vepa": "ON"},
        {"iptimeout": "240"},
        {"mac_id": "123456"},
    ):
        assert lab.alter(**keys) == (0, 0)
    info = lab.info()
    assert (info.isolation, info.vlan_counters, info.vepa, info.ip_timeout) == (True, True, True, 240)
    assert (info.mac_protect, info.mac) == ("MACPROTECT", "02-00-00-12-34-56")


def test_deleting_a_switch_uncouples_its_nics(lab: Lab) -> None:
    lab.switch()
    lab.user("LNX1", "NICDEF 1000 TYPE QDIO LAN SYSTEM VSW1", on=True)
    lab.codes("Virtual_Network_Vswitch_Delete_Extended", "SYSTEM", switch_name="VSW1")
    assert not lab.nic().coupled


def test_adapters_are_listed_newest_coupling_first(lab: Lab) -> None:
    lab.switch()
    nicdefs = [f"NICDEF {vdev} TYPE QDIO LAN SYSTEM VSW1" for vdev in ("1000", "2000")]
    lab.user("LNX1", *nicdefs, on=True)
    lab.system.uncouple("LNX1", "1000")
    lab.couple()
    assert [nic.vdev for nic in lab.info().adapters] == ["1000", "2000"]


class TestUplink:
    @pytest.fixture
    def osas(self, lab: Lab) -> Lab:
        lab.system.osas = {"A100": Osa("A100", "campus", chpid="1A"), "A200": Osa("A200", "campus")}
        return lab

    def device(self, lab: Lab, number: int = 0, name: str = "VSW1") -> tuple[str, str, int, int]:
        device = lab.info(name).devices[number]
        return device.vdev, device.controller, device.status, device.error

    def test_a_working_one(self, osas: Lab) -> None:
        osas.switch(real_device_address="A100 A200.P01", vlan_id="AWARE")
        assert (osas.info().status, osas.info().gvrp_enabled) == (8, True)
        assert self.device(osas) == ("0600", "DTCVSW1", 1, 0)
        assert self.device(osas, 1) == ("0603", "DTCVSW1", 2, 0)

    def test_the_backup_takes_over(self, osas: Lab) -> None:
        osas.switch(real_device_address="A100 A200")
        osas.system.osas["A100"] = Osa("A100", "campus", state="OFFLINE")
        assert self.device(osas) == ("0000", "", 0, 11)
        assert self.device(osas, 1) == ("0600", "DTCVSW1", 1, 0)
        assert osas.info().status == 8

    @pytest.mark.parametrize(
        ("osa", "error"),
        [(Osa("A100", state="BOXED"), 11), (Osa("A100", state="ATTACHED", holder="TCPIP"), 4), (None, 3)],
    )
    def test_one_that_does_not_work(self, osas: Lab, osa: Osa | None, error: int) -> None:
        osas.system.osas = {"A100": osa} if osa else {}
        osas.switch(real_device_address="A100")
        assert self.device(osas) == ("0000", "", 0, error)
        assert osas.info().status == 3

    def test_two_switches_want_one_device(self, osas: Lab) -> None:
        osas.switch(real_device_address="A100")
        osas.switch("VSW2", real_device_address="A100")
        assert self.device(osas, name="VSW2")[-1] == 4

    def test_disconnect_and_connect(self, osas: Lab) -> None:
        osas.switch(real_device_address="A100")
        osas.alter(connection_value="DISCONNECT")
        assert (osas.info().status, self.device(osas)) == (4, ("0000", "", 0, 0))
        osas.alter(connection_value="CONNECT")
        assert osas.info().status == 8
        osas.alter(real_device_address="NONE")
        assert osas.info().status == 1

    def test_states_of_osa_devices(self, osas: Lab) -> None:
        osas.switch(real_device_address="A100", controller_name="DTCVSW2")
        found = osas.ask("Virtual_Network_OSA_Query").data
        states = [(osa.rdev, osa.state, osa.attached_to, osa.vdev) for osa in found]  # type: ignore[attr-defined]
        attached = [(f"A10{n}", "ATTACHED", "DTCVSW2", f"060{n}") for n in range(3)]
        assert states == attached + [(f"A20{n}", "FREE", "", "") for n in range(3)]

    def test_no_osa_at_all(self, lab: Lab) -> None:
        assert lab.codes("Virtual_Network_OSA_Query") == (4, 4)


class TestGuestLan:
    def create(self, lab: Lab, kind: str = "2") -> tuple[int, int]:
        keys = {"lan_name": "glan1", "lan_owner": "system", "lan_type": kind, "transport_type": "2"}
        return lab.codes("Virtual_Network_LAN_Create", "SYSTEM", **keys)

    @pytest.mark.parametrize("codes", ["0/0", "0/20"])
    def test_create(self, lab: Lab, codes: str) -> None:
        lab.behave(lan_created=codes)
        assert "{}/{}".format(*self.create(lab)) == codes
        assert self.create(lab) == (212, 24)

    def test_a_nic_couples_to_it_as_to_a_vswitch(self, lab: Lab) -> None:
        """Source: a pysmapi capture, Connect_Vswitch to the name of a SYSTEM guest LAN."""
        self.create(lab)
        lab.user("LNX1", "NICDEF 1000 TYPE QDIO", on=True)
        assert lab.couple(name="GLAN1") == (0, 0)

    def test_restricted(self, lab: Lab) -> None:
        self.create(lab, "4")
        lab.user("LNX1", "NICDEF 1000 TYPE QDIO", on=True)
        place = {"lan_name": "GLAN1", "lan_owner": "SYSTEM"}
        assert lab.couple(name="GLAN1") == (212, 8)
        assert lab.codes("Virtual_Network_LAN_Access_Query", **place) == (4, 6)
        lab.codes("Virtual_Network_LAN_Access", **place, access_op="GRANT", access_user="LNX1")
        assert lab.ask("Virtual_Network_LAN_Access_Query", **place).data == ("LNX1",)
        assert lab.couple(name="GLAN1") == (0, 0)

    def test_query_shows_vswitches_too(self, lab: Lab) -> None:
        self.create(lab)
        lab.switch()
        found = lab.ask("Virtual_Network_LAN_Query", lan_name="*", lan_owner="*").data
        assert found == (
            LanInfo("GLAN1", "SYSTEM", "QDIO", "ETHERNET", False, False, False),
            LanInfo("VSW1", "SYSTEM", "QDIO", "ETHERNET", True, False, True),
        )
        missing = {"lan_name": "NOLAN", "lan_owner": "*"}
        assert lab.codes("Virtual_Network_LAN_Query", **missing) == (212, 12)

    def test_delete_uncouples(self, lab: Lab) -> None:
        self.create(lab)
        lab.user("LNX1", "NICDEF 1000 TYPE QDIO LAN SYSTEM GLAN1", on=True)
        place = {"lan_name": "GLAN1", "lan_owner": "SYSTEM"}
        assert lab.codes("Virtual_Network_LAN_Delete", **place) == (0, 0)
        assert not lab.nic().coupled
        assert lab.codes("Virtual_Network_LAN_Delete", **place) == (212, 12)


def test_the_level_is_the_reason_code(lab: Lab) -> None:
    lab.system.level = 730
    assert lab.codes("Query_API_Functional_Level") == (0, 730)
