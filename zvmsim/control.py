"""The control API: look into a running simulator and do to it what happens to real systems.

`Control` is its in-process form; `zvmsim.control_http` puts the same over HTTP.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, Protocol

from zvmsim import oracle, view
from zvmsim.dialects.xcat.management_node import ManagementNode
from zvmsim.faults import FaultRuleError
from zvmsim.inventory import InventoryError
from zvmsim.journal import Entry
from zvmsim.recent import Recent, recent
from zvmsim.world import names
from zvmsim.world.gate import LATENCIES, Latency
from zvmsim.world.system import System
from zvmsim.world.views import adapter_infos, lan_infos, osa_infos, vswitch_infos
from zvmsim.world.world import World

Json = dict[str, Any]


class ControlError(ValueError):
    """Bad input; the text is "field: what is wrong"."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(f"{field}: {text}")


class Controlled(Protocol):
    """What `Control` needs of a simulator."""

    world: World
    management_node: ManagementNode | None

    def replace_inventory(self, text: str) -> None: ...

    def dump_inventory(self) -> str: ...


class Control:
    """The control API's calls. Raises ControlError for bad input, SmapiError where z/VM declines."""

    def __init__(self, simulator: Controlled) -> None:
        self._simulator = simulator

    @property
    def _world(self) -> World:
        return self._simulator.world

    def systems(self) -> Json:
        """Every system with its vswitches, guests, NICs and the NICs of the directory."""
        with self._world.lock.reading():
            return {name: _system(system) for name, system in self._world.systems.items()}

    def ipl(self, system: str) -> None:
        with self._world.lock:
            self._system(system).ipl()

    def logon(self, system: str, userid: str) -> list[str]:
        """Returns why NICs could not be built or coupled, "1000: 212/8 ..."."""
        with self._world.lock:
            failures = self._system(system).logon(userid.upper())
        return [f"{vdev}: {error}" for vdev, error in failures]

    def logoff(self, system: str, userid: str) -> None:
        with self._world.lock:
            self._system(system).logoff(userid.upper())

    def journal(self, since: int = 0, **filters: Any) -> Json:
        """Calls after a mark; filters as `Journal.entries` takes them."""
        journal = self._world.journal
        entries = journal.entries(since, **filters)
        return {"mark": journal.mark(), "entries": [_entry(entry) for entry in entries]}

    def stats(self) -> Json:
        """Numbers of calls ever made, in all and by function."""
        journal = self._world.journal
        return {
            "calls": journal.total(),
            "mutating": journal.total(mutating=True),
            "functions": [
                {"system": system, "dialect": dialect, "function": function, "mutating": changes, "calls": n}
                for (system, dialect, function, changes), n in sorted(journal.counts().items())
            ],
        }

    def faults(self) -> list[Json]:
        return [
            {"number": number, "acted": acted, **rule.to_dict()}
            for number, rule, acted in self._world.faults.in_force()
        ]

    def add_fault(self, rule: Mapping[str, object]) -> int:
        """Returns the rule's number."""
        try:
            return self._world.faults.add(rule)
        except FaultRuleError as error:
            raise ControlError("rule", str(error)) from error

    def remove_fault(self, number: int) -> None:
        try:
            self._world.faults.remove(number)
        except KeyError:
            raise ControlError("number", f"there is no rule {number}") from None

    def clear_faults(self) -> None:
        self._world.faults.clear()

    def set_delay(self, delay: object) -> None:
        """Seconds per command, or the name of a profile."""
        self._world.gate.latency = _latency(delay)

    def advance(self, seconds: float) -> None:
        self._world.clock.advance(seconds)

    def reach(self, source: str, destination: str, vlan: int | None = None) -> Json:
        """NICs as "SYSTEM:USERID:VDEV"; vlan: tag of the frame."""
        ends = _nic_address("from", source), _nic_address("to", destination)
        return _verdict(*ends, oracle.reach(oracle.snapshot(self._world), *ends, vlan))

    def matrix(self, vlan: int | None = None) -> list[Json]:
        """A verdict for every ordered pair of NICs."""
        verdicts = oracle.matrix(oracle.snapshot(self._world), vlan=vlan)
        return [_verdict(source, destination, found) for (source, destination), found in verdicts.items()]

    def glance(self) -> view.Glance:
        """What `zvmsim.view` makes the live page of."""
        return view.glance(self._world)

    def recent(self, changes_only: bool = False) -> Recent:
        """The last calls and the fault rules, as the live page shows them."""
        world = self._world
        return recent(world.journal, world.faults, changes_only=changes_only)

    def inventory(self) -> str:
        return self._simulator.dump_inventory()

    def load_inventory(self, text: str) -> None:
        try:
            self._simulator.replace_inventory(text)
        except InventoryError as error:
            raise ControlError("inventory", str(error)) from error

    def restart_management_node(self) -> None:
        self._management_node().restart()

    def set_unreachable(self, nodes: list[str]) -> None:
        """Exactly these nodes cannot be reached by ssh from now on."""
        management_node = self._management_node()
        unknown = [node for node in nodes if not management_node.tables.rows("nodelist", node=node)]
        if unknown:
            raise ControlError("nodes", f"there is no node {unknown[0]}")
        management_node.unreachable = set(nodes)

    def _management_node(self) -> ManagementNode:
        if self._simulator.management_node is None:
            raise ControlError("xcat", "the inventory has no such section")
        return self._simulator.management_node

    def _system(self, name: str) -> System:
        system = self._world.systems.get(name.upper())
        if system is None:
            raise ControlError("system", f"there is no {name}; there are {', '.join(self._world.systems)}")
        return system


