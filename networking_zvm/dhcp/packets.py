"""Ethernet frames in and out of the kernel: the trunk NIC by AF_PACKET, the namespaces' devices as TAPs.

Both sides put a virtio_net_hdr before each frame, so that checksums and segments which a sender on the same
machine left to hardware reach the other side as what they are. Nothing here decides anything.
Sources: packet(7); linux/if_packet.h, if_tun.h, virtio_net.h; kernel Documentation/networking/tuntap.
"""

import contextlib
import ctypes
import errno
import fcntl
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from networking_zvm import model
from networking_zvm.dhcp.attachment import Attachment

T = TypeVar("T")

HEADER = 10  # bytes of virtio_net_hdr
ETHERTYPE = HEADER + 12
TPID = 0x8100
_NETNS_DIRECTORY = Path("/run/netns")
_VLAN_MASK = 0x0FFF
_LONGEST = HEADER + 14 + 65536  # what segmentation may leave to hardware

_ETH_P_ALL = 0x0003
_SOL_PACKET = 263
_PACKET_ADD_MEMBERSHIP, _PACKET_DROP_MEMBERSHIP = 1, 2
_PACKET_AUXDATA, _PACKET_VNET_HDR, _PACKET_IGNORE_OUTGOING = 8, 15, 23
_PACKET_MR_PROMISC, _PACKET_MR_UNICAST = 1, 3
_AUXDATA = struct.Struct("IIIHHHH")  # struct tpacket_auxdata
_TP_STATUS_VLAN_VALID, _TP_STATUS_VLAN_TPID_VALID = 0x10, 0x40
_SO_RCVBUFFORCE = 33
_RECEIVE_BUFFER = 4 << 20  # bytes; a burst of some thousand frames

_TUNSETIFF, _TUNSETPERSIST = 0x400454CA, 0x400454CB
_SIOCSIFHWADDR = 0x8924
_IFF_TAP, _IFF_NO_PI, _IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
_ARPHRD_ETHER = 1
_CLONE_NEWNET = 0x40000000
_BUSY_SECONDS = 10.0  # the kernel closes a killed process's TAPs one by one, some 20 ms each

_libc = ctypes.CDLL(None, use_errno=True)


class Foreign(Exception):
    """A frame with a tag that is none of 802.1Q's."""


def vlan_of(status: int, tci: int, tpid: int) -> model.VlanId | None:
    """The VLAN of a received frame from its auxiliary data; None if untagged or only given a priority.

    Raises Foreign for service tags (802.1ad), InvalidValue for 4095.
    """
    if not status & _TP_STATUS_VLAN_VALID:
        return None
    if status & _TP_STATUS_VLAN_TPID_VALID and tpid != TPID:
        raise Foreign(f"tag protocol {tpid:#06x}")
    return model.VlanId(tci & _VLAN_MASK) if tci & _VLAN_MASK else None


class NicSocket:
    """All frames of one NIC, whoever they are for. Raises OSError, also while the NIC is down.

    Promiscuous: NICs that filter VLANs in hardware pass those nobody has registered only then. The devices'
    MACs are registered too, since a switch may answer for registered ones only.
    """

    def __init__(self, interface: str, macs: Iterable[model.Mac]) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
        try:
            self._index = socket.if_nametoindex(interface)
            for option in (_PACKET_AUXDATA, _PACKET_VNET_HDR, _PACKET_IGNORE_OUTGOING):
                self._socket.setsockopt(_SOL_PACKET, option, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _RECEIVE_BUFFER)
            self._socket.bind((interface, _ETH_P_ALL))
            self._membership(_PACKET_ADD_MEMBERSHIP, _PACKET_MR_PROMISC, bytes(6))
            for mac in macs:
                self.register(mac)
            if error := self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise OSError(error, os.strerror(error), interface)
        except OSError:
            self._socket.close()
            raise
        self._buffer = memoryview(bytearray(_LONGEST))

    def fileno(self) -> int:
        return self._socket.fileno()

    def register(self, mac: model.Mac) -> None:
        """Let the NIC know an address of ours."""
        self._membership(_PACKET_ADD_MEMBERSHIP, _PACKET_MR_UNICAST, mac_bytes(mac))

    def forget(self, mac: model.Mac) -> None:
        """The reverse of `register`."""
        self._membership(_PACKET_DROP_MEMBERSHIP, _PACKET_MR_UNICAST, mac_bytes(mac))

    def receive(self) -> tuple[model.VlanId | None, memoryview]:
        """The next frame, valid until the next call, and its VLAN.

        Raises BlockingIOError if there is none, Foreign and InvalidValue as `vlan_of`, OSError if the NIC is
        down or gone.
        """
        size, extra, _, _ = self._socket.recvmsg_into([self._buffer], socket.CMSG_SPACE(_AUXDATA.size))
        for level, kind, data in extra:
            if (level, kind) == (_SOL_PACKET, _PACKET_AUXDATA):
                status, *_, tci, tpid = _AUXDATA.unpack_from(data)
                return vlan_of(status, tci, tpid), self._buffer[:size]
        return None, self._buffer[:size]

    def send(self, frame: memoryview, vlan: model.VlanId | None) -> None:
        """A frame that cannot be sent is lost, as on every Ethernet; a NIC that fails tells so when read."""
        tag = struct.pack("!HH", TPID, vlan) if vlan else b""
        with contextlib.suppress(OSError):
            self._socket.sendmsg([frame[:ETHERTYPE], tag, frame[ETHERTYPE:]])

    def close(self) -> None:
        self._socket.close()

    def _membership(self, change: int, kind: int, mac: bytes) -> None:
        request = struct.pack("iHH8s", self._index, kind, len(mac), mac)
        self._socket.setsockopt(_SOL_PACKET, change, request)


