"""The oracle: who reaches whom, over one vswitch and between systems, and the reason it gives."""

from dataclasses import replace

import pytest

from zvmsim.clock import VirtualClock
from zvmsim.inventory import load
from zvmsim.oracle import NicAddress, Verdict, matrix, reach, snapshot
from zvmsim.world.lan import Lan
from zvmsim.world.vlans import parse_vlans
from zvmsim.world.vswitch import Block
from zvmsim.world.world import World

A = NicAddress("ZVMA", "A", "1000")
B = NicAddress("ZVMA", "B", "1000")
C = NicAddress("ZVMB", "C", "1000")

TWO_SYSTEMS = """
lans: [campus, lab]
systems:
  ZVMA:
    system_prefix: 020001
    osas: {A100: {lan: campus}, A200: {lan: lab}}
    vswitches: {VSW1: {transport: ETHERNET, vlan: 7, rdevs: A100}, FLAT: {transport: ETHERNET, rdevs: A100}}
    directory:
      A: [USER A X 1G 1G G, NICDEF 1000 TYPE QDIO]
      B: [USER B X 1G 1G G, NICDEF 1000 TYPE QDIO]
    guests: {A: {}, B: {}}
  ZVMB:
    system_prefix: 020002
    osas: {A100: {lan: campus}}
    vswitches: {VSW1: {transport: ETHERNET, vlan: 7, rdevs: A100}, FLAT: {transport: ETHERNET, rdevs: A100}}
    directory:
      C: [USER C X 1G 1G G, NICDEF 1000 TYPE QDIO]
    guests: {C: {}}
"""


class Town:
    """Puts guests on switches and asks the oracle."""

    def __init__(self) -> None:
        self.world: World = load(TWO_SYSTEMS, clock=VirtualClock()).world

    def put(self, where: NicAddress, vswitch: str = "VSW1", *, trunk: bool = False, vlans: str = "") -> None:
        system = self.world.systems[where.system]
        port_type = "TRUNK" if trunk else None
        block = Block(where.userid, port_type=port_type, vlans=parse_vlans(vlans))  # type: ignore[arg-type]
        system.vswitch(vswitch).add(block)
        system.couple(where.userid, where.vdev, vswitch)

    def change(self, vswitch: str, system: str = "ZVMA", **attributes: object) -> None:
        for name, value in attributes.items():
            setattr(self.world.systems[system].vswitch(vswitch), name, value)

    def ask(self, source: NicAddress, destination: NicAddress, vlan: int | None = None) -> Verdict:
        return reach(snapshot(self.world), source, destination, vlan)

    def reaches(self, source: NicAddress, destination: NicAddress, vlan: int | None = None) -> bool:
        return self.ask(source, destination, vlan).ok


@pytest.fixture
def town() -> Town:
    return Town()


def test_who_is_not_coupled_or_not_there_reaches_nobody(town: Town) -> None:
    town.put(A)
    assert town.ask(A, B) == Verdict(False, "ZVMA:B 1000 is not coupled")
    assert "does not exist" in town.ask(NicAddress("ZVMA", "X", "1000"), A).because
    assert not town.reaches(A, A)


def test_access_ports_of_one_vlan_reach_each_other(town: Town) -> None:
    town.put(A, vlans="100")
    town.put(B, vlans="100")
    assert town.ask(A, B) == Verdict(True, "both are on VSW1 on ZVMA in VLAN 100")


def test_access_ports_of_different_vlans_do_not(town: Town) -> None:
    town.put(A, vlans="100")
    town.put(B, vlans="200")
    assert town.ask(A, B).because == "the frame is in VLAN 100 of VSW1 on ZVMA, ZVMA:B 1000 in VLAN 200"


def test_without_vlan_the_default_vlan_counts(town: Town) -> None:
    town.put(A)
    town.put(B, vlans="7")
    assert town.reaches(A, B)


def test_a_nic_in_no_vlan_is_cut_off(town: Town) -> None:
    town.change("VSW1", default_vlan=None)
    town.put(A)
    town.put(B, vlans="7")
    assert not town.reaches(A, B)
    assert town.ask(B, A).because == "ZVMA:A 1000 is in no VLAN of VSW1 on ZVMA"


class TestTags:
    def test_an_access_port_may_not_send_them(self, town: Town) -> None:
        town.put(A, vlans="100")
        town.put(B, vlans="100")
        assert not town.reaches(A, B, 100)

    def test_a_trunk_port_speaks_in_its_vlans(self, town: Town) -> None:
        town.put(A, trunk=True, vlans="100-102")
        town.put(B, vlans="101")
        assert town.reaches(A, B, 101)
        assert not town.reaches(A, B, 102)
        assert "not authorized for VLAN 103" in town.ask(A, B, 103).because
        assert town.reaches(B, A)

    def test_untagged_frames_of_a_trunk_port_need_the_native_vlan(self, town: Town) -> None:
        town.change("VSW1", native_vlan=2)
        town.put(A, trunk=True, vlans="100-102")
        town.put(B, vlans="2")
        assert "without its native VLAN, 2" in town.ask(A, B).because
        town.world.systems["ZVMA"].uncouple("A", "1000")
        town.put(A, trunk=True, vlans="2 100")
        assert town.reaches(A, B)

    def test_an_unaware_switch_does_not_look_at_them(self, town: Town) -> None:
        town.put(A, "FLAT")
        town.put(B, "FLAT")
        assert town.reaches(A, B)
        assert town.reaches(A, B, 55)


