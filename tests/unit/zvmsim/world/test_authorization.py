"""GRANT, REVOKE, numbered ports, Directory Network Authorization, and what coupled NICs feel of them."""

import pytest

from tests.unit.zvmsim.world.conftest import Lab

NIC = "NICDEF 1000 TYPE QDIO DEVICES 3"
DNA_NIC = "NICDEF 1000 TYPE QDIO LAN SYSTEM VSW1 DEVICES 3 PORTTYPE ACCESS VLAN 100"


@pytest.fixture
def aware(lab: Lab) -> Lab:
    """VSW1 is VLAN aware without default VLAN; LNX1 is on with an uncoupled NIC."""
    lab.switch(vlan_id="AWARE", persist="YES")
    lab.user("LNX1", NIC, on=True)
    return lab


def test_a_grant_lets_the_user_couple_into_its_vlan(aware: Lab) -> None:
    assert aware.couple() == (212, 8)
    assert aware.alter(grant_userid="lnx1", user_vlan_id="100") == (0, 0)
    assert aware.couple() == (0, 0)
    assert (aware.users(), aware.vlans()) == ({"LNX1": (100,)}, {100})


def test_a_grant_may_name_a_user_that_does_not_exist(aware: Lab) -> None:
    assert aware.alter(grant_userid="NOBODY") == (0, 0)


def test_without_vlan_and_default_vlan_a_nic_is_coupled_but_in_no_vlan(aware: Lab) -> None:
    aware.alter(grant_userid="LNX1")
    assert aware.couple() == (0, 0)
    assert aware.vlans() == set()
    assert len(aware.info().adapters) == 1


def test_without_vlan_a_nic_is_in_the_default_vlan(lab: Lab) -> None:
    lab.switch(vlan_id="7")
    lab.user("LNX1", NIC, on=True)
    lab.alter(grant_userid="LNX1")
    lab.couple()
    assert lab.vlans() == {7}


def test_vlans_on_an_unaware_switch(lab: Lab) -> None:
    lab.switch()
    assert lab.alter(grant_userid="LNX1", user_vlan_id="100") == (396, 2846)
    assert lab.alter(grant_userid="LNX1", port_type="TRUNK") == (396, 2846)
    assert lab.users() == {}


@pytest.mark.parametrize("vlans", ["1 2 3 4", "10-20 30-40", "1,2,3", "1-4094"])
def test_vlan_lists_that_smapi_takes(aware: Lab, vlans: str) -> None:
    assert aware.alter(grant_userid="LNX1", user_vlan_id=vlans, port_type="TRUNK") == (0, 0)


@pytest.mark.parametrize("vlans", ["1 2 3 4 5", "1-2 3-4 5-6", "1000-1100 2000-2100 ", "0", "4095", "x"])
def test_vlan_lists_that_smapi_does_not_take(aware: Lab, vlans: str) -> None:
    assert aware.alter(grant_userid="LNX1", user_vlan_id=vlans, port_type="TRUNK") == (8, 3003)


def test_an_access_port_with_several_vlans(aware: Lab) -> None:
    assert aware.alter(grant_userid="LNX1", user_vlan_id="200 100") == (396, 2853)
    aware.behave(access_vlan_set="first")
    assert aware.alter(grant_userid="LNX1", user_vlan_id="200 100") == (0, 0)
    aware.couple()
    assert aware.vlans() == {100}


class TestGrantingAgain:
    @pytest.fixture
    def coupled(self, aware: Lab) -> Lab:
        aware.alter(grant_userid="LNX1", user_vlan_id="100")
        aware.couple()
        return aware

    def test_replaces_and_reaches_coupled_nics_at_once(self, coupled: Lab) -> None:
        assert coupled.alter(grant_userid="LNX1", user_vlan_id="200") == (0, 0)
        assert coupled.vlans() == {200}

    def test_without_vlan_takes_the_nic_out_of_its_vlan(self, coupled: Lab) -> None:
        assert coupled.alter(grant_userid="LNX1") == (0, 0)
        assert (coupled.nic().coupled, coupled.vlans()) == (True, set())

    def test_is_refused(self, coupled: Lab) -> None:
        coupled.behave(regrant="refuse")
        assert coupled.alter(grant_userid="LNX1", user_vlan_id="200") == (212, 44)
        assert coupled.vlans() == {100}

    def test_bounces_the_nics(self, coupled: Lab) -> None:
        coupled.behave(regrant="bounce")
        assert coupled.alter(grant_userid="LNX1", user_vlan_id="100") == (0, 0)
        assert not coupled.nic().coupled


