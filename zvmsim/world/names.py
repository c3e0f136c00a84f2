"""Names and numbers of z/VM as text: checked once, kept upper case and padded.

Each function returns the normal form or raises ValueError with a sentence that says what is expected.
Source: limits of the SMAPI manual and of CP DEFINE VSWITCH, NICDEF (7.1-7.4).
"""

import re


def name(text: str) -> str:
    """A userid, vswitch, LAN or controller name: 1-8 characters."""
    found = text.strip().upper()
    if not re.fullmatch(r"[A-Z0-9@#$_+:-]{1,8}", found):
        raise ValueError(f"{text!r} is not a name of 1-8 characters (A-Z 0-9 @ # $ _ + - :)")
    return found


def device(text: str) -> str:
    """A device number: up to 4 hex digits, padded to 4."""
    found = text.strip().upper()
    if not re.fullmatch(r"[0-9A-F]{1,4}", found):
        raise ValueError(f"{text!r} is not a device number (1-4 hex digits)")
    return found.zfill(4)


def real_device(text: str) -> str:
    """A real device number, possibly with an OSA port: "A100", "A100.P01"."""
    number, dot, port = text.strip().upper().partition(".P")
    if dot and not re.fullmatch(r"[0-9]{1,2}", port):
        raise ValueError(f"{text!r} is not a real device (nnnn or nnnn.Pn)")
    return device(number) + (f".P{int(port):02}" if dot else "")


def mac_id(text: str) -> str:
    """The user's half of a MAC: 6 hex digits."""
    found = text.strip().upper()
    if not re.fullmatch(r"[0-9A-F]{6}", found):
        raise ValueError(f"{text!r} is not a MAC id (6 hex digits)")
    return found


def vlan(text: str) -> int:
    """A VLAN id, 1-4094."""
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= 4094:
        raise ValueError(f"{text} is not a VLAN id (1-4094)")
    return int(text)


def device_range(first: str, count: int) -> range:
    """The device numbers a NIC occupies; ValueError if they leave the range of 4 hex digits."""
    start = int(first, 16)
    if start + count > 0x10000:
        raise ValueError(f"{count} devices from {first} go beyond FFFF")
    return range(start, start + count)
