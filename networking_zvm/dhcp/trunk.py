"""The helper that takes the VLANs of one trunk NIC apart where the kernel has no 802.1Q.

A frame of the NIC goes, without its tag, to the TAPs of its VLAN whose it is; a frame of a TAP leaves through
the NIC with the tag of that TAP's VLAN, and with no other. TAPs of one NIC do not hear one another: as with
a switch's port, what went out does not come back.

The interface driver starts it as root and tells it what to do (`trunk_control`). It goes on without the
agent. What it was told stands in a file, so that one that is started after a kill takes its TAPs over, which
keep their addresses meanwhile. It ends when it has no TAP any more. SIGTERM ends it, too, and leaves all as
a kill does.
"""

import argparse
import fcntl
import json
import logging
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from networking_zvm import errors, model
from networking_zvm.dhcp import trunk_control
from networking_zvm.dhcp.attachment import Attachment, device_name
from networking_zvm.dhcp.packets import (
    ETHERTYPE,
    HEADER,
    TPID,
    Foreign,
    NicSocket,
    Tap,
    mac_bytes,
)

LOG = logging.getLogger("trunk")

_BURST = 64  # frames from one side before the others have their turn
_NIC_RETRY_SECONDS = 1.0
_VLAN_TAGS = (TPID.to_bytes(2, "big"), b"\x88\xa8")


class Files:
    """What the helper of one NIC keeps in the agent's state directory, and where driver and helper meet."""

    def __init__(self, directory: Path, interface: str) -> None:
        self.socket = directory / f"{interface}.sock"
        self.attachments = directory / f"{interface}.json"
        self.lock = directory / f"{interface}.lock"
        self.log = directory / f"{interface}.log"

    def load(self) -> list[Attachment]:
        """What was saved last; what cannot be read is left out."""
        try:
            return [Attachment.read(raw) for raw in json.loads(self.attachments.read_bytes())]
        except FileNotFoundError:
            return []
        except (ValueError, TypeError) as error:
            LOG.warning("%s is unreadable, the agent has to plug anew: %s", self.attachments, error)
            return []

    def save(self, attachments: Iterable[Attachment], owner: int) -> None:
        """In one piece or not at all."""
        new = self.attachments.with_suffix(".new")
        new.unlink(missing_ok=True)
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with open(fd, "w") as file:
            os.fchown(fd, owner, -1)
            json.dump([attachment.written() for attachment in attachments], file, indent=1)
        new.replace(self.attachments)


class Table:
    """Which TAPs a frame from the NIC is for."""

    def __init__(self) -> None:
        self._of_vlan: dict[model.VlanId | None, dict[bytes, Tap]] = {}

    def fill(self, taps: Iterable[Tap]) -> None:
        """Replace all."""
        self._of_vlan = {}
        for tap in taps:
            of_vlan = self._of_vlan.setdefault(tap.attachment.vlan, {})
            of_vlan[mac_bytes(tap.attachment.mac)] = tap

    def receivers(self, vlan: model.VlanId | None, destination: bytes) -> Iterable[Tap]:
        """Everybody on the VLAN for a group address, else its owner if that is one of ours."""
        there = self._of_vlan.get(vlan, {})
        if destination[0] & 1:
            return there.values()
        return (there[destination],) if destination in there else ()


