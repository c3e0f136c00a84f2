"""The programs that Feilong runs in its guest, each with the texts and exit statuses of the real one.

Source: Feilong smtLayer vmUtils.py (which programs, what is read of their output), zthin smcli.c, s390-tools
vmcp.c and vmur.c.
"""

import logging
import posixpath
from collections.abc import Callable, Sequence

from zvmsim.dialects import smcli
from zvmsim.dialects.commands.wire import Invocation
from zvmsim.dialects.program import Result
from zvmsim.world.gate import DroppedError, HttpFaultError
from zvmsim.world.world import World

NAMES = ("sudo", "smcli", "vmcp", "vmur", "iucvclnt")

_LOG = logging.getLogger(__name__)
_NOT_FOUND = 127
_CONNECTION_LOST = 255


class Programs:
    """What one guest of one system can run."""

    def __init__(self, world: World, system: str, userid: str) -> None:
        self._world = world
        self._system = system
        self._userid = userid
        self._by_name: dict[str, Callable[[Sequence[str], Invocation], Result]] = {
            "sudo": self._sudo,
            "smcli": self._smcli,
            "vmcp": self._vmcp,
        }

    def run(self, invocation: Invocation) -> Result:
        """Run the program that the first word names, with or without a path."""
        return self._run(invocation.words, invocation)

    def _run(self, words: Sequence[str], invocation: Invocation) -> Result:
        name = posixpath.basename(words[0]) if words else ""
        program = self._by_name.get(name)
        if program is None:
            _LOG.warning("%s of %s ran %s, which does not exist here", self._userid, self._system, words)
            return Result(_NOT_FOUND, stderr=f"{name}: command not found\n")
        return program(words[1:], invocation)

    def _sudo(self, arguments: Sequence[str], invocation: Invocation) -> Result:
        return self._run(arguments, invocation)

    def _smcli(self, arguments: Sequence[str], invocation: Invocation) -> Result:
        def read(source: str) -> str:
            if invocation.file is None:
                raise FileNotFoundError(source)
            return invocation.file.decode(errors="replace")

        return smcli.run(self._world, self._system, self._userid, arguments, style="today", read=read)

    def _vmcp(self, arguments: Sequence[str], _invocation: Invocation) -> Result:
        """CP's output goes to stdout, whatever its return code; unless that is 0, a complaint to stderr."""
        command = " ".join(arguments)
        try:
            reply = self._world.cp(self._system, self._userid, command)
        except (DroppedError, HttpFaultError):
            return Result(_CONNECTION_LOST)
        text = "".join(f"{line}\n" for line in reply.lines)
        if not reply.rc:
            return Result(0, text)
        complaint = f"Error: non-zero CP response for command '{command.upper()}': #{reply.rc}\n"
        return Result(1, text, complaint)
