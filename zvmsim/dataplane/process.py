"""The switch process: `python -m zvmsim.dataplane.process DESCRIPTOR`, the first process of a private tree.

It serves the simulator over the socket that it is given, and ends when that end of it is closed.
"""

import resource
import signal
import socket
import sys
import threading
from typing import Final

from zvmsim.dataplane import namespaces, tree
from zvmsim.dataplane.builder import Builder
from zvmsim.dataplane.channel import Channel, Message
from zvmsim.dataplane.loop import Loop
from zvmsim.dataplane.wiring import Wiring

_SWITCH_INTERVAL_S: Final = 0.0005
"""Frames wait no longer than this while the other thread thinks."""


def main() -> None:
    channel = Channel(socket.socket(fileno=int(sys.argv[1])))
    outside = tree.furnish()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    loop = Loop()
    threading.Thread(target=_carry, args=(loop, channel), name="zvmsim frames", daemon=True).start()
    channel.send({"process": outside})
    _Service(channel, loop).run()


def _carry(loop: Loop, channel: Channel) -> None:
    """If frames cannot be carried any more, the process has no purpose."""
    try:
        loop.run()
    finally:
        channel.end()


class _Service:
    """Answers the simulator's requests one after the other."""

    def __init__(self, channel: Channel, loop: Loop) -> None:
        self._channel = channel
        self._loop = loop
        self._builder = Builder(loop)

    def run(self) -> None:
        """Until the simulator is gone; the process ends then, and with it the tree."""
        try:
            while True:
                request, _ = self._channel.receive()
                self._answer(request)
        except (EOFError, OSError):
            self._builder.close()

    def _answer(self, request: Message) -> None:
        """A wiring that could be applied in part only is the end; better none than a wrong one."""
        try:
            reply, descriptors = self._carry_out(request)
        except OSError as error:
            reply, descriptors = {"error": str(error)}, []
            if "wiring" in request:
                self._channel.send(reply)
                raise
        self._channel.send(reply, [end.fileno() for end in descriptors])
        for end in descriptors:
            end.close()

    def _carry_out(self, request: Message) -> tuple[Message, list[socket.socket]]:
        match request:
            case {"wiring": text}:
                self._builder.apply(Wiring.from_json(text))
                return {}, []
            case {"drain": _}:
                self._loop.drain()
                return {}, []
            case {"socket": machine, "family": family, "kind": kind, "protocol": protocol}:
                return {}, [namespaces.open_socket(machine, family, kind, protocol)]
            case {"own_run": machine}:
                return {"process": namespaces.start_own_run(machine)}, []
        return {"error": f"no such request: {sorted(request)}"}, []


if __name__ == "__main__":
    main()