class Trunk:
    """The helper's state. handlers: what to do when a file descriptor becomes readable."""

    def __init__(self, interface: str, files: Files, owner: int) -> None:
        self._interface = interface
        self._files = files
        self._owner = owner
        self._poll = select.epoll()
        self._handlers: dict[int, Callable[[], None]] = {}
        self._taps: dict[str, Tap] = {}
        self._table = Table()
        self._nic: NicSocket | None = None
        self._was_used = False

    def start(self) -> None:
        """Take over what a helper before had, then listen. Raises OSError."""
        self._open_nic()
        if self._nic is None:
            LOG.warning("%s is missing or down, waiting for it", self._interface)
        for attachment in self._files.load():
            try:
                self._add(attachment)
                self._was_used = True
            except OSError as error:
                LOG.warning("%s in %s is given up: %s", attachment.device, attachment.namespace, error)
        self._save()
        listener = trunk_control.listen(self._files.socket, self._owner)
        self._watch(listener.fileno(), lambda: self._accept(listener))

    def run(self) -> None:
        """Until no TAP is left, once one was wanted."""
        while self._taps or not self._was_used:
            for fd, _ in self._poll.poll(_NIC_RETRY_SECONDS if self._nic is None else None):
                if handler := self._handlers.get(fd):
                    handler()
            if self._nic is None:
                self._open_nic()
        for file in (self._files.socket, self._files.attachments):
            file.unlink(missing_ok=True)

    def _watch(self, fd: int, handler: Callable[[], None]) -> None:
        self._poll.register(fd, select.EPOLLIN)
        self._handlers[fd] = handler

    def _ignore(self, fd: int) -> None:
        self._poll.unregister(fd)
        del self._handlers[fd]

    def _accept(self, listener: socket.socket) -> None:
        try:
            line, _ = listener.accept()
        except OSError:  # whoever asked has gone
            return
        line.setblocking(False)
        self._watch(line.fileno(), lambda: self._answer(line))

    def _answer(self, line: socket.socket) -> None:
        self._ignore(line.fileno())
        with line:
            if question := trunk_control.hear(line):
                trunk_control.answer(line, self._obey(question))

    def _obey(self, question: trunk_control.Message) -> trunk_control.Message:
        try:
            match question.get("do"):
                case "attach":
                    self._attach(Attachment.read(question))
                case "detach":
                    return {"error": None, "found": self._detach(device_name(str(question.get("device"))))}
                case other if other != "status":
                    return {"error": f"{other!r}: attach, detach and status are known"}
        except (errors.InvalidValue, OSError) as error:
            LOG.warning("%s: %s", question, error)
            return {"error": str(error)}
        return {"error": None, "pid": os.getpid(), "devices": len(self._taps)}

    def _attach(self, attachment: Attachment) -> None:
        self._was_used = True
        self._prune()
        if old := self._taps.get(attachment.device):
            if old.attachment == attachment:
                return
            self._drop(old, Tap.remove)
        self._add(attachment)
        self._save()
        LOG.info("%s in %s has %s", attachment.device, attachment.namespace, _vlan_name(attachment.vlan))

    def _detach(self, device: str) -> bool:
        self._prune()
        tap = self._taps.get(device)
        if tap:
            self._drop(tap, Tap.remove)
            LOG.info("%s is removed", device)
        self._save()
        return tap is not None

    def _prune(self) -> None:
        """Let go of namespaces that are gone: an open TAP would hold them forever."""
        for tap in list(self._taps.values()):
            if tap.is_lost:
                LOG.info("%s is gone with its namespace", tap.attachment.device)
                self._drop(tap, Tap.remove)

    def _add(self, attachment: Attachment) -> None:
        tap = Tap(attachment)
        try:
            if self._nic:
                self._nic.register(attachment.mac)
        except OSError:
            tap.remove()
            raise
        self._taps[attachment.device] = tap
        self._table.fill(self._taps.values())
        self._watch(tap.fileno(), lambda: self._from_tap(tap))

    def _drop(self, tap: Tap, end: Callable[[Tap], None]) -> None:
        del self._taps[tap.attachment.device]
        self._table.fill(self._taps.values())
        self._ignore(tap.fileno())
        if self._nic:
            self._nic.forget(tap.attachment.mac)
        end(tap)

    def _save(self) -> None:
        self._files.save((tap.attachment for tap in self._taps.values()), self._owner)

    def _open_nic(self) -> None:
        try:
            nic = NicSocket(self._interface, [tap.attachment.mac for tap in self._taps.values()])
        except OSError as error:
            LOG.debug("%s: %s", self._interface, error)
            return
        LOG.info("%s is open", self._interface)
        self._nic = nic
        self._watch(nic.fileno(), lambda: self._from_nic(nic))

    def _lose_nic(self, nic: NicSocket, error: OSError) -> None:
        LOG.warning("%s is lost, waiting for it: %s", self._interface, error)
        self._ignore(nic.fileno())
        nic.close()
        self._nic = None

    def _from_nic(self, nic: NicSocket) -> None:
        for _ in range(_BURST):
            try:
                vlan, frame = nic.receive()
            except BlockingIOError:
                return
            except (Foreign, errors.InvalidValue):
                continue
            except OSError as error:
                self._lose_nic(nic, error)
                return
            if len(frame) >= ETHERTYPE + 2:
                for tap in self._table.receivers(vlan, bytes(frame[HEADER : HEADER + 6])):
                    tap.send(frame)

    def _from_tap(self, tap: Tap) -> None:
        for _ in range(_BURST):
            try:
                frame = tap.receive()
            except BlockingIOError:
                return
            except OSError as error:
                LOG.warning("%s is gone: %s", tap.attachment.device, error)
                self._drop(tap, Tap.close)
                self._save()
                return
            if self._nic and frame[ETHERTYPE : ETHERTYPE + 2] not in _VLAN_TAGS:
                self._nic.send(frame, tap.attachment.vlan)


def _vlan_name(vlan: model.VlanId | None) -> str:
    return f"VLAN {vlan}" if vlan else "the untagged frames"


def _lock(path: Path) -> bool:
    """Whether this is the NIC's only helper; the lock ends with the process."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return False
    return True


def _into_background(log: Path) -> None:
    """Let the starter go, who waits until we are ready; from now on words go to the log file."""
    fd = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    sys.stderr.flush()
    if os.fork():
        os._exit(0)
    os.setsid()
    os.chdir("/")
    for source, target in ((nothing, 0), (fd, 1), (fd, 2)):
        os.dup2(source, target)


def main(argv: Sequence[str] | None = None) -> int:
    """Start the helper of one NIC; returns at once if it has one. Exit status 1: it cannot be served."""
    parser = argparse.ArgumentParser(description="Takes the VLANs of a NIC apart.")
    parser.add_argument("--interface", required=True, type=device_name)
    parser.add_argument("--state", required=True, type=Path, help="directory for socket, lock, state and log")
    parser.add_argument("--owner", default=os.getuid(), type=int, help="user who may give orders")
    arguments = parser.parse_args(argv)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    files = Files(arguments.state, arguments.interface)
    if not _lock(files.lock):
        return 0
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # one for each TAP
    trunk = Trunk(arguments.interface, files, arguments.owner)
    try:
        trunk.start()
    except OSError as error:
        LOG.error("%s cannot be served: %s", arguments.interface, error)  # noqa: TRY400
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _into_background(files.log)
    trunk.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
