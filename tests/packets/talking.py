"""What ends say to each other on a wire, and what a bystander hears of it."""

import contextlib
import itertools
import secrets
import socket
import struct
from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from zvmlab.traffic import End
from zvmsim.dataplane.machine import Machine

PING_S = 10.0
SILENCE_S = 1.0
TALK_S = 30.0
AT_ONCE = 8

SOL_PACKET, PACKET_AUXDATA, SO_RCVBUFFORCE = 263, 8, 33
EVERYTHING = 0x0003  # ETH_P_ALL
OUTGOING = 4
TAG_THERE = 0x10
AUXDATA = struct.Struct("IIIHHHH")


def pings(ends: Iterable[End], likely: set[tuple[End, End]]) -> set[tuple[End, End]]:
    """The ordered pairs of which the first's ping is answered; those not likely get less time."""
    pairs = list(itertools.permutations(ends, 2))

    def answered(pair: tuple[End, End]) -> bool:
        here, there = pair
        return here.machine.ping(there.ip, PING_S if pair in likely else SILENCE_S) is not None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return {pair for pair, well in zip(pairs, pool.map(answered, pairs), strict=True) if well}


def stream(here: End, there: End, size: int) -> bool:
    """Whether so many bytes arrive by TCP as they were sent. Raises OSError."""
    sent = secrets.token_bytes(size)
    with (
        there.machine.open_socket(socket.AF_INET, socket.SOCK_STREAM) as listener,
        here.machine.open_socket(socket.AF_INET, socket.SOCK_STREAM) as caller,
        ThreadPoolExecutor(1) as pool,
    ):
        for end in (listener, caller):
            end.settimeout(TALK_S)
        listener.bind((there.ip, 0))
        listener.listen()
        caller.connect(listener.getsockname())
        answerer, _ = listener.accept()
        with answerer, answerer.makefile("rb") as stream:
            answerer.settimeout(TALK_S)
            sending = pool.submit(caller.sendall, sent)
            received = stream.read(size)
            sending.result()
    return received == sent


def datagram(here: End, there: End, size: int) -> bool:
    """Whether a UDP datagram arrives as it was sent, in pieces if it must. Raises OSError."""
    sent = secrets.token_bytes(size)
    with (
        there.machine.open_socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
        here.machine.open_socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        receiver.settimeout(TALK_S)
        receiver.bind((there.ip, 0))
        sender.sendto(sent, receiver.getsockname())
        return receiver.recv(size + 1) == sent


class Bystander:
    """An ear on a LAN, within a `with` block; the LAN brings it what is for everybody."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def __enter__(self) -> Self:
        self._ear = self._machine.open_socket(socket.AF_PACKET, socket.SOCK_RAW)
        self._ear.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self._ear.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)
        self._ear.bind((self._machine.interface(), EVERYTHING))
        self._ear.setblocking(False)
        return self

    def __exit__(self, *_: object) -> None:
        self._ear.close()

    def tags(self) -> Mapping[str, set[int | None]]:
        """By MAC address, the tags that its frames have borne, None for none."""
        heard: dict[str, set[int | None]] = defaultdict(set)
        with contextlib.suppress(BlockingIOError):
            while True:
                frame, extra, _, address = self._ear.recvmsg(64, socket.CMSG_SPACE(AUXDATA.size))
                status, *_, tag, _ = AUXDATA.unpack(extra[0][2])
                if address[2] != OUTGOING:
                    heard[frame[6:12].hex(":")].add(tag & 0xFFF if status & TAG_THERE else None)
        return heard
