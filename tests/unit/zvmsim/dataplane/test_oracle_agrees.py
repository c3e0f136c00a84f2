"""The fabric and the oracle agree: two readings of z/VM's rules, held against each other over drawn worlds.

A world is set up by SMAPI calls and then changed by more of them; whatever is refused is refused. After each
change every NIC sends a broadcast, and a frame to every other NIC, untagged and with several tags. They must
arrive exactly where the oracle says, with the tag that the receiving port demands, and nowhere else.

TOPOLOGIES=20000 in the environment draws that many worlds, new ones in each run.
"""

import os
from collections.abc import Iterable
from itertools import product
from random import Random

from hypothesis import given, note, settings
from hypothesis import strategies as st

from tests.unit.zvmsim.dataplane.topologies import (
    LANS,
    SYSTEM_OUTSIDE,
    SYSTEMS,
    draw_changes,
    draw_plan,
    take,
    world_of,
)
from zvmsim.dataplane import frames
from zvmsim.dataplane.fabric import Fabric
from zvmsim.dataplane.wiring import Wiring, wiring_of
from zvmsim.oracle import NicAddress, Snapshot, reach, snapshot
from zvmsim.world.vswitch import Block, Vswitch
from zvmsim.world.world import World

MANY = int(os.environ.get("TOPOLOGIES", "0"))
TAGS = (None, 1, 5, 10, 99)
BODY = b"\x08\x00" + b"payload" * 7
OUTSIDE = {f"line:{lan}": NicAddress(SYSTEM_OUTSIDE, lan.upper(), "1000") for lan in LANS}
"""Each outside line, and a NIC that sees the same LAN through a VLAN-unaware vswitch of its own."""

Got = dict[NicAddress, bytes]


