"""From YAML to a world: everything is checked before anything is handed out."""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from zvmsim.clock import Clock, SystemClock
from zvmsim.faults import FaultRuleError, rule_from
from zvmsim.inventory import fields
from zvmsim.inventory.fields import behaviour_value, flag, integer, label, read_fields, read_vlan
from zvmsim.inventory.reader import InventoryError, Reader, parse
from zvmsim.world import authorization, names
from zvmsim.world.behaviour import Behaviour
from zvmsim.world.directory import check_entry
from zvmsim.world.gate import LATENCIES, Latency
from zvmsim.world.guest import Guest, Nic
from zvmsim.world.lan import Lan
from zvmsim.world.macs import MacPool
from zvmsim.world.smapi import SmapiError
from zvmsim.world.system import DEFAULT_LEVEL, FIRST_LEVEL_THAT_CAN_DNA, FIRST_LEVEL_WITH_DNA, System
from zvmsim.world.uplinks import Osa
from zvmsim.world.vlans import parse_vlans
from zvmsim.world.vswitch import Block, Vswitch
from zvmsim.world.world import World

Check = Callable[[object, Collection[str]], Any]
"""Takes a dialect's section and the names of the systems; returns what it makes of it. Raises ValueError."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """A loaded inventory.

    sections: what each check made of its section. raw: every dialect section as it stands, for `dump`.
    """

    world: World
    sections: Mapping[str, Any]
    raw: Mapping[str, object]


def load(
    text: str, *, clock: Clock | None = None, seed: int = 0, sections: Mapping[str, Check] | None = None
) -> Inventory:
    """Build a world; InventoryError lists everything that is wrong.

    sections: checks for the top-level keys that belong to dialects; a section without a check is an unknown
        key.
    """
    errors: list[str] = []
    reader = Reader("", parse(text), errors)
    world = World(clock or SystemClock(), seed=seed)
    world.physical_lans += reader.values("lans", label)
    _load_latency(reader, world)
    _load_faults(reader, world)
    for name, child in reader.child("systems").children(names.name):
        _load_system(name, child, world)
    if not world.systems and not errors:
        reader.error("systems", "there is none")
    checked, raw = _load_sections(reader, sections or {}, world)
    reader.close()
    if errors:
        raise InventoryError(errors)
    return Inventory(world, checked, raw)


def _load_sections(
    reader: Reader, checks: Mapping[str, Check], world: World
) -> tuple[dict[str, Any], dict[str, object]]:
    raw = {name: reader.raw(name) for name in checks if name in reader}
    checked: dict[str, Any] = {}
    for name, data in raw.items():
        try:
            checked[name] = checks[name](data, list(world.systems))
        except ValueError as error:
            reader.errors += str(error).split("; ")
    return checked, raw


def _load_latency(reader: Reader, world: World) -> None:
    if "latency" not in reader:
        return
    if isinstance(reader.raw("latency"), str):
        world.gate.latency = reader.value("latency", _latency, Latency())
        return
    child = reader.child("latency")
    seconds = {key: child.value(key, _seconds, 0.0) for key in ("read", "write", "directory")}
    world.gate.latency = Latency(**seconds)
    child.close()


def _load_faults(reader: Reader, world: World) -> None:
    data = reader.raw("faults") if "faults" in reader else []
    if not isinstance(data, list):
        reader.error("faults", "not a list")
        return
    for at, rule in enumerate(data):
        try:
            world.faults.add(rule_from(_with_numbers(rule)))
        except FaultRuleError as error:
            reader.error(f"faults[{at}]", str(error))


def _load_system(name: str, reader: Reader, world: World) -> None:
    """Everything of one system; `guests` last, since it runs them."""
    values = read_fields(reader, fields.SYSTEM)
    level = values.get("level", DEFAULT_LEVEL)
    values.setdefault("dna", level >= FIRST_LEVEL_WITH_DNA)
    if values["dna"] and level < FIRST_LEVEL_THAT_CAN_DNA:
        reader.error("dna", f"level {level} has no Directory Network Authorization (6.4 and later have it)")
    system_prefix = reader.value("system_prefix", fields.prefix, "020000")
    macs = MacPool(system_prefix, reader.value("user_prefix", fields.prefix, system_prefix))
    system = System(name, world.clock, macs, **values)
    system.zone = reader.value("zone", _zone, system.zone)
    system.behaviour = _load_behaviour(reader.child("behaviour"))
    _load_osas(reader.child("osas"), system, world)
    _load_directory(reader, system)
    _load_guest_lans(reader.child("guest_lans"), system)
    _load_vswitches(reader, system)
    _load_guests(reader, system)
    macs.next_id = reader.value("next_mac_id", integer(1, 0xFFFFFF), macs.next_id)
    system.ipl_time = reader.value("ipl_time", datetime.fromisoformat, system.ipl_time)
    reader.close()
    world.add(system)


def _load_behaviour(reader: Reader) -> Behaviour:
    choices = Behaviour.choices()
    positions: dict[str, Any] = {
        name: reader.value(name, behaviour_value(name, choices), None) for name, _ in reader.names(str)
    }
    return replace(Behaviour(), **{name: value for name, value in positions.items() if value is not None})


def _load_osas(reader: Reader, system: System, world: World) -> None:
    for rdev, child in reader.children(names.device):
        osa = Osa(rdev, **read_fields(child, fields.OSA))
        if osa.lan and osa.lan not in world.physical_lans:
            child.error("lan", f"no LAN {osa.lan} in lans")
        if (osa.state == "ATTACHED") != bool(osa.holder):
            child.error("holder", "goes with state ATTACHED, and only with it")
        system.osas[rdev] = osa
        child.close()


def _load_directory(reader: Reader, system: System) -> None:
    directory = system.directory
    directory.source = _load_entries(reader.child("directory"))
    directory.active = dict(directory.source)
    if "object_directory" in reader:
        directory.online = False
        directory.active = _load_entries(reader.child("object_directory"))
    for key, _ in (locks := reader.child("locks")).names(str):
        userid, _, device = key.partition(" ")
        if userid not in directory.source:
            locks.error(key, f"{userid} is not in the directory")
        directory.locks[userid, device] = locks.value(key, names.name, "")


def _load_entries(reader: Reader) -> dict[str, tuple[str, ...]]:
    entries: dict[str, tuple[str, ...]] = {}
    for key, userid in reader.names(names.name):
        records = tuple(reader.values(key, str))
        try:
            check_entry(userid, records)
        except SmapiError as error:
            reader.error(key, error.why)
        else:
            entries[userid] = records
    return entries


def _load_guest_lans(reader: Reader, system: System) -> None:
    for (owner, name), child in reader.children(_owner_and_name):
        lan = Lan(name, owner, **read_fields(child, fields.GUEST_LAN))
        system.lans[owner, name] = lan
        if lan.persistent:
            system.lan_config[owner, name] = lan
        child.close()


def _load_vswitches(reader: Reader, system: System) -> None:
    """Running switches and their SYSTEM CONFIG."""
    for name, child in reader.child("vswitches").children(names.name):
        vswitch, fleeting = _read_vswitch(name, child, system.behaviour)
        persistent = child.value("persistent", flag, True)
        child.close()
        try:
            system.start_vswitch(vswitch)
        except SmapiError as error:
            child.errors.append(f"{child.place}: {error.why}")
            continue
        if persistent:
            system.config[name] = vswitch.saved()
            for block in fleeting:
                system.config[name].remove(block)
    for name, child in reader.child("system_config").children(names.name):
        system.config[name] = _read_vswitch(name, child, system.behaviour)[0]
        child.close()


def _read_vswitch(name: str, reader: Reader, behaviour: Behaviour) -> tuple[Vswitch, list[Block]]:
    """A switch, and those of its blocks that SYSTEM CONFIG does not hold."""
    vswitch = Vswitch(name, **read_fields(reader, fields.VSWITCH))
    unaware: tuple[bool, int | None] = (False, None)
    vswitch.vlan_aware, vswitch.default_vlan = reader.value("vlan", read_vlan, unaware)
    fleeting: list[Block] = []
    for userid, child in reader.child("grants").children(names.name):
        _add_block(vswitch, Block(userid, **read_fields(child, fields.BLOCK)), child, behaviour, fleeting)
    for port, child in reader.child("ports").children(integer(1, 65535)):
        userid = child.value("userid", names.name, "")
        if not userid:
            child.error("userid", "is missing")
        block = Block(userid, port, **read_fields(child, fields.BLOCK))
        _add_block(vswitch, block, child, behaviour, fleeting)
    for key, vlan in (ports := reader.child("vlan_ports")).names(names.vlan):
        vswitch.vlan_ports[vlan] = ports.value(key, parse_vlans, frozenset())
    return vswitch, fleeting


def _add_block(
    vswitch: Vswitch, block: Block, reader: Reader, behaviour: Behaviour, fleeting: list[Block]
) -> None:
    try:
        authorization.check_attributes(vswitch, block, behaviour)
    except SmapiError as error:
        reader.errors.append(f"{reader.place}: {error.why}")
    vswitch.add(block)
    if not reader.value("persistent", flag, True):
        fleeting.append(block)
    reader.close()


def _load_guests(reader: Reader, system: System) -> None:
    """Guests that are on: NICs as stated, or as LOGON builds them (couplings that are refused are no
    error).
    """
    system.autolog = tuple(reader.values("autolog", names.name))
    for userid in system.autolog:
        if userid not in system.directory.source:
            reader.error("autolog", f"{userid} is not in the directory")
    for userid, child in reader.child("guests").children(names.name):
        if "nics" in child:
            guest = system.guests[userid] = Guest(userid, system.clock.now())
            for vdev, nic in child.child("nics").children(names.device):
                _load_nic(guest, vdev, nic, system)
        elif userid in system.directory.source:
            system.logon(userid)
        else:
            child.errors.append(f"{child.place}: is not in the directory")
        if userid in system.guests:
            mac_ids = child.child("mac_ids")
            chosen = {vdev: mac_ids.value(key, names.mac_id, "") for key, vdev in mac_ids.names(names.device)}
            system.guests[userid].mac_ids.update(chosen)
        child.close()


def _load_nic(guest: Guest, vdev: str, reader: Reader, system: System) -> None:
    values: dict[str, Any] = {"type": "QDIO", "devices": 3, "mac": ""} | read_fields(reader, fields.NIC)
    if not values["mac"]:
        reader.error("mac", "is missing")
    nic = Nic(guest.userid, vdev, **values)
    if "lan" in reader:
        owner, name = reader.value("lan", _owner_and_name, ("", ""))
        vswitch = system.vswitches.get(name) if owner == "SYSTEM" else None
        if name and vswitch is None and (owner, name) not in system.lans:
            reader.error("lan", f"{owner} {name} does not exist")
        block = _load_block(nic, reader, vswitch) if vswitch else None
        nic = replace(nic, lan_owner=owner, lan_name=name, block=block)
    reader.close()
    system.add_nic(nic)


def _load_block(nic: Nic, reader: Reader, vswitch: Vswitch) -> Block:
    """The block a NIC was coupled with: the one stated, else the user's GRANT."""
    if "block" not in reader:
        return vswitch.grant_of(nic.userid) or Block(nic.userid)
    child = reader.child("block")
    temporary_for = nic.vdev if child.value("temporary", flag, False) else ""
    port = child.value("port", integer(0, 65535), 0)
    block = Block(nic.userid, port, **read_fields(child, fields.BLOCK), temporary_for=temporary_for)
    child.close()
    if temporary_for:
        vswitch.add(block)
    return block


