"""Frames through switches and LANs, one rule after the other."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from zvmsim.dataplane import frames
from zvmsim.dataplane.fabric import Fabric
from zvmsim.dataplane.lans import MacTable
from zvmsim.dataplane.wiring import GuestSlot, NicPort, OutsideLine, Switch, Wiring

VSW = Switch("ZVMA:SYSTEM:VSW", aware=True, native=1, lan="campus", osa_port="a")
FAR = replace(VSW, name="ZVMB:SYSTEM:VSW", osa_port="b")
FLAT = Switch("ZVMA:SYSTEM:FLAT")
LINE = OutsideLine("line:ovs", "campus")
OTHER_LINE = OutsideLine("line:router", "campus")
BODY = b"\x08\x00hello"
STRANGER = bytes.fromhex("0a0000000099")
URGENT = 0xB000


def nic(user: str, *vlans: int, trunk: bool = False, promiscuous: bool = False, on: Switch = VSW) -> NicPort:
    system = on.name.split(":")[0]
    name, mac = f"{system}:{user}:1000", f"02:00:00:00:00:{ord(user[0]):02x}"
    return NicPort(name, mac, 1500, on.name, trunk, frozenset(vlans), promiscuous)


def mac(port: NicPort) -> bytes:
    return bytes.fromhex(port.mac.replace(":", ""))


def wiring(*ports: NicPort, switches: Iterable[Switch] = (VSW, FAR, FLAT), boot: str = "1") -> Wiring:
    guests = (GuestSlot(*port.name.split(":")[:2], boot, (port,)) for port in ports)
    return Wiring(tuple(switches), (LINE, OTHER_LINE), tuple(guests))


def to(
    receiver: NicPort | bytes, sender: NicPort | bytes, tag: int | None = None, priority: int = 0
) -> bytes:
    addresses = [end if isinstance(end, bytes) else mac(end) for end in (receiver, sender)]
    plain = b"".join(addresses) + BODY
    return plain if tag is None else frames.pushed(plain, tag, priority)


def all_from(sender: NicPort | bytes, tag: int | None = None, priority: int = 0) -> bytes:
    return to(frames.BROADCAST, sender, tag, priority)


def send(fabric: Fabric, port: NicPort | OutsideLine, frame: bytes) -> dict[str, int]:
    """The ports a frame leaves by, with the VLAN id of its tag there, 0 without."""
    out = fabric.receive(port.name, frame)
    assert len(dict(out)) == len(out)
    return {name: frames.vlan(got) for name, got in out}


class TestTags:
    a, b = nic("A", 10), nic("B", 10)
    other, trunk = nic("OTHER", 20), nic("TRUNK", 1, 10, 20, trunk=True)

    def test_access_ports_never_see_one(self) -> None:
        fabric = Fabric(wiring(self.a, self.b, self.other, self.trunk))
        assert send(fabric, self.trunk, all_from(self.trunk, 10)) == {
            self.a.name: 0, self.b.name: 0, LINE.name: 10, OTHER_LINE.name: 10,
        }  # fmt: skip
        assert send(fabric, self.a, all_from(self.a, 10)) == {}

    def test_a_trunk_port_sees_them_but_for_the_native_vlan(self) -> None:
        native = nic("N", 1)
        fabric = Fabric(wiring(self.a, native, self.trunk))
        assert send(fabric, self.a, to(self.trunk, self.a)) == {self.trunk.name: 10}
        assert send(fabric, native, to(self.trunk, native)) == {self.trunk.name: 0}
        assert send(fabric, self.trunk, to(native, self.trunk)) == {native.name: 0}
        assert send(fabric, self.trunk, to(native, self.trunk, 1)) == {native.name: 0}

    def test_a_trunk_port_stays_in_its_vlans(self) -> None:
        trunk = nic("T", 20, trunk=True)
        fabric = Fabric(wiring(self.a, self.other, trunk))
        for tag in (None, 1, 10, 4095):
            assert send(fabric, trunk, all_from(trunk, tag)) == {}

    def test_a_port_in_no_vlan_is_cut_off(self) -> None:
        nowhere, trunk = nic("A"), nic("B", trunk=True)
        fabric = Fabric(wiring(nowhere, trunk, self.trunk))
        for port in (nowhere, trunk):
            assert send(fabric, port, all_from(port)) == {}
            assert port.name not in send(fabric, self.trunk, all_from(self.trunk))

    def test_a_priority_tag_is_no_tag(self) -> None:
        fabric = Fabric(wiring(self.a, self.b, self.trunk))
        assert fabric.receive(self.a.name, to(self.b, self.a, 0, URGENT)) == [
            (self.b.name, to(self.b, self.a))
        ]
        assert send(fabric, LINE, all_from(STRANGER, 0)) == {self.trunk.name: 0, OTHER_LINE.name: 0}

    def test_priority_goes_from_tag_to_tag(self) -> None:
        fabric = Fabric(wiring(self.a, self.trunk))
        tagged = to(STRANGER, self.a, 10, URGENT)
        assert (LINE.name, tagged) in fabric.receive(self.a.name, to(STRANGER, self.a, 0, URGENT))
        tagged = to(STRANGER, self.trunk, 10, URGENT)
        assert (LINE.name, tagged) in fabric.receive(self.trunk.name, tagged)

    @pytest.mark.parametrize("outer", [0, 1, 10])
    def test_two_of_them_could_change_vlan_and_are_refused(self, outer: int) -> None:
        fabric = Fabric(wiring(self.a, self.b, self.other, self.trunk))
        for port in (self.trunk, self.a):
            assert send(fabric, port, frames.pushed(all_from(port, 20), outer)) == {}
        seen = send(fabric, LINE, frames.pushed(all_from(STRANGER, 20), outer))
        assert seen.keys() == {OTHER_LINE.name}

    def test_an_unaware_switch_leaves_them_alone(self) -> None:
        a, b = nic("A", on=FLAT), nic("B", on=FLAT)
        fabric = Fabric(wiring(a, b))
        for frame in (to(b, a), to(b, a, 0, URGENT), to(b, a, 99), frames.pushed(to(b, a, 99), 5)):
            assert fabric.receive(a.name, frame) == [(b.name, frame)]

    def test_the_native_vlan_is_untagged_on_the_wire(self) -> None:
        near, far = nic("A", 1), nic("B", 30, on=FAR)
        fabric = Fabric(wiring(near, far, switches=(VSW, replace(FAR, native=30))))
        assert send(fabric, near, to(far, near)) == {far.name: 0, LINE.name: 0, OTHER_LINE.name: 0}

    def test_no_native_vlan_means_tags_on_all_that_goes_out(self) -> None:
        near, far = nic("A", 1), nic("B", 1, on=FAR)
        fabric = Fabric(wiring(near, far, switches=(VSW, replace(FAR, native=0))))
        assert send(fabric, near, to(far, near)) == {LINE.name: 0, OTHER_LINE.name: 0}
        assert send(fabric, far, to(near, far)) == {near.name: 0, LINE.name: 1, OTHER_LINE.name: 1}


class TestAddresses:
    a, b, c = nic("A", 10), nic("B", 10), nic("C", 10)
    far = nic("FAR", 10, on=FAR)

    def test_a_frame_for_a_guest_stays_inside(self) -> None:
        fabric = Fabric(wiring(self.a, self.b, self.c))
        assert send(fabric, self.a, to(self.b, self.a)) == {self.b.name: 0}

    def test_a_frame_for_a_stranger_goes_out_and_to_no_guest(self) -> None:
        fabric = Fabric(wiring(self.a, self.b))
        assert send(fabric, self.a, to(STRANGER, self.a)) == {LINE.name: 10, OTHER_LINE.name: 10}

    def test_a_frame_for_a_stranger_does_not_come_in(self) -> None:
        fabric = Fabric(wiring(self.a, self.b))
        assert send(fabric, LINE, to(STRANGER, b"\x0a" * 6, 10)) == {OTHER_LINE.name: 10}

    def test_a_promiscuous_port_sees_all_of_its_vlans(self) -> None:
        sniffer = nic("S", 10, trunk=True, promiscuous=True)
        fabric = Fabric(wiring(self.a, self.b, nic("X", 20), sniffer))
        assert send(fabric, self.a, to(self.b, self.a)) == {self.b.name: 0, sniffer.name: 10}
        assert send(fabric, self.a, to(STRANGER, self.a))[sniffer.name] == 10
        assert send(fabric, LINE, to(STRANGER, b"\x0a" * 6, 10))[sniffer.name] == 10
        assert send(fabric, LINE, to(STRANGER, b"\x0a" * 6, 20)) == {OTHER_LINE.name: 20}

    def test_two_nics_of_one_address_both_get_a_frame(self) -> None:
        twin = replace(self.c, mac=self.b.mac)
        fabric = Fabric(wiring(self.a, self.b, twin))
        assert send(fabric, self.a, to(self.b, self.a)) == {self.b.name: 0, twin.name: 0}

    def test_a_guest_is_known_by_any_address_it_sends_with(self) -> None:
        fabric = Fabric(wiring(self.a, self.b))
        send(fabric, self.b, all_from(STRANGER))
        assert send(fabric, self.a, to(STRANGER, self.a)) == {self.b.name: 0}
        assert send(fabric, self.b, to(STRANGER, self.b)) == {}

    def test_an_address_moves_from_guest_to_guest_and_out(self) -> None:
        fabric = Fabric(wiring(self.a, self.b, self.c))
        send(fabric, self.b, all_from(STRANGER))
        send(fabric, self.c, all_from(STRANGER))
        assert send(fabric, self.a, to(STRANGER, self.a)) == {self.c.name: 0}
        send(fabric, LINE, all_from(STRANGER, 10))
        assert send(fabric, self.a, to(STRANGER, self.a)) == {LINE.name: 10}

    def test_a_nic_keeps_its_address_whoever_sends_with_it(self) -> None:
        fabric = Fabric(wiring(self.a, self.b, self.c))
        send(fabric, self.c, all_from(self.b))
        assert send(fabric, self.a, to(self.b, self.a)) == {self.b.name: 0}

    def test_mac_protection_stops_foreign_addresses(self) -> None:
        fabric = Fabric(wiring(self.a, self.b, switches=(replace(VSW, mac_protect=True),)))
        assert send(fabric, self.a, to(self.b, STRANGER)) == {}
        assert send(fabric, self.a, to(self.b, self.a)) == {self.b.name: 0}
        assert send(fabric, self.b, to(STRANGER, self.b)) == {LINE.name: 10, OTHER_LINE.name: 10}

    def test_a_table_is_never_larger_than_it_may_be(self) -> None:
        table = MacTable()
        for number in range(MacTable.LARGEST + 2):
            table.learn(0, number.to_bytes(6), "a")
        table.learn(0, (MacTable.LARGEST + 1).to_bytes(6), "a")
        assert len(table) == MacTable.LARGEST
        assert (0, (1).to_bytes(6)) not in table
        assert (0, (2).to_bytes(6)) in table


class TestLans:
    near, far = nic("A", 10), nic("B", 10, on=FAR)

    def test_they_learn_where_a_station_is(self) -> None:
        fabric = Fabric(wiring(self.near, self.far))
        assert send(fabric, self.near, to(self.far, self.near)) == {
            self.far.name: 0, LINE.name: 10, OTHER_LINE.name: 10,
        }  # fmt: skip
        send(fabric, self.far, all_from(self.far))
        assert send(fabric, self.near, to(self.far, self.near)) == {self.far.name: 0}

    def test_they_learn_for_each_vlan(self) -> None:
        fabric = Fabric(wiring())
        send(fabric, LINE, all_from(STRANGER, 10))
        assert send(fabric, OTHER_LINE, to(STRANGER, b"\x0a" * 6, 10)) == {LINE.name: 10}
        send(fabric, OTHER_LINE, all_from(STRANGER, 20))
        assert send(fabric, OTHER_LINE, to(STRANGER, b"\x0a" * 6, 10)) == {LINE.name: 10}

    def test_systems_on_different_lans_do_not_meet(self) -> None:
        fabric = Fabric(wiring(self.near, self.far, switches=(VSW, replace(FAR, lan="lab"))))
        assert self.far.name not in send(fabric, self.near, all_from(self.near))

    def test_without_uplink_nothing_leaves(self) -> None:
        fabric = Fabric(wiring(self.near, self.far, switches=(replace(VSW, lan=""), FAR)))
        assert send(fabric, self.near, all_from(self.near)) == {}

    def test_layer_2_and_layer_3_do_not_mix(self) -> None:
        third = replace(self.near, name="ZVMC:C:1000", switch="ZVMC:SYSTEM:VSW", mac="02:00:00:00:00:cc")
        ip = replace(VSW, layer3=True), FAR, replace(VSW, name="ZVMC:SYSTEM:VSW", layer3=True)
        fabric = Fabric(wiring(self.near, self.far, third, switches=ip))
        assert send(fabric, self.near, all_from(self.near)) == {third.name: 0}
        assert send(fabric, LINE, all_from(STRANGER, 10)) == {self.far.name: 0, OTHER_LINE.name: 10}


class TestIsolation:
    a, b, far = nic("A", 10), nic("B", 10), nic("FAR", 10, on=FAR)
    isolated = replace(VSW, isolated=True)

    def test_guests_see_the_outside_and_not_each_other(self) -> None:
        fabric = Fabric(wiring(self.a, self.b, self.far, switches=(self.isolated, FAR)))
        outside = {self.far.name: 0, LINE.name: 10, OTHER_LINE.name: 10}
        assert send(fabric, self.a, all_from(self.a)) == outside
        assert send(fabric, self.a, to(self.b, self.a)) == {}
        assert send(fabric, LINE, to(self.a, STRANGER, 10)) == {self.a.name: 0}

    def test_a_promiscuous_guest_is_a_guest(self) -> None:
        sniffer = nic("S", 10, promiscuous=True)
        fabric = Fabric(wiring(self.a, sniffer, switches=(self.isolated,)))
        assert sniffer.name not in send(fabric, self.a, all_from(self.a))
        assert sniffer.name not in send(fabric, self.a, to(STRANGER, self.a))
        assert send(fabric, LINE, to(self.a, STRANGER, 10)) == {self.a.name: 0, sniffer.name: 0}

    @pytest.mark.parametrize("which", [0, 1])
    def test_systems_on_one_osa_port(self, which: int) -> None:
        shared = [VSW, replace(FAR, osa_port=VSW.osa_port)]
        fabric = Fabric(wiring(self.a, self.far, switches=shared))
        assert self.far.name in send(fabric, self.a, all_from(self.a))
        shared[which] = replace(shared[which], isolated=True)
        fabric.rewire(wiring(self.a, self.far, switches=shared))
        for port in (self.a, self.far):
            assert send(fabric, port, all_from(port)) == {LINE.name: 10, OTHER_LINE.name: 10}


class TestVepa:
    a, b, far = nic("A", 10), nic("B", 10), nic("FAR", 10, on=FAR)
    vepa = replace(VSW, vepa=True)

    def test_guests_meet_over_the_lan(self) -> None:
        fabric = Fabric(wiring(self.a, self.b, self.far, switches=(self.vepa, FAR)))
        assert send(fabric, self.a, all_from(self.a)) == {
            self.b.name: 0, self.far.name: 0, LINE.name: 10, OTHER_LINE.name: 10,
        }  # fmt: skip
        assert send(fabric, self.b, to(self.a, self.b)) == {self.a.name: 0}

    def test_without_uplink_they_do_not_meet(self) -> None:
        fabric = Fabric(wiring(self.a, self.b, switches=(replace(self.vepa, lan=""),)))
        assert send(fabric, self.a, all_from(self.a)) == {}

    def test_isolation_prevails(self) -> None:
        fabric = Fabric(wiring(self.a, self.b, switches=(replace(self.vepa, isolated=True),)))
        assert send(fabric, self.a, all_from(self.a)) == {LINE.name: 10, OTHER_LINE.name: 10}

    def test_a_guest_that_speaks_over_the_lan_is_no_stranger_from_outside(self) -> None:
        fabric = Fabric(wiring(self.a, self.b, switches=(self.vepa,)))
        send(fabric, self.b, all_from(STRANGER))
        assert send(fabric, self.a, to(STRANGER, self.a)) == {self.b.name: 0}


@pytest.mark.parametrize(
    ("port", "frame"),
    [
        ("ZVMA:A:1000", b"short"),
        ("ZVMA:A:1000", all_from(nic("A"), 0)[:17]),
        ("ZVMA:A:1000", to(STRANGER, frames.BROADCAST)),
        ("ZVMA:A:2000", all_from(nic("A"))),
        ("ZVMA:LOOSE:1000", all_from(nic("LOOSE"))),
        ("line:other", all_from(STRANGER)),
    ],
    ids=["runt", "cut tag", "group sender", "no such NIC", "not coupled", "no such line"],
)
def test_what_goes_nowhere(port: str, frame: bytes) -> None:
    fabric = Fabric(wiring(nic("A", 1), nic("B", 1), replace(nic("LOOSE", 1), switch="")))
    assert fabric.receive(port, frame) == []


class TestRewiring:
    """Fabrics that have heard STRANGER, or a NIC, before the change."""

    a, b, c = nic("A", 10), nic("B", 10), nic("C", 10)
    out = {LINE.name: 10, OTHER_LINE.name: 10}

    def heard(self, *ports: NicPort) -> Fabric:
        fabric = Fabric(wiring(*ports))
        send(fabric, self.b, all_from(STRANGER))
        return fabric

    def test_others_changes_leave_what_was_learned(self) -> None:
        fabric = self.heard(self.a, self.b, self.c)
        fabric.rewire(wiring(self.a, replace(self.b, promiscuous=True)))
        assert send(fabric, self.a, to(STRANGER, self.a)) == {self.b.name: 0}

    @pytest.mark.parametrize(
        "now",
        [replace(b, switch=""), replace(b, vlans=frozenset({20})), replace(b, switch=FLAT.name)],
        ids=["uncoupled", "in another VLAN", "on another switch"],
    )
    def test_a_guest_that_changed_place_is_not_found_at_the_old_one(self, now: NicPort) -> None:
        fabric = self.heard(self.a, self.b)
        fabric.rewire(wiring(self.a, now))
        assert send(fabric, self.a, to(STRANGER, self.a)) == self.out
        fabric.rewire(wiring(self.a, self.b))
        assert send(fabric, self.a, to(STRANGER, self.a)) == self.out

    def test_a_new_logon_is_a_new_machine(self) -> None:
        fabric = self.heard(self.a, self.b)
        fabric.rewire(wiring(self.a, self.b, boot="2"))
        assert send(fabric, self.a, to(STRANGER, self.a)) == self.out

    def test_mac_protection_forgets_foreign_addresses(self) -> None:
        fabric = self.heard(self.a, self.b)
        fabric.rewire(wiring(self.a, self.b, switches=(replace(VSW, mac_protect=True),)))
        assert send(fabric, self.a, to(STRANGER, self.a)) == self.out

    def test_a_nic_that_gets_the_address_elsewhere_is_found_there(self) -> None:
        fabric = self.heard(self.a, self.b)
        far = replace(nic("FAR", 10, on=FAR), mac="0a:00:00:00:00:99")
        fabric.rewire(wiring(self.a, self.b, far))
        assert send(fabric, self.a, to(far, self.a)) == {far.name: 0} | self.out

    def test_a_nic_that_moved_to_another_system_is_found_at_once(self) -> None:
        third = nic("C", 10, on=replace(VSW, name="ZVMC:SYSTEM:VSW"))
        switches = VSW, FAR, replace(VSW, name="ZVMC:SYSTEM:VSW", osa_port="c")
        fabric = Fabric(wiring(self.a, self.b, third, switches=switches))
        send(fabric, self.b, all_from(self.b))
        send(fabric, self.b, all_from(STRANGER))
        moved = replace(self.b, switch=FAR.name)
        fabric.rewire(wiring(self.a, moved, third, switches=switches))
        assert moved.name in send(fabric, third, to(moved, third))
        assert send(fabric, third, to(STRANGER, third)) == self.out

    def test_a_switch_that_left_a_lan_is_not_looked_for_there(self) -> None:
        far = nic("FAR", 10, on=FAR)
        fabric = Fabric(wiring(self.a, far))
        send(fabric, far, all_from(far))
        fabric.rewire(wiring(self.a, far, switches=(VSW, replace(FAR, lan="lab"))))
        assert send(fabric, self.a, to(far, self.a)) == self.out
        fabric.rewire(wiring(self.a))
        assert send(fabric, self.a, to(far, self.a)) == self.out

    def test_lans_remember_the_outside(self) -> None:
        fabric = Fabric(wiring(self.a))
        send(fabric, LINE, all_from(STRANGER, 10))
        fabric.rewire(wiring(self.a, self.b))
        assert send(fabric, self.a, to(STRANGER, self.a)) == {LINE.name: 10}
