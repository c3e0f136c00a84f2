"""What a world says about where frames go, and its way to another process and back."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from zvmsim.clock import VirtualClock
from zvmsim.dataplane.wiring import GuestSlot, NicPort, OutsideLine, Switch, Wiring, wiring_of
from zvmsim.inventory import load
from zvmsim.world.system import System
from zvmsim.world.world import World

TOWN = """
lans: [campus]
systems:
  ZVMA:
    system_prefix: 020001
    user_prefix: 020AAA
    osas:
      A100: {lan: campus, state: OFFLINE}
      A200: {lan: campus, port: card1}
      A300: {lan: campus}
      A400: {}
    vswitches:
      VSW1:
        transport: ETHERNET
        vlan: 7
        native_vlan: 30
        rdevs: A100 A200 A300
        grants: {LNX1: {port_type: TRUNK, vlans: 5 10-12}, LNX2: {promiscuous: true}}
      FLAT: {rdevs: A400, grants: {LNX1: {}}}
      AWARE: {transport: ETHERNET, vlan: AWARE, grants: {LNX2: {}}}
    guest_lans: {LNX2 PRIVATE: {transport: ETHERNET}}
    directory:
      LNX1:
        - USER LNX1 X 1G 1G G
        - NICDEF 1000 TYPE QDIO LAN SYSTEM VSW1
        - NICDEF 2000 TYPE QDIO LAN SYSTEM FLAT
      LNX2:
        - USER LNX2 X 1G 1G G
        - NICDEF 1000 TYPE QDIO LAN SYSTEM VSW1 MACID 000ABC
        - NICDEF 2000 TYPE QDIO LAN * PRIVATE
        - NICDEF 3000 TYPE QDIO LAN SYSTEM AWARE
        - NICDEF 4000 TYPE QDIO
      OFF: [USER OFF X 1G 1G G, NICDEF 1000 TYPE QDIO]
    guests: {LNX1: {}, LNX2: {}}
