"""Ethernet II frames and their 802.1Q tags, as bytes (IEEE 802.1Q-2022, clause 9).

A tag is the type 8100 and two bytes of tag control information: priority (PCP, 3 bits), drop eligible (DEI,
1 bit), VLAN id (12 bits). VLAN id 0 makes a priority tag: such a frame is in no VLAN, as if untagged. A frame
may carry several tags; only the outermost counts here.
"""

SHORTEST = 14
"""Bytes of addresses and type; what is shorter is no frame. (Padding to 60 is a matter of real wires.)"""

TAG_TYPE = b"\x81\x00"
NO_VLAN = 0
RESERVED_VLAN = 0xFFF
BROADCAST = b"\xff" * 6

_SHORTEST_TAGGED = SHORTEST + 4
_VLAN_BITS, _PRIORITY_BITS = 0x0FFF, 0xF000


def is_frame(frame: bytes) -> bool:
    """Whether addresses and type are there, behind a tag too, and a single station sent it.

    False for runts and for a group address as the sender's (IEEE 802.3-2022, 3.2.3).
    """
    size = len(frame)
    whole = size >= _SHORTEST_TAGGED or (size >= SHORTEST and frame[12:14] != TAG_TYPE)
    return whole and not frame[6] & 1


def destination(frame: bytes) -> bytes:
    """The six bytes of the receiver's MAC address."""
    return frame[:6]


def source(frame: bytes) -> bytes:
    """The six bytes of the sender's MAC address."""
    return frame[6:12]


def is_group(mac: bytes) -> bool:
    """Whether it is a multicast or the broadcast address."""
    return bool(mac[0] & 1)


def is_tagged(frame: bytes) -> bool:
    """Whether it carries a tag, a priority tag included."""
    return frame[12:14] == TAG_TYPE


def vlan(frame: bytes) -> int:
    """The VLAN id of its tag; 0 when it is untagged or has a priority tag."""
    return (frame[14] << 8 | frame[15]) & _VLAN_BITS if frame[12:14] == TAG_TYPE else NO_VLAN


def priority(frame: bytes) -> int:
    """PCP and DEI of its tag where tag control information has them (a multiple of 4096); 0 untagged."""
    return (frame[14] << 8) & _PRIORITY_BITS if frame[12:14] == TAG_TYPE else 0


def pushed(frame: bytes, vlan: int, priority: int = 0) -> bytes:
    """The frame with one more tag, outermost; `priority` as the function of that name gives it."""
    return frame[:12] + TAG_TYPE + (priority | vlan).to_bytes(2) + frame[12:]


def popped(frame: bytes) -> bytes:
    """The frame without its outermost tag, or itself when it has none."""
    return frame[:12] + frame[16:] if frame[12:14] == TAG_TYPE else frame