class TestRevoke:
    def test_of_a_user_without_grant(self, aware: Lab) -> None:
        assert aware.alter(revoke_userid="NOBODY") == (0, 0)

    @pytest.mark.parametrize("uncouples", [False, True])
    def test_takes_the_leave_and_perhaps_the_connection(self, aware: Lab, uncouples: bool) -> None:
        aware.behave(revoke_uncouples=uncouples)
        aware.alter(grant_userid="LNX1", user_vlan_id="100")
        aware.couple()
        assert aware.alter(revoke_userid="LNX1") == (0, 0)
        assert aware.users() == {}
        assert aware.nic().coupled is not uncouples
        if not uncouples:
            assert aware.vlans() == {100}
            aware.system.uncouple("LNX1", "1000")
        assert aware.couple() == (212, 8)

    def test_takes_ports_too(self, aware: Lab) -> None:
        aware.alter(portnum="200 LNX1")
        aware.alter(grant_userid="LNX1")
        aware.alter(revoke_userid="LNX1")
        assert aware.info().users == ()


class TestPersistence:
    def test_a_lasting_grant_needs_the_switch_in_system_config(self, lab: Lab) -> None:
        lab.switch()
        assert lab.alter(grant_userid="LNX1", persist="YES") == (620, 60)
        assert lab.users() == {}

    def test_a_missing_switch(self, lab: Lab) -> None:
        assert lab.alter(grant_userid="LNX1") == (212, 40)
        assert lab.codes("Virtual_Network_Vswitch_Delete_Extended", switch_name="VSW1") == (212, 40)

    def test_a_revoke_without_persist_is_forgotten_at_ipl(self, aware: Lab) -> None:
        aware.alter(grant_userid="LNX1", persist="YES")
        aware.alter(revoke_userid="LNX1")
        aware.system.ipl()
        assert list(aware.users()) == ["LNX1"]

    def test_the_indicator_of_the_plain_function(self, aware: Lab) -> None:
        plain = {"switch_name": "VSW1", "queue_memory_limit": "-1"}
        for user, indicator in (("LIVE", "1"), ("BOTH", "2"), ("SAVED", "3")):
            keys = plain | {"grant_userid": user, "update_system_config_indicator": indicator}
            assert aware.codes("Virtual_Network_Vswitch_Set", "SYSTEM", **keys) == (0, 0)
        assert list(aware.users()) == ["LIVE", "BOTH"]
        aware.system.ipl()
        assert list(aware.users()) == ["BOTH", "SAVED"]


