"""From a world to YAML that loads as an equal world."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta

import yaml

try:
    from yaml import CSafeDumper as FastestDumper
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeDumper as FastestDumper  # type: ignore[assignment]

from zvmsim.inventory import fields
from zvmsim.inventory.fields import write_fields, write_vlan
from zvmsim.world.gate import LATENCIES, Latency
from zvmsim.world.guest import Guest, Nic
from zvmsim.world.lan import Lan
from zvmsim.world.macs import MacPool
from zvmsim.world.system import System
from zvmsim.world.uplinks import Osa
from zvmsim.world.vlans import format_vlans
from zvmsim.world.vswitch import Block, Vswitch
from zvmsim.world.world import World

Tree = dict[str, object]


def dump(world: World, sections: Mapping[str, object] | None = None) -> str:
    """The world as it is now, fault rules included, and the dialects' sections as given. Journal and clock
    are left out.
    """
    with world.lock.reading():
        tree: Tree = {
            "lans": list(world.physical_lans),
            "latency": _latency(world.gate.latency),
            "faults": [rule.to_dict() for rule in world.faults.rules().values()],
            "systems": {name: _system(system) for name, system in world.systems.items()},
        }
    tree = _without_empty(tree) | dict(sections or {})
    return yaml.dump(tree, Dumper=FastestDumper, sort_keys=False, width=110)


def _system(system: System) -> Tree:
    defaults = System("X", system.clock, MacPool("020000", "020000"))
    tree = write_fields(system, defaults, fields.SYSTEM) | {"level": system.level, "dna": system.dna}
    guest_lans = {f"{owner} {name}": _guest_lan(lan) for (owner, name), lan in system.lans.items()}
    tree |= {
        "system_prefix": system.macs.system_prefix,
        "user_prefix": system.macs.user_prefix,
        "next_mac_id": system.macs.next_id,
        "zone": f"{system.zone.tzname(None)} {system.zone.utcoffset(None) / timedelta(hours=1):g}",
        "ipl_time": system.ipl_time.isoformat(),
        "behaviour": system.behaviour.deviations(),
        "osas": {rdev: write_fields(osa, Osa(rdev), fields.OSA) for rdev, osa in system.osas.items()},
        "vswitches": {name: _running(vswitch, system) for name, vswitch in system.vswitches.items()},
        "system_config": {name: _vswitch(v) for name, v in system.config.items() if not _derived(v, system)},
        "guest_lans": guest_lans,
    }
    return _without_empty(tree | _directory(system) | _guests(system))


def _running(vswitch: Vswitch, system: System) -> Tree:
    saved = system.config.get(vswitch.name)
    tree = _vswitch(vswitch, saved)
    return tree if saved else tree | {"persistent": False}


def _derived(saved: Vswitch, system: System) -> bool:
    """Whether loading makes this very definition of the running switch and its blocks' `persistent`."""
    running = system.vswitches.get(saved.name)
    if running is None:
        return False
    copy = running.saved()
    for block in _fleeting(running, saved):
        copy.remove(block)
    return copy == saved


def _fleeting(running: Vswitch, saved: Vswitch | None) -> set[Block]:
    held = set(saved.all_blocks()) if saved else set()
    return {block for block in running.all_blocks() if not block.temporary_for and block not in held}


def _vswitch(vswitch: Vswitch, saved: Vswitch | None = None) -> Tree:
    fleeting = _fleeting(vswitch, saved) if saved else set()
    lasting = [block for block in vswitch.all_blocks() if not block.temporary_for]
    tree: Tree = {"vlan": write_vlan(vswitch.vlan_aware, vswitch.default_vlan)}
    tree |= write_fields(vswitch, Vswitch("X"), fields.VSWITCH)
    grants = {b.userid: _block(b, fleeting) for b in lasting if not b.port}
    ports = {b.port: {"userid": b.userid} | _block(b, fleeting) for b in lasting if b.port}
    vlan_ports = {vlan: format_vlans(numbers) for vlan, numbers in vswitch.vlan_ports.items()}
    return tree | _without_empty({"grants": grants, "ports": ports, "vlan_ports": vlan_ports})


def _block(block: Block, fleeting: set[Block]) -> Tree:
    tree = write_fields(block, Block("X"), fields.BLOCK)
    return tree | {"persistent": False} if block in fleeting else tree


def _guest_lan(lan: Lan) -> Tree:
    return write_fields(lan, Lan("X"), fields.GUEST_LAN)


def _directory(system: System) -> Tree:
    directory = system.directory
    tree: Tree = {
        "directory": {name: list(records) for name, records in directory.source.items()},
        "locks": {" ".join(filter(None, key)): owner for key, owner in directory.locks.items()},
    }
    if not directory.online:
        tree["object_directory"] = {name: list(records) for name, records in directory.active.items()}
    return tree


def _guests(system: System) -> Tree:
    guests = {userid: _guest(guest, system) for userid, guest in system.guests.items()}
    return {"guests": guests, "autolog": [user for user in system.autolog if user in system.directory.source]}


def _guest(guest: Guest, system: System) -> Tree:
    tree: Tree = {"nics": {vdev: _nic(nic, system) for vdev, nic in guest.nics.items()}}
    return tree | ({"mac_ids": dict(guest.mac_ids)} if guest.mac_ids else {})


def _nic(nic: Nic, system: System) -> Tree:
    tree = write_fields(nic, Nic("X", "0000", "QDIO", 3, ""), fields.NIC)
    if not nic.coupled:
        return tree
    tree["lan"] = f"{nic.lan_owner} {nic.lan_name}"
    vswitch = system.vswitches.get(nic.lan_name)
    if nic.block and not (vswitch and nic.block == vswitch.grant_of(nic.userid)):
        tree["block"] = write_fields(nic.block, Block("X"), fields.BLOCK) | {
            "port": nic.block.port,
            "temporary": bool(nic.block.temporary_for),
        }
    return tree


def _latency(latency: Latency) -> object:
    named = [name for name, known in LATENCIES.items() if known == latency]
    return named[0] if named else asdict(latency)


def _without_empty(tree: Tree) -> Tree:
    return {key: value for key, value in tree.items() if value not in ({}, [])}
