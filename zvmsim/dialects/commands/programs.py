"""The programs that Feilong runs in its guest, each with the texts and exit statuses of the real one.

Source: Feilong smtLayer vmUtils.py (which programs, what is read of their output), zthin smcli.c,
iucvclient.c and unpackdiskimage, s390-tools vmcp.c and vmur.c.
"""

import logging
import posixpath
from collections.abc import Callable, Sequence

from zvmsim.dialects import smcli
from zvmsim.dialects.commands.neighbour import Neighbour
from zvmsim.dialects.commands.wire import Invocation
from zvmsim.dialects.program import Result
from zvmsim.journal import Call
from zvmsim.world.answers import CpReply
from zvmsim.world.gate import DroppedError, Effect, HttpFaultError
from zvmsim.world.smapi import SmapiError
from zvmsim.world.world import World

NAMES = ("sudo", "smcli", "vmcp", "vmur", "iucvclnt")

_LOG = logging.getLogger(__name__)
_NOT_FOUND = 127
_CONNECTION_LOST = 255
_CANNOT_DEPLOY = 3
_IUCV_USAGE, _IUCV_SOCKET_ERROR = 2, 4
_NO_ANSWER = "ERROR: ERROR reading from socket:\nConnection reset by peer\nReturn code 4, Reason code 104.\n"


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
            "vmur": self._vmur,
            "iucvclnt": self._iucvclnt,
            "unpackdiskimage": self._unpackdiskimage,
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

    def _vmur(self, arguments: Sequence[str], invocation: Invocation) -> Result:
        """`vmur punch -r FILE`: the file goes into the guest's own reader."""
        if arguments[:2] != ("punch", "-r") or len(arguments) != 3:
            return Result(1, stderr="vmur: Specify: punch -r FILE\n")
        content = invocation.file
        if content is None:
            return Result(1, stderr=f"vmur: Could not open file {arguments[2]}: No such file or directory\n")
        name = posixpath.basename(arguments[2])
        try:
            reply = self._punch(name, content)
        except (DroppedError, HttpFaultError):
            return Result(_CONNECTION_LOST)
        if reply.rc:
            return Result(1, stderr=f"vmur: Punch of {name} failed: #{reply.rc}\n")
        return Result(0, f"Reader file with spoolid {reply.lines[0]} created.\n")

    def _punch(self, name: str, content: bytes) -> CpReply:
        """Through the gate as "cp:punch"; the reply's line is the spool id."""
        spool = self._world.systems[self._system].spool

        def run() -> CpReply:
            try:
                return CpReply(0, (f"{spool.punch(self._userid, name, content).number:04}",))
            except SmapiError as error:
                return CpReply(error.rs)

        call = Call("cp", self._system, self._userid, "punch", (self._userid,), True, {"name": name})
        effect = Effect(run, lambda _rc, rs: CpReply(rs), lambda reply: (reply.rc, 0))
        return self._world.gate.run(call, effect)

    def _iucvclnt(self, arguments: Sequence[str], _invocation: Invocation) -> Result:
        """`iucvclnt USERID COMMAND...`: what the command prints in that guest."""
        if len(arguments) < 2:
            return Result(_IUCV_USAGE, "ERROR: Usage\nReturn code 2, Reason code 1.\n")
        guest = Neighbour(self._world, self._system, self._userid, arguments[0].upper())
        try:
            return guest.run(" ".join(arguments[1:]))
        except (DroppedError, HttpFaultError):
            return Result(_IUCV_SOCKET_ERROR, _NO_ANSWER)

    def _unpackdiskimage(self, arguments: Sequence[str], _invocation: Invocation) -> Result:
        """`unpackdiskimage USERID VDEV FILE`: unpacks nothing, but wants the disk, and nobody on it.

        Guess: the words about a disk that is not there.
        """
        if len(arguments) != 3:
            return Result(1, "ERROR: Missing required parameter.\n")
        userid, vdev, file = arguments
        told = f'SOURCE USER ID: "{userid}"\nDISK CHANNEL:   "{vdev}"\nIMAGE FILE:     "{file}"\n\n'
        with self._world.lock.reading():
            system = self._world.systems[self._system]
            if userid.upper() in system.guests:
                error = "ERROR: The specified target system is currently running.\n"
                return Result(_CANNOT_DEPLOY, told + error)
            if not system.directory.has_disk(userid.upper(), vdev):
                return Result(_CANNOT_DEPLOY, f"{told}ERROR: Failed to connect disk: {userid}:{vdev}\n")
        return Result(0, told)
