"""Calls of Linux that Python 3.11 does not offer: namespaces, mounts, TAP devices, links.

A network namespace belongs to a thread, so whoever changes it here says for how long. Raises OSError.
Sources: namespaces(7), setns(2), mount(2), netdevice(7), Linux Documentation/networking/tuntap.rst and
include/uapi/linux/if_tun.h.
"""

import contextlib
import ctypes
import fcntl
import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

T = TypeVar("T")

CLONE_NEWNS: Final = 0x0002_0000
CLONE_NEWPID: Final = 0x2000_0000
CLONE_NEWNET: Final = 0x4000_0000

MS_BIND: Final = 0x1000
MS_REC: Final = 0x4000
MS_PRIVATE: Final = 0x4_0000
MNT_DETACH: Final = 2

TUN: Final = "/dev/net/tun"

_TUNSETIFF: Final = 0x4004_54CA
_TUNSETCARRIER: Final = 0x4004_54E2
_TUNGETFEATURES: Final = 0x8004_54CF
_IFF_TAP: Final = 0x0002
_IFF_NO_PI: Final = 0x1000

_SIOCGIFFLAGS: Final = 0x8913
_SIOCSIFFLAGS: Final = 0x8914
_SIOCSIFADDR: Final = 0x8916
_SIOCSIFNETMASK: Final = 0x891C
_SIOCSIFMTU: Final = 0x8922
_SIOCSIFHWADDR: Final = 0x8924
_SIOCDARP: Final = 0x8953
_SIOCETHTOOL: Final = 0x8946
_ETHTOOL_GLINK: Final = 10
_IFF_UP: Final = 1
_ARPHRD_ETHER: Final = 1

_libc = ctypes.CDLL(None, use_errno=True)


def unshare(flags: int) -> None:
    """Take the calling thread (for CLONE_NEWPID: its children) into new namespaces."""
    _checked(_libc.unshare(flags), "unshare")


def setns(namespace: int) -> None:
    """Take the calling thread into the namespace that the file descriptor stands for."""
    _checked(_libc.setns(namespace, 0), "setns")


def mount(source: str, target: str | Path, kind: str = "", flags: int = 0) -> None:
    """mount(2), without data."""
    words = [word.encode() for word in (source, str(target), kind)]
    _checked(_libc.mount(*words, ctypes.c_ulong(flags), None), f"mount on {target}")


def unmount(target: str | Path) -> None:
    """Take a mount away, now for new users and later for old ones (umount2, MNT_DETACH)."""
    _checked(_libc.umount2(str(target).encode(), MNT_DETACH), f"umount {target}")


def in_thread(work: Callable[[], T]) -> T:
    """Do work that changes the thread's namespaces in a thread that ends with it."""
    results: list[T] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001  # raised again by the caller's thread
            errors.append(error)

    thread = threading.Thread(target=run, name="zvmsim namespace")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


@contextlib.contextmanager
def network_namespace(path: str | Path | None) -> Iterator[None]:
    """Let the calling thread be in that network namespace, or in a new one, for a while."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        if path is None:
            unshare(CLONE_NEWNET)
        else:
            there = os.open(path, os.O_RDONLY)
            try:
                setns(there)
            finally:
                os.close(there)
        yield
    finally:
        setns(home)
        os.close(home)


def check_tun() -> None:
    """Raises OSError if there can be no TAP devices."""
    tun = os.open(TUN, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.ioctl(tun, _TUNGETFEATURES, bytes(4))
    finally:
        os.close(tun)


def open_tap(name: str, mac: str) -> int:
    """A new TAP of the thread's network namespace, down; the device lives until the descriptor is closed.

    mac: "02:00:01:00:00:01", or "" for a random one.
    """
    tap = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
    try:
        fcntl.ioctl(tap, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TAP | _IFF_NO_PI))
        if mac:
            set_mac(tap, mac)
    except OSError:
        os.close(tap)
        raise
    return tap


def set_mac(tap: int, mac: str) -> None:
    """Give the TAP this MAC address, whichever namespace it is in."""
    address = bytes.fromhex(mac.replace(":", ""))
    fcntl.ioctl(tap, _SIOCSIFHWADDR, struct.pack("16xH6s16x", _ARPHRD_ETHER, address))


def set_carrier(tap: int, on: bool) -> None:
    """What the TAP's owner sees as a cable that is plugged in; Linux 5.0 and later."""
    fcntl.ioctl(tap, _TUNSETCARRIER, struct.pack("i", int(on)))


def await_carrier(link: socket.socket, name: str) -> None:
    """Return when the device sends and keeps frames as its carrier says, not moments later.

    Asked for its link, Linux 6.9 and later first does what it has put off for after a change of the carrier
    (net/ethtool/ioctl.c, ethtool_op_get_link).
    """
    answer = ctypes.create_string_buffer(struct.pack("II", _ETHTOOL_GLINK, 0))
    fcntl.ioctl(link, _SIOCETHTOOL, struct.pack("16sP16x", name.encode(), ctypes.addressof(answer)))


def set_mtu(link: socket.socket, name: str, mtu: int) -> None:
    """link: any socket of the namespace that the device is in."""
    fcntl.ioctl(link, _SIOCSIFMTU, struct.pack("16si20x", name.encode(), mtu))


def set_up(link: socket.socket, name: str) -> None:
    """Take a device into use, as `ip link set up` does."""
    answer = fcntl.ioctl(link, _SIOCGIFFLAGS, struct.pack("16s24x", name.encode()))
    flags = struct.unpack_from("16xH", answer)[0]
    fcntl.ioctl(link, _SIOCSIFFLAGS, struct.pack("16sH22x", name.encode(), flags | _IFF_UP))


def set_ipv4(link: socket.socket, name: str, address: str, netmask: str) -> None:
    """Give a device this one IPv4 address."""
    for number, value in ((_SIOCSIFADDR, address), (_SIOCSIFNETMASK, netmask)):
        packed = struct.pack("16sH2x4s16x", name.encode(), socket.AF_INET, socket.inet_aton(value))
        fcntl.ioctl(link, number, packed)


def forget_neighbour(link: socket.socket, name: str, address: str) -> None:
    """Drop what ARP knows of an IPv4 address (arp(7)); fine if it knows nothing."""
    packed = struct.pack("H2x4s8x16xi16x16s", socket.AF_INET, socket.inet_aton(address), 0, name.encode())
    with contextlib.suppress(OSError):
        fcntl.ioctl(link, _SIOCDARP, packed)


def _checked(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
