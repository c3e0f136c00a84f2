"""Linux in another guest, as far as Feilong looks into it over IUCV.

Source: zthin iucvclient.c (texts, return codes), Feilong smtclient.py (the commands). Guess: every guest that
is on runs a Linux that answers.
"""

import fnmatch
from collections.abc import Sequence

from zvmsim.dialects.program import Program, Result
from zvmsim.dialects.shell import Shell
from zvmsim.journal import Call
from zvmsim.world.gate import Effect
from zvmsim.world.world import World

_SOCKET_ERROR, _COMMAND_FAILED = 4, 8
_NETWORK_UNREACHABLE = 101
_FILES = {"/etc/os-release": 'NAME="Red Hat Enterprise Linux"\nID="rhel"\nVERSION_ID="8.4"\n'}
_KERNEL = "Linux 4.18.0-305.el8.s390x s390x"


class Neighbour:
    """userid: the guest that is asked. caller: the one that asks."""

    def __init__(self, world: World, system: str, caller: str, userid: str) -> None:
        self._world = world
        self._system = system
        self._caller = caller
        self._userid = userid

    def run(self, command: str) -> Result:
        """Run a command as root there. Raises DroppedError, HttpFaultError where fault rules ask for it."""
        objects = (self._userid,)
        call = Call("iucv", self._system, self._caller, command.lower(), objects, False, {})
        effect = Effect(
            lambda: self._answer(command),
            lambda rc, rs: _failed(rc, rs, "the command"),
            lambda result: (result.exit_code, 0),
        )
        return self._world.gate.run(call, effect)

    def _answer(self, command: str) -> Result:
        if self._userid not in self._world.systems[self._system].guests:
            return _failed(_SOCKET_ERROR, _NETWORK_UNREACHABLE, "ERROR connecting socket:")
        ours = {"vmcp": self._vmcp, "systemctl": self._systemctl}
        result = Shell({**_PROGRAMS, **ours}, dict(_FILES)).run(command)
        if result.exit_code:
            return _failed(_COMMAND_FAILED, result.exit_code, result.stdout + result.stderr)
        return Result(0, result.stdout)

    def _vmcp(self, arguments: Sequence[str], _stdin: str) -> Result:
        processor = self._world.cp_processor
        if processor is None:
            raise RuntimeError("no CP processor is set")
        reply = processor(self._world.systems[self._system], self._userid, " ".join(arguments))
        return Result(int(bool(reply.rc)), "".join(f"{line}\n" for line in reply.lines))

    def _systemctl(self, arguments: Sequence[str], _stdin: str) -> Result:
        """zvmguestconfigure reads the reader and takes every NIC into use."""
        if "zvmguestconfigure.service" in arguments:
            system = self._world.systems[self._system]
            for vdev in list(system.guests[self._userid].nics):
                system.set_driver(self._userid, vdev, running=True)
        return Result()


def _ls(arguments: Sequence[str], _stdin: str) -> Result:
    found = [name for name in _FILES for pattern in arguments if fnmatch.fnmatch(name, pattern)]
    return Result(0 if found else 2, "".join(f"{name}\n" for name in found))


_PROGRAMS: dict[str, Program] = {
    "ls": _ls,
    "lscpu": lambda _arguments, _stdin: Result(0, "# CPU\n0\n"),
    "uname": lambda _arguments, _stdin: Result(0, f"{_KERNEL}\n"),
}


def _failed(returncode: int, reason: int, message: str) -> Result:
    return Result(
        returncode % 256, f"ERROR: {message}\nReturn code {returncode}, Reason code {reason}.\n"
    )