class TestDirectoryAuthorization:
    def test_nicdef_alone_lets_the_nic_couple_with_its_vlan(self, aware: Lab) -> None:
        aware.user("LNX2", DNA_NIC, on=True)
        assert aware.vlans("LNX2") == {100}
        (user,) = aware.info().users
        assert (user.userid, user.vlans, user.temporary) == ("LNX2", (100,), True)

    def test_off_it_takes_a_grant(self, aware: Lab) -> None:
        aware.system.dna = False
        aware.user("LNX2", DNA_NIC, on=True)
        assert not aware.nic("LNX2").coupled

    def test_an_active_couple_uses_the_directory_of_now(self, aware: Lab) -> None:
        aware.alter(grant_userid="LNX1", user_vlan_id="300")
        aware.ask("Image_Lock_DM")
        aware.ask("Image_Replace_DM", "LNX1", "USER LNX1 LBYONLY 1G 2G G", DNA_NIC)
        assert aware.couple() == (0, 0)
        assert aware.vlans() == {100}

    def test_two_nics_of_one_user_in_two_vlans(self, aware: Lab) -> None:
        second = DNA_NIC.replace("1000", "2000").replace("VLAN 100", "VLAN 200")
        aware.user("LNX2", DNA_NIC, second, on=True)
        assert (aware.vlans("LNX2"), aware.vlans("LNX2", "2000")) == ({100}, {200})

    def test_two_plain_nics_of_one_user_both_couple(self, lab: Lab) -> None:
        lab.switch()
        plain = "NICDEF {} TYPE QDIO LAN SYSTEM VSW1"
        lab.user("LNX1", plain.format("1000"), plain.format("2000"), on=True)
        assert len(lab.info().adapters) == 2

    def test_the_authorization_goes_with_the_coupling(self, aware: Lab) -> None:
        aware.user("LNX2", DNA_NIC, on=True)
        aware.system.uncouple("LNX2", "1000")
        assert aware.users() == {}

    def test_what_nicdef_leaves_open_comes_from_the_grant(self, aware: Lab) -> None:
        aware.alter(grant_userid="LNX2", user_vlan_id="300")
        aware.user("LNX2", "NICDEF 1000 TYPE QDIO LAN SYSTEM VSW1", on=True)
        assert aware.vlans("LNX2") == {300}

    @pytest.mark.parametrize(("wins", "vlans"), [(False, {300}), (True, {100})])
    def test_a_later_grant_against_the_directory(self, aware: Lab, wins: bool, vlans: set[int]) -> None:
        aware.behave(directory_wins=wins)
        aware.user("LNX2", DNA_NIC, on=True)
        aware.alter(grant_userid="LNX2", user_vlan_id="300")
        assert aware.vlans("LNX2") == vlans

    @pytest.mark.parametrize("position", ["refuse", "ignore"])
    def test_port_type_on_an_unaware_switch(self, lab: Lab, position: str) -> None:
        lab.behave(porttype_on_unaware=position)
        lab.switch()
        lab.user("LNX1", DNA_NIC, on=True)
        assert lab.nic().coupled is (position == "ignore")

    def test_a_port_number_that_is_in_use(self, aware: Lab) -> None:
        nicdef = "NICDEF 1000 TYPE QDIO LAN SYSTEM VSW1 PORTNUMBER 5"
        aware.user("LNX2", nicdef, on=True)
        aware.user("LNX3", nicdef)
        ((_, why),) = aware.system.logon("LNX3")
        assert (why.rc, why.rs) == (396, 3034)


