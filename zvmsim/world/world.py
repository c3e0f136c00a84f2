"""A world: several z/VM systems, the physical LANs that join them, one clock, one journal, one fault book."""

import re
import threading
from collections.abc import Callable

from zvmsim.clock import Clock, SystemClock
from zvmsim.faults import FaultBook
from zvmsim.journal import Call, Journal
from zvmsim.world.answers import CpReply
from zvmsim.world.functions import carry_out, is_mutating
from zvmsim.world.gate import Effect, Gate
from zvmsim.world.smapi import Reply, Request
from zvmsim.world.system import System

CpProcessor = Callable[[System, str, str], CpReply]


class World:
    """Everything the simulator plays.

    systems: by name, upper case. physical_lans: names of the LANs that uplinks are cabled to. cp_processor:
        set by the dialect that speaks CP; called under the lock with (system, caller, command).
    """

    def __init__(self, clock: Clock | None = None, *, seed: int = 0) -> None:
        self.clock: Clock = clock or SystemClock()
        self.journal = Journal()
        self.faults = FaultBook(seed)
        self.gate = Gate(self.clock, self.journal, self.faults)
        self.lock = self.gate.lock
        self.systems: dict[str, System] = {}
        self.physical_lans: list[str] = []
        self.cp_processor: CpProcessor | None = None

    def add(self, system: System) -> None:
        """Take a system in; its guests' COMMAND statements go to the CP processor, if there is one."""
        self.systems[system.name] = system

        def command(userid: str, text: str) -> None:
            if self.cp_processor:
                self.cp_processor(system, userid, text)

        system.on_command = command
        system.later = self._later

    def smapi(self, system: str, request: Request, *, caller: str) -> Reply:
        """Carry out one SMAPI call; refusals are replies.

        Raises KeyError for an unknown system, DroppedError and HttpFaultError where fault rules ask for it.
        """
        subject = self.systems[system]
        effect = Effect(lambda: carry_out(subject, request, caller), Reply, lambda reply: (reply.rc,
        reply.rs))
        return self.gate.run(_smapi_call(system, request, caller), effect)

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        """Carry out under the lock, seconds from now on the world's clock."""

        def wait() -> None:
            self.clock.sleep(seconds)
            with self.lock:
                action()

        threading.Thread(target=wait, name="zvmsim later", daemon=True).start()

    def cp(self, system: str, caller: str, command: str) -> CpReply:
        """Carry out one CP command that the guest `caller` issues; errors as for `smapi`, RuntimeError
        without a processor.
        """
        subject, processor = self.systems[system], self.cp_processor
        if processor is None:
            raise RuntimeError("no CP processor is set")
        effect = Effect(
            lambda: processor(subject, caller.upper(), command),
            lambda rc, rs: CpReply(rs if rc == 396 else rc, ()),
            lambda reply: (reply.rc, 0),
        )
        return self.gate.run(_cp_call(system, caller, command), effect)


def _smapi_call(system: str, request: Request, caller: str) -> Call:
    arguments = {key.lower(): value for key, value in request.arguments.items() if "password" not in
    key.lower()}
    if request.records:
        arguments["records"] = f"{len(request.records)} records"
    named = (arguments.get(key, "") for key in _OBJECT_KEYS)
    objects = [request.target, *named, *arguments.get("portnum", "").split()[1:]]
    return Call(
        "smapi", system, caller, request.function, _distinct(objects), is_mutating(request.function),
        arguments
    )


_OBJECT_KEYS = ("switch_name", "image_device_number", "grant_userid", "revoke_userid", "lan_name")


def _cp_call(system: str, caller: str, command: str) -> Call:
    words = command.lower().split()
    if words and words[0] in _TAKE_PASSWORDS:
        words = words[:2]
    if words and re.fullmatch(r"q(u(e(ry?)?)?)?", words[0]):
        words[0] = "query"
    return Call(
        "cp", system, caller, " ".join(words), _distinct([caller, *words[1:]]), words[:1] != ["query"], {}
    )


_TAKE_PASSWORDS = ("logon", "log", "login", "autolog", "xautolog", "link")


def _distinct(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.upper() for name in names if name))
