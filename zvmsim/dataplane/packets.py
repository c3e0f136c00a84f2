"""Real packets of a simulator: the switch process made to follow the world."""

import logging
import socket
import threading
import time
from collections import defaultdict
from typing import Final

from zvmsim.dataplane import tree
from zvmsim.dataplane.errors import NoMachineError, PacketsError
from zvmsim.dataplane.machine import Machine
from zvmsim.dataplane.management import Line, Lines
from zvmsim.dataplane.slots import NOTHING, Slot, Slots, machine_name, slots
from zvmsim.dataplane.switch import Switch
from zvmsim.dataplane.wiring import Wiring, wiring_of
from zvmsim.world.world import World

_LOG = logging.getLogger(__name__)
_TIMEOUT_S: Final = 10.0
_PATIENCE_S: Final = 60.0
_LONGEST_PAUSE_S: Final = 0.2


class Packets:
    """The guests of a world as machines that exchange frames. `start` and `stop` belong to the simulator.

    Whatever the world does, the switch process follows within moments; `settle` waits for it.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._outside: dict[str, str] = {}
        self._follower: _Follower | None = None

    def start(self) -> None:
        """Start the switch process and have it follow the world. Raises PacketsError."""
        self._follower = _Follower(self._world, self._outside)
        self._world.lock.listeners.append(self._follower.wake)
        self._follower.wake()

    def stop(self) -> None:
        """End all machines, with everything that runs in them; twice is fine."""
        if self._follower:
            self._world.lock.listeners.remove(self._follower.wake)
            self._follower.close()
            self._follower = None

    def follow(self, world: World) -> None:
        """Another world is in place."""
        if self._follower is None:
            self._world = world
            return
        self._world.lock.listeners.remove(self._follower.wake)
        self._world = self._follower.world = world
        world.lock.listeners.append(self._follower.wake)
        self._follower.wake()

    @property
    def process(self) -> int:
        """The first process of the private tree: `nsenter --target` it to look around."""
        return self._running.switch.process

    def settle(self, timeout: float = _TIMEOUT_S) -> None:
        """Return when frames go as the world is at this moment. Raises TimeoutError, PacketsError."""
        self._running.apply(time.monotonic() + timeout)

    def drain(self, timeout: float = _TIMEOUT_S) -> None:
        """Return when every frame that was sent before has arrived, or is lost. Raises as settle."""
        self._running.switch.request(time.monotonic() + timeout, drain=True)

    def machine(self, system: str, userid: str) -> Machine:
        """A guest that is logged on, as of this boot. Raises NoMachineError, a KeyError; else as settle."""
        world_system = self._world.systems.get(system.upper())
        guest = world_system.guests.get(userid.upper()) if world_system else None
        if guest is None:
            raise NoMachineError(f"{userid} is not logged on to {system}")
        return self._machine(machine_name(system.upper(), userid.upper()), guest.boot_id)

    def outside(self, name: str, lan: str) -> Machine:
        """Plug a machine outside z/VM into a physical LAN: its eth0 sees all frames there, with their tags.

        Raises ValueError if there is no such LAN or the name is taken; else as settle.
        """
        if lan not in self._world.physical_lans:
            raise ValueError(f"there is no LAN {lan!r}")
        if name in self._outside:
            raise ValueError(f"there is an outside machine {name!r} already")
        self._outside[name] = lan
        return self._machine(f"line:{name}", "")

    def unplug_outside(self, name: str) -> None:
        """Take it away with all that runs in it; fine if there is none of that name. Raises as settle."""
        self._outside.pop(name, None)
        self.settle()

    @property
    def _running(self) -> "_Follower":
        if self._follower is None:
            raise PacketsError("the simulator does not run")
        return self._follower

    def _machine(self, name: str, boot_id: str) -> Machine:
        running = self._running
        slot = running.slots.get(name)
        if slot is None or slot.boot_id != boot_id:
            self.settle(_PATIENCE_S)
            slot = running.slots.get(name)
        if slot is None:
            raise NoMachineError(f"{name} is gone")
        return Machine(running, slot)


class _Follower:
    """Applies the world's state to the switch process, in a thread of its own or in whose asks for it."""

    def __init__(self, world: World, outside: dict[str, str]) -> None:
        self.world = world
        self.slots: Slots = NOTHING
        self.switch = Switch()
        self._outside = outside
        self._applied = Wiring()
        self._applying = threading.Lock()
        self._changed = threading.Event()
        self._closing = threading.Event()
        self._lines: Lines | None = None
        self._lines_of: dict[tuple[str, str], list[Line]] = defaultdict(list)
        self._runs: dict[tuple[str, str], int] = {}
        self._keeping = threading.Lock()
        self._thread = threading.Thread(target=self._follow, name="zvmsim packets", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something may have changed."""
        self._changed.set()

    def apply(self, deadline: float) -> None:
        if not self._applying.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise TimeoutError("the switch process is still busy")
        try:
            with self.world.lock.reading():
                wiring = wiring_of(self.world, dict(self._outside))
            if wiring != self._applied:
                self.switch.request(deadline, wiring=wiring.to_json())
                self._applied, self.slots = wiring, slots(wiring)
                self._drop_what_is_gone()
        finally:
            self._applying.release()

    def close(self) -> None:
        self._closing.set()
        self.wake()
        self.switch.end()
        self._thread.join()
        self.switch.close()
        if self._lines:
            self._lines.close()

    # What machines need

    def namespaces(self, slot: Slot, own_run: bool) -> list[str]:
        self._require(slot)
        first = f"/proc/{self.switch.process}"
        home = f"{first}/root/proc/{self._own_run(slot)}" if own_run else first
        user = [] if tree.is_root() else [f"{first}/ns/user"]
        return [*user, f"{home}/ns/pid", f"{first}/root{tree.NAMES}/{slot.name}", f"{home}/ns/mnt"]

    def open_socket(self, slot: Slot, family: int, kind: int, protocol: int) -> socket.socket:
        self._require(slot)
        deadline = time.monotonic() + _PATIENCE_S
        _, descriptors = self.switch.request(
            deadline, socket=slot.name, family=family, kind=kind, protocol=protocol
        )
        return socket.socket(fileno=descriptors[0])

    def line(self, slot: Slot, listener: socket.socket, to: tuple[str, int]) -> Line:
        self._require(slot)
        with self._keeping:
            self._lines = self._lines or Lines()
            line = self._lines.open(listener, to)
            self._lines_of[slot.boot].append(line)
        return line

    # Parts

    def _follow(self) -> None:
        """Never busy for more than half of the time, however often the world changes."""
        while True:
            self._changed.wait()
            self._changed.clear()
            if self._closing.is_set():
                return
            started = time.monotonic()
            try:
                self.apply(started + _PATIENCE_S)
            except TimeoutError as error:
                _LOG.warning("packets lag behind the world: %s", error)
                self._changed.set()
            except PacketsError as error:
                if not self._closing.is_set():
                    _LOG.error("packets no longer follow the world: %s", error)
                return
            self._closing.wait(min(_LONGEST_PAUSE_S, time.monotonic() - started))

    def _require(self, slot: Slot) -> None:
        now = self.slots.get(slot.name)
        if now is None or now.boot != slot.boot:
            raise NoMachineError(f"{slot.name} is gone, or was booted anew")

    def _own_run(self, slot: Slot) -> int:
        with self._keeping:
            if slot.boot not in self._runs:
                answer, _ = self.switch.request(time.monotonic() + _PATIENCE_S, own_run=slot.name)
                self._runs[slot.boot] = answer["process"]
            return self._runs[slot.boot]

    def _drop_what_is_gone(self) -> None:
        here = {slot.boot for slot in self.slots.values()}
        with self._keeping:
            for boot in self._runs.keys() - here:
                del self._runs[boot]
            ended = [line for boot in self._lines_of.keys() - here for line in self._lines_of.pop(boot)]
        for line in ended:
            line.close()