class TestPorts:
    @pytest.fixture
    def ports(self, lab: Lab) -> Lab:
        lab.switch(vlan_id="1", port_selection="PORTBASED")
        lab.user("LNX1", NIC, NIC.replace("1000", "2000"), on=True)
        lab.alter(portnum="100 LNX1", user_vlan_id="10")
        lab.alter(portnum="200 LNX1")
        return lab

    def connect(self, lab: Lab, vdev: str, port: str) -> tuple[int, int]:
        keys = {"image_device_number": vdev, "switch_name": "VSW1", "port_selection": port}
        return lab.codes("Virtual_Network_Adapter_Connect_Vswitch_Extended", **keys)

    def test_cp_takes_the_lowest_free_port(self, ports: Lab) -> None:
        assert self.connect(ports, "1000", "AUTO") == (0, 0)
        assert self.connect(ports, "2000", "AUTO") == (0, 0)
        assert [ports.vlans(vdev=vdev) for vdev in ("1000", "2000")] == [{10}, {1}]

    def test_a_port_can_be_chosen_once(self, ports: Lab) -> None:
        assert self.connect(ports, "1000", "200") == (0, 0)
        assert self.connect(ports, "2000", "200") == (396, 3034)
        assert self.connect(ports, "2000", "300") == (212, 8)

    def test_a_port_of_another(self, ports: Lab) -> None:
        assert ports.alter(portnum="100 LNX2") == (396, 3034)
        ports.user("LNX2", NIC, on=True)
        keys = {"image_device_number": "1000", "switch_name": "VSW1", "port_selection": "100"}
        codes = ports.codes("Virtual_Network_Adapter_Connect_Vswitch_Extended", "LNX2", **keys)
        assert codes == (396, 3034)

    def test_vlans_come_and_go_by_port(self, ports: Lab) -> None:
        self.connect(ports, "1000", "200")
        assert ports.alter(vlan_port_add="30 200-201") == (0, 0)
        assert ports.vlans() == {30}
        assert ports.alter(vlan_port_remove="30 202") == (396, 3040)
        assert ports.alter(vlan_port_remove="30 200") == (0, 0)
        assert ports.vlans() == {1}
        assert ports.alter(vlan_port_remove="31 200") == (396, 3040)
        assert ports.alter(vlan_port_add="30 2049") == (8, 3003)

    @pytest.mark.parametrize(("listed", "vlans"), [(True, (30,)), (False, ())])
    def test_vlans_by_vlanid_in_the_list_of_users(
        self, ports: Lab, listed: bool, vlans: tuple[int, ...]
    ) -> None:
        ports.behave(vlanid_listed=listed)
        ports.alter(vlan_port_add="30 200")
        assert [user.vlans for user in ports.info().users if user.port == 200] == [vlans]

    def test_vlan_delete_is_unknown_to_7_1(self, ports: Lab) -> None:
        ports.alter(vlan_port_add="30 200")
        assert ports.alter(vlan_delete="30") == (8, 3002)
        ports.system.level = 730
        assert ports.alter(vlan_delete="30") == (0, 0)
        assert ports.alter(vlan_delete="30") == (396, 3040)

    def test_modify_and_remove(self, ports: Lab) -> None:
        self.connect(ports, "1000", "100")
        assert ports.alter(portnum_modify="100") == (8, 3004)
        assert ports.alter(portnum_modify="100", user_vlan_id="20") == (0, 0)
        assert ports.vlans() == {20}
        assert ports.alter(portnum_remove="100") == (0, 0)
        assert ports.alter(portnum_remove="100") == (396, 3040)
        assert ports.alter(portnum_modify="100", user_vlan_id="20") == (396, 3040)

    def test_a_grant_works_beside_ports(self, ports: Lab) -> None:
        assert ports.alter(grant_userid="LNX1") == (0, 0)
        assert [user.port for user in ports.info().users] == [100, 200, 0]

    def test_a_port_works_on_a_user_based_switch(self, aware: Lab) -> None:
        assert aware.alter(grant_userid="LNX1", user_vlan_id="10") == (0, 0)
        assert aware.alter(portnum="100 LNX1", user_vlan_id="20") == (0, 0)
        aware.couple()
        assert aware.vlans() == {10}


@pytest.mark.parametrize(
    ("listing", "tokens"),
    [("expanded", ("0001", "0002", "0003", "0009")), ("ranges", ("0001-0003", "0009"))],
)
def test_vlans_in_the_list_of_users(aware: Lab, listing: str, tokens: tuple[str, ...]) -> None:
    aware.behave(range_listing=listing)
    aware.alter(grant_userid="LNX1", user_vlan_id="1-3 9", port_type="TRUNK")
    assert aware.info().users[0].vlan_tokens == tokens


@pytest.mark.parametrize(("count", "tokens"), [("0", ()), ("1", ("0000",))])
def test_a_user_without_vlan_in_the_list(aware: Lab, count: str, tokens: tuple[str, ...]) -> None:
    aware.behave(no_vlan_count=count)
    aware.alter(grant_userid="LNX1")
    assert aware.info().users[0].vlan_tokens == tokens


@pytest.mark.parametrize(
    "keys",
    [
        {"grant_userid": "LNX1", "revoke_userid": "LNX2"},
        {"user_vlan_id": "5"},
        {"revoke_userid": "LNX1", "port_type": "ACCESS"},
    ],
)
def test_conflicting_keywords(aware: Lab, keys: dict[str, str]) -> None:
    assert aware.alter(**keys) == (8, 24)