class Town:
    """A world, and the fabric that follows it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.fabric = Fabric(self.wiring())
        self.look()

    def wiring(self) -> Wiring:
        return wiring_of(self.world, {lan: lan for lan in LANS})

    def look(self) -> None:
        """Let both see the world as it is now."""
        self.fabric.rewire(self.wiring())
        self.seen: Snapshot = snapshot(self.world)
        self.macs = {nic: bytes.fromhex(live.mac.replace("-", "")) for nic, live in self.seen.nics.items()}
        self.named = {port_name(nic): nic for nic in self.seen.nics}
        self.promiscuous = {nic for nic in self.seen.nics if self.block(nic).promiscuous}
        self.reached = {
            (a, tag): {b for b in self.seen.nics if reach(self.seen, a, b, tag).ok}
            for a, tag in product(self.seen.nics, TAGS)
        }

    def send(
        self, port: NicAddress | str, receiver: bytes, sender: bytes, tag: int | None
    ) -> tuple[Got, Got]:
        """The NICs that get a frame, and the lines; nobody gets two, and nothing comes but the frame."""
        name = port if isinstance(port, str) else port_name(port)
        plain = receiver + sender + BODY
        out = self.fabric.receive(name, plain if tag is None else frames.pushed(plain, tag, 0x6000))
        got = dict(out)
        assert len(got) == len(out), f"somebody gets it twice: {out}"
        assert all(frames.popped(frame) == plain for frame in got.values())
        assert name not in got
        lines = {OUTSIDE[name]: frame for name, frame in out if name in OUTSIDE}
        return {self.named[name]: frame for name, frame in out if name not in OUTSIDE}, lines

    def vswitch(self, nic: NicAddress) -> Vswitch | None:
        """The vswitch it is on."""
        live = self.seen.nics[nic]
        found = self.seen.switches.get((nic.system, live.lan_name)) if live.lan_owner == "SYSTEM" else None
        return found.vswitch if found else None

    def block(self, nic: NicAddress) -> Block:
        return self.seen.nics[nic].block or Block(nic.userid)

    def protects(self, nic: NicAddress) -> bool:
        """Whether it may use its own MAC only."""
        live, vswitch, system = self.seen.nics[nic], self.vswitch(nic), self.world.systems[nic.system]
        target = vswitch or system.lans[live.lan_owner, live.lan_name]
        chosen = vswitch.mac_protect if vswitch else "UNSPECIFIED"
        return target.transport == "ETHERNET" and (
            system.mac_protect if chosen == "UNSPECIFIED" else chosen == "MACPROTECT"
        )


def port_name(nic: NicAddress) -> str:
    return f"{nic.system}:{nic.userid}:{nic.vdev}"


def further_mac(nic: NicAddress) -> bytes:
    """One that the guest uses by itself, as with SETVMAC."""
    return b"\x0a\x00" + f"{nic.system[-1]}{nic.userid[-1]}{nic.vdev[0]}0".encode()


def tag_there(town: Town, a: NicAddress, b: NicAddress, tag: int | None) -> int | None:
    """The tag with which a frame from `a`, sent with `tag`, arrives at `b`."""
    here, there = town.vswitch(a), town.vswitch(b)
    if here is None or there is None:
        return tag
    vlan = tag
    if here.vlan_aware:
        access = here.port_type_of(town.block(a)) == "ACCESS"
        vlan = min(here.vlans_of(town.block(a))) if access else tag or here.native_vlan
    if (a.system, here.name) != (b.system, there.name):
        vlan = None if here.vlan_aware and vlan == here.native_vlan else vlan
        vlan = vlan or there.native_vlan if there.vlan_aware else vlan
    if not there.vlan_aware:
        return vlan
    trunk = there.port_type_of(town.block(b)) == "TRUNK"
    return vlan if trunk and vlan != there.native_vlan else None


def check(town: Town) -> None:
    """Every NIC and every line sends to every NIC, in every way."""
    for nic, tag in product(town.seen.nics, TAGS):
        check_broadcast(town, nic, nic, tag)
        check_unicasts(town, nic, nic, tag)
    for (line, like), tag in product(OUTSIDE.items(), TAGS):
        check_broadcast(town, line, like, tag)
        check_unicasts(town, line, like, tag)


def check_broadcast(town: Town, port: NicAddress | str, like: NicAddress, tag: int | None) -> None:
    """It reaches whom the oracle says that `like` reaches, with the right tags; lines like their NICs."""
    wanted = town.reached[like, tag] | ({like} if port != like else set())
    on_lines = {nic for nic in OUTSIDE.values() if nic in wanted or nic == port}
    told, lines = town.send(port, frames.BROADCAST, own_mac(town, port), tag)
    assert told.keys() == wanted, why(town, like, tag, told.keys() ^ wanted)
    assert lines.keys() == on_lines - ({like} if port != like else set()), why(town, like, tag, on_lines)
    for nic, frame in [*told.items(), *lines.items()]:
        assert frames.vlan(frame) == (tag_there(town, like, nic, tag) or 0), why(town, like, tag, {nic})


def check_unicasts(town: Town, port: NicAddress | str, like: NicAddress, tag: int | None) -> None:
    """A frame for a NIC reaches it as a broadcast does; others see it only if they are promiscuous."""
    wanted = town.reached[like, tag] | ({like} if port != like else set())
    sender, sniffers = own_mac(town, port), wanted & town.promiscuous
    for nic in town.seen.nics.keys() - {port}:
        got, lines = town.send(port, town.macs[nic], sender, tag)
        assert (nic in got) == (nic in wanted), why(town, like, tag, {nic})
        assert nic not in got or frames.vlan(got[nic]) == (tag_there(town, like, nic, tag) or 0)
        assert got.keys() - {nic} <= sniffers
        if nic in got and port == like and (here := town.vswitch(like)) is town.vswitch(nic):
            assert not lines or (here and here.vepa), f"{like} to {nic} is seen outside"


def check_further_macs(town: Town) -> None:
    """A guest is found under a MAC that it uses besides its NIC's, unless the switch protects MACs."""
    coupled = [nic for nic in town.seen.nics if town.seen.nics[nic].coupled]
    for nic, tag in product(coupled, TAGS):
        told, lines = town.send(nic, frames.BROADCAST, further_mac(nic), tag)
        assert told.keys() == (set() if town.protects(nic) else town.reached[nic, tag])
        assert not (lines and town.protects(nic))
    for sender, tag, nic in product(coupled, TAGS, coupled):
        if sender != nic:
            got, _ = town.send(sender, further_mac(nic), town.macs[sender], tag)
            known = not town.protects(nic) or (nic in town.promiscuous and nic in got)
            assert (nic in got) == (nic in town.reached[sender, tag] and known)


def check_that_nothing_leaks(town: Town) -> None:
    """Whatever is still remembered of further MACs, frames for them get only where the oracle allows."""
    for sender, tag, nic in product(town.seen.nics, TAGS, town.seen.nics):
        got, _ = town.send(sender, further_mac(nic), town.macs[sender], tag)
        assert got.keys() <= town.reached[sender, tag], why(town, sender, tag, got.keys())


def own_mac(town: Town, port: NicAddress | str) -> bytes:
    return b"\x0a\x01" + port[-4:].encode() if isinstance(port, str) else town.macs[port]


def why(town: Town, a: NicAddress, tag: int | None, receivers: Iterable[NicAddress]) -> str:
    """What the oracle says about frames of `a` to these."""
    verdicts = [f"{nic}: {reach(town.seen, a, nic, tag)}" for nic in receivers]
    return f"{a}, tag {tag}\n" + "\n".join([*verdicts, *map(str, town.wiring().switches)])


@settings(max_examples=MANY or 80, derandomize=not MANY, deadline=None)
@given(r=st.randoms(use_true_random=True))
def test_frames_go_where_the_oracle_says(r: Random) -> None:
    systems = SYSTEMS[: r.choice((1, 2, 2, 3))]
    drawn = {name: draw_plan(r) for name in systems}
    note(f"{drawn}")
    town = Town(world_of(drawn))
    check(town)
    for _ in range(r.randrange(5)):
        check_further_macs(town)
        for _ in range(r.randrange(1, 5)):
            system = r.choice(systems)
            for step in draw_changes(r):
                note(f"{system}: {step} answers {take(town.world, system, step)}")
        town.look()
        check_that_nothing_leaks(town)
        check(town)