class TestBetweenSystems:
    def test_a_vlan_continues_over_a_common_lan(self, town: Town) -> None:
        town.put(A, vlans="100")
        town.put(C, vlans="100")
        verdict = town.ask(A, C)
        assert verdict.ok
        assert verdict.because == "from VSW1 on ZVMA over LAN campus tagged 100 to VSW1 on ZVMB in VLAN 100"
        assert town.reaches(C, A)

    def test_the_native_vlan_is_untagged_on_the_wire(self, town: Town) -> None:
        town.change("VSW1", "ZVMB", native_vlan=30)
        town.put(A, vlans="1")
        town.put(C, vlans="30")
        assert town.reaches(A, C)

    def test_no_native_vlan_takes_no_untagged_frames(self, town: Town) -> None:
        town.change("VSW1", "ZVMB", native_vlan=None)
        town.put(A, vlans="1")
        town.put(C, vlans="1")
        assert "no native VLAN" in town.ask(A, C).because

    def test_a_flat_switch_meets_the_native_vlan(self, town: Town) -> None:
        town.world.systems["ZVMA"].stop_vswitch("VSW1")
        town.put(A, "FLAT")
        town.put(C, vlans="1")
        assert town.reaches(A, C)

    def test_an_uplink_that_is_down(self, town: Town) -> None:
        town.put(A)
        town.put(C)
        town.change("VSW1", connected=False)
        assert "the uplink of VSW1 on ZVMA is disconnected" in town.ask(A, C).because
        town.change("VSW1", connected=True, rdevs=())
        assert "VSW1 on ZVMA has no uplink" in town.ask(A, C).because
        town.change("VSW1", rdevs=("B999",))
        assert "no uplink device of VSW1 on ZVMA works" in town.ask(A, C).because
        osas = town.world.systems["ZVMA"].osas
        osas["A100"] = replace(osas["A100"], lan="")
        town.change("VSW1", rdevs=("A100",))
        assert "not cabled" in town.ask(A, C).because

    def test_different_lans(self, town: Town) -> None:
        town.put(A)
        town.put(C)
        town.change("VSW1", rdevs=("A200",))
        assert "is on LAN lab" in town.ask(A, C).because

    def test_layers_do_not_mix(self, town: Town) -> None:
        town.put(A)
        town.put(C)
        town.change("VSW1", transport="IP")
        assert town.ask(A, C).because == "VSW1 on ZVMA is IP, VSW1 on ZVMB is ETHERNET"


class TestIsolation:
    def test_of_guests_from_each_other_leaves_the_way_out(self, town: Town) -> None:
        town.change("VSW1", isolation=True)
        for nic in (A, B, C):
            town.put(nic)
        assert town.ask(A, B).because == "VSW1 on ZVMA isolates its guests from each other"
        assert town.reaches(A, C)

    def test_of_systems_that_share_an_osa_port(self, town: Town) -> None:
        for system in town.world.systems.values():
            system.osas["A100"] = replace(system.osas["A100"], port="card1")
        town.put(A)
        town.put(C)
        assert town.reaches(A, C)
        town.change("VSW1", "ZVMB", isolation=True)
        assert not town.reaches(A, C)

    def test_vepa_needs_the_uplink(self, town: Town) -> None:
        town.put(A)
        town.put(B)
        town.change("VSW1", vepa=True)
        assert town.reaches(A, B)
        town.change("VSW1", connected=False)
        assert "VEPA" in town.ask(A, B).because


def test_guest_lans(town: Town) -> None:
    system = town.world.systems["ZVMA"]
    for name in ("GLAN1", "GLAN2"):
        system.lans["SYSTEM", name] = Lan(name)
    system.couple("A", "1000", "GLAN1")
    system.couple("B", "1000", "GLAN1")
    town.put(C)
    assert town.reaches(A, B)
    assert not town.reaches(A, C)
    system.uncouple("B", "1000")
    system.couple("B", "1000", "GLAN2")
    assert not town.reaches(A, B)


def test_the_matrix_has_every_ordered_pair(town: Town) -> None:
    town.put(A, vlans="100")
    town.put(B, vlans="200")
    town.put(C, vlans="100")
    found = matrix(snapshot(town.world))
    assert {pair for pair, verdict in found.items() if verdict.ok} == {(A, C), (C, A)}
    assert len(found) == 6
    assert set(matrix(snapshot(town.world), [A, B])) == {(A, B), (B, A)}


def test_a_snapshot_does_not_move(town: Town) -> None:
    town.put(A)
    town.put(B)
    before = snapshot(town.world)
    town.world.systems["ZVMA"].stop_vswitch("VSW1")
    assert reach(before, A, B).ok
    assert not town.reaches(A, B)