def _owner_and_name(text: str) -> tuple[str, str]:
    owner, _, name = text.strip().partition(" ")
    return names.name(owner), names.name(name)


def _zone(text: str) -> timezone:
    """ "EDT -4" is four hours behind UTC."""
    name, _, hours = text.partition(" ")
    return timezone(timedelta(hours=float(hours or "0")), name)


def _latency(text: str) -> Latency:
    if text not in LATENCIES:
        raise ValueError(f"{text} is none of {', '.join(LATENCIES)}, {{read:, write:, directory:}}")
    return LATENCIES[text]


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < 3600:
        raise ValueError(f"{text} is not a number of seconds")
    return seconds


_NUMBERS: dict[str, Callable[[str], object]] = {
    "probability": float,
    "delay": float,
    **dict.fromkeys(("skip", "count", "rc", "rs", "http"), int),
}


def _with_numbers(data: object) -> dict[str, object]:
    """A rule with texts made numbers where it wants numbers; what is none stays for the rule's own check."""
    if not isinstance(data, Mapping):
        return {"rule": data}
    return {
        key: _with_numbers(value) if isinstance(value, Mapping) else _number(key, value)
        for key, value in data.items()
    }


def _number(key: str, value: object) -> object:
    if key in _NUMBERS and isinstance(value, str):
        with suppress(ValueError):
            return _NUMBERS[key](value)
    return value