def _system(system: System) -> Json:
    return {
        "level": system.level,
        "ipl_time": system.ipl_time.isoformat(),
        "system_prefix": system.macs.system_prefix,
        "user_prefix": system.macs.user_prefix,
        "behaviour": system.behaviour.deviations(),
        "vswitches": {info.name: dataclasses.asdict(info) for info in vswitch_infos(system)},
        "lans": [dataclasses.asdict(info) for info in lan_infos(system) if not info.is_vswitch],
        "osas": [dataclasses.asdict(info) for info in osa_infos(system)],
        "guests": {userid: _guest(system, userid) for userid in system.guests},
        "directory": {userid: _nicdefs(system, userid) for userid in system.directory.source},
    }


def _guest(system: System, userid: str) -> Json:
    guest = system.guests[userid]
    nics = adapter_infos(system, userid) if guest.nics else ()
    return {"since": guest.since.isoformat(), "nics": [dataclasses.asdict(nic) for nic in nics]}


def _nicdefs(system: System, userid: str) -> list[str]:
    """Only the NIC statements: the others hold passwords."""
    return [record for record in system.directory.source[userid] if record.upper().startswith("NICDEF")]


def _entry(entry: Entry) -> Json:
    return {
        "number": entry.number,
        "time": entry.time.isoformat(),
        **dataclasses.asdict(entry.call),
        "rc": entry.rc,
        "rs": entry.rs,
        "duration": entry.duration,
        "note": entry.note,
    }


def _nic_address(field: str, text: str) -> oracle.NicAddress:
    try:
        system, name = text.split(":", 1)
        userid, vdev = name.rsplit(":", 1)
        return oracle.NicAddress(system.upper(), names.name(userid), names.device(vdev))
    except ValueError:
        raise ControlError(field, f"{text!r} is not SYSTEM:USERID:VDEV") from None


def _verdict(source: oracle.NicAddress, destination: oracle.NicAddress, found: oracle.Verdict) -> Json:
    ends = (f"{end.system}:{end.userid}:{end.vdev}" for end in (source, destination))
    return {"from": next(ends), "to": next(ends), "ok": found.ok, "because": found.because}


def _latency(delay: object) -> Latency:
    if isinstance(delay, str):
        if delay not in LATENCIES:
            raise ControlError("delay", f"{delay!r} is none of {', '.join(LATENCIES)}")
        return LATENCIES[delay]
    if not isinstance(delay, Mapping):
        raise ControlError("delay", "neither a profile's name nor seconds by kind of command")
    known = [field.name for field in dataclasses.fields(Latency)]
    for key, value in delay.items():
        if key not in known:
            raise ControlError(f"delay.{key}", f"unknown; there are {', '.join(known)}")
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise ControlError(f"delay.{key}", f"{value!r} is not a number of seconds")
    return Latency(**delay)