class Tap:
    """A TAP in a network namespace. It outlives the process that opened it unless it is removed.

    One of that name that is there already is taken over, with its addresses and its state. Raises OSError.
    """

    def __init__(self, attachment: Attachment) -> None:
        self.attachment = attachment
        self._namespace = _identity(attachment.namespace)
        self._fd = _in_namespace(attachment.namespace, lambda: _open_tap(attachment.device))
        try:
            request = struct.pack("16sH6s8x", b"", _ARPHRD_ETHER, mac_bytes(attachment.mac))
            fcntl.ioctl(self._fd, _SIOCSIFHWADDR, request)
            fcntl.ioctl(self._fd, _TUNSETPERSIST, 1)
        except OSError:
            os.close(self._fd)
            raise
        self._buffer = memoryview(bytearray(_LONGEST))

    def fileno(self) -> int:
        return self._fd

    @property
    def is_lost(self) -> bool:
        """Whether its namespace has gone by name, or another one has come in its place."""
        try:
            return _identity(self.attachment.namespace) != self._namespace
        except FileNotFoundError:
            return True

    def receive(self) -> memoryview:
        """The next frame, valid until the next call. Raises BlockingIOError; OSError if the TAP is gone."""
        return self._buffer[: os.readv(self._fd, [self._buffer])]

    def send(self, frame: memoryview) -> None:
        """A frame is lost while the device is down."""
        with contextlib.suppress(OSError):
            os.write(self._fd, frame)

    def close(self) -> None:
        """Leave the device behind, without carrier."""
        os.close(self._fd)

    def remove(self) -> None:
        """Take the device away."""
        try:
            fcntl.ioctl(self._fd, _TUNSETPERSIST, 0)
        except OSError as error:
            if error.errno != errno.EBADFD:  # somebody else has removed it
                raise
        finally:
            os.close(self._fd)


def mac_bytes(mac: model.Mac) -> bytes:
    """The six bytes."""
    return bytes.fromhex(mac.replace(":", ""))


def _identity(namespace: str) -> tuple[int, int]:
    status = (_NETNS_DIRECTORY / namespace).stat()
    return status.st_dev, status.st_ino


def _open_tap(device: str) -> int:
    request = struct.pack("16sH22x", device.encode(), _IFF_TAP | _IFF_NO_PI | _IFF_VNET_HDR)
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            fcntl.ioctl(fd, _TUNSETIFF, request)
        except OSError as error:
            if error.errno != errno.EBUSY or time.monotonic() > deadline:
                os.close(fd)
                raise
            time.sleep(0.02)
        else:
            return fd


def _in_namespace(name: str, act: Callable[[], T]) -> T:
    """What `act` returns or raises in a network namespace: in a thread, for setns(2) moves no more."""
    outcome: list[T] = []
    failure: list[OSError] = []

    def enter() -> None:
        try:
            with (_NETNS_DIRECTORY / name).open() as namespace:
                if _libc.setns(namespace.fileno(), _CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), f"setns: {os.strerror(ctypes.get_errno())}", name)
            outcome.append(act())
        except OSError as error:
            failure.append(error)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]