"""


def town() -> tuple[World, System]:
    world = load(TOWN, clock=VirtualClock()).world
    return world, world.systems["ZVMA"]


def nics(wiring: Wiring) -> dict[str, NicPort]:
    return {nic.name: nic for nic in wiring.nics}


def switches(wiring: Wiring) -> dict[str, Switch]:
    return {switch.name: switch for switch in wiring.switches}


def test_guests_that_are_on_with_their_nics() -> None:
    world, system = town()
    guests = wiring_of(world, {}).guests
    assert [(slot.system, slot.userid, len(slot.nics)) for slot in guests] == [
        ("ZVMA", "LNX1", 2),
        ("ZVMA", "LNX2", 4),
    ]
    assert guests[0].boot_id == system.guests["LNX1"].boot_id
    system.logoff("LNX1")
    system.logon("LNX1")
    assert wiring_of(world, {}).guests[1].boot_id != guests[0].boot_id


def test_a_nic_on_a_vlan_aware_switch() -> None:
    world, _ = town()
    found = nics(wiring_of(world, {}))
    trunk, access = found["ZVMA:LNX1:1000"], found["ZVMA:LNX2:1000"]
    assert (trunk.switch, trunk.trunk, sorted(trunk.vlans)) == ("ZVMA:SYSTEM:VSW1", True, [5, 10, 11, 12])
    assert (access.trunk, access.vlans, access.promiscuous) == (False, {7}, True)
    assert (access.mac, access.mtu, access.vdev) == ("02:0a:aa:00:0a:bc", 1500, "1000")


def test_nics_where_vlans_mean_nothing() -> None:
    world, _ = town()
    found = nics(wiring_of(world, {}))
    assert found["ZVMA:LNX1:2000"].switch == "ZVMA:SYSTEM:FLAT"
    assert found["ZVMA:LNX2:2000"].switch == "ZVMA:LNX2:PRIVATE"
    for name in ("ZVMA:LNX1:2000", "ZVMA:LNX2:2000", "ZVMA:LNX2:3000"):
        assert (found[name].trunk, found[name].vlans, found[name].coupled) == (False, frozenset(), True)


def test_a_nic_that_is_not_coupled_has_no_carrier() -> None:
    world, system = town()
    assert not nics(wiring_of(world, {}))["ZVMA:LNX2:4000"].coupled
    system.uncouple("LNX1", "1000")
    assert not nics(wiring_of(world, {}))["ZVMA:LNX1:1000"].coupled


def test_switches() -> None:
    world, system = town()
    found = switches(wiring_of(world, {}))
    assert found["ZVMA:SYSTEM:VSW1"] == Switch(
        "ZVMA:SYSTEM:VSW1", aware=True, native=30, lan="campus", osa_port="card1"
    )
    assert found["ZVMA:SYSTEM:FLAT"] == Switch("ZVMA:SYSTEM:FLAT", layer3=True)
    assert found["ZVMA:LNX2:PRIVATE"] == Switch("ZVMA:LNX2:PRIVATE")
    vswitch = system.vswitch("VSW1")
    vswitch.native_vlan, vswitch.isolation, vswitch.vepa = None, True, True
    changed = switches(wiring_of(world, {}))["ZVMA:SYSTEM:VSW1"]
    assert (changed.native, changed.isolated, changed.vepa) == (0, True, True)


def test_the_uplink_in_use() -> None:
    world, system = town()

    def uplink() -> tuple[str, str]:
        found = switches(wiring_of(world, {}))["ZVMA:SYSTEM:VSW1"]
        return found.lan, found.osa_port

    assert uplink() == ("campus", "card1")
    system.osas["A200"] = replace(system.osas["A200"], state="OFFLINE")
    assert uplink() == ("campus", "ZVMA:A300")
    system.vswitch("VSW1").connected = False
    assert uplink() == ("", "")


def test_mac_protection_left_open_is_the_systems() -> None:
    world, system = town()

    def protected() -> set[str]:
        return {switch.name for switch in wiring_of(world, {}).switches if switch.mac_protect}

    assert protected() == set()
    system.vswitch("VSW1").mac_protect = "MACPROTECT"
    assert protected() == {"ZVMA:SYSTEM:VSW1"}
    system.mac_protect = True
    assert protected() == {"ZVMA:SYSTEM:VSW1", "ZVMA:SYSTEM:AWARE", "ZVMA:LNX2:PRIVATE"}
    system.vswitch("VSW1").mac_protect = "NOMACPROTECT"
    assert protected() == {"ZVMA:SYSTEM:AWARE", "ZVMA:LNX2:PRIVATE"}


def test_lines_to_the_outside() -> None:
    world, _ = town()
    assert wiring_of(world, {"ovs": "campus"}).lines == (OutsideLine("line:ovs", "campus"),)


def test_the_way_of_a_world_to_another_process() -> None:
    world, _ = town()
    wiring = wiring_of(world, {"ovs": "campus"})
    assert Wiring.from_json(wiring.to_json()) == wiring


texts = st.text(max_size=4)
vlan_sets = st.frozensets(st.integers(1, 4094), max_size=6) | st.just(frozenset(range(1, 4095)))
ports = st.builds(
    NicPort, texts, texts, st.integers(68, 65535), texts, st.booleans(), vlan_sets, st.booleans()
)
flags = st.booleans()
wirings = st.builds(
    Wiring,
    st.lists(
        st.builds(Switch, texts, flags, flags, st.integers(0, 4094), flags, flags, flags, texts, texts)
    ).map(tuple),
    st.lists(st.builds(OutsideLine, texts, texts)).map(tuple),
    st.lists(st.builds(GuestSlot, texts, texts, texts, st.lists(ports, max_size=3).map(tuple))).map(tuple),
)


@given(wirings)
def test_json_and_back(wiring: Wiring) -> None:
    assert Wiring.from_json(wiring.to_json()) == wiring


def test_all_vlans_are_a_short_text() -> None:
    port = NicPort("ZVMA:LNX1:1000", "02:00:01:00:00:01", trunk=True, vlans=frozenset(range(1, 4095)))
    assert len(Wiring(guests=(GuestSlot("ZVMA", "LNX1", "1", (port,)),)).to_json()) < 100
