"""Value types of the field: what a z/VM system, its NICs and Neutron's wishes look like.

All are frozen and validate on creation, so that no other module has to. Nothing here knows a network, a
clock or a log. Vocabulary: see docs/concepts.
"""

import dataclasses
import enum
import re
from collections.abc import Mapping
from typing import Self

from networking_zvm import errors

_NAME = re.compile(r"[A-Z0-9@#$_][A-Z0-9@#$_+:-]{0,7}")
_VDEV = re.compile(r"[0-9A-F]{1,4}")
_VLAN = re.compile(r"[0-9]{1,9}")
_MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")
_OWNER_NETWORK = "network:"  # neutron_lib.constants.DEVICE_OWNER_NETWORK_PREFIX
_PREFIX = re.compile(r"(?:[0-9a-f]{2}:){2}[0-9a-f]{2}")


class Userid(str):
    """Name of a guest: 1-8 of A-Z 0-9 @ # $ _ + : - in upper case, not beginning with a sign.

    A leading '-' would be read as an option by the commands the name ends up in.
    Raises InvalidValue. Source: CP Planning and Administration, USER statement.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        return super().__new__(cls, _name("userid", text))


class VSwitchName(str):
    """Name of a vswitch: 1-8 characters as in a userid. Raises InvalidValue. Source: CP DEFINE VSWITCH."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        return super().__new__(cls, _name("vswitch name", text))


def _name(what: str, text: str) -> str:
    name = text.strip().upper()
    if not text.isascii() or not _NAME.fullmatch(name):
        raise errors.InvalidValue(f"{what} {text!r}: must be 1-8 of A-Z 0-9 @ # $ _ + : -")
    return name


class Vdev(str):
    """Virtual device number of a NIC's first device: four upper-case hex digits, padded ("800" is 0800).

    Raises InvalidValue. Source: NICDEF, CP Planning and Administration.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        digits = text.strip().upper()
        if not text.isascii() or not _VDEV.fullmatch(digits):
            raise errors.InvalidValue(f"virtual device {text!r}: must be 1-4 hex digits")
        return super().__new__(cls, digits.rjust(4, "0"))


class VlanId(int):
    """VLAN id, 1-4094. Raises InvalidValue. Source: CP SET VSWITCH, IEEE 802.1Q."""

    __slots__ = ()

    def __new__(cls, number: int | str) -> Self:
        text = str(number).strip()
        value = int(text) if text.isascii() and _VLAN.fullmatch(text) else 0
        if not 1 <= value <= 4094:
            raise errors.InvalidValue(f"VLAN {number!r}: must be 1-4094")
        return super().__new__(cls, value)


class MacPrefix(str):
    """First three bytes of the MACs a z/VM system hands out, as "02:00:00". Raises InvalidValue.

    Source: VMLAN MACPREFIX and USERPREFIX, CP Planning and Administration.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        prefix = _octets(text)
        if not _PREFIX.fullmatch(prefix):
            raise errors.InvalidValue(f"MAC prefix {text!r}: must be six hex digits")
        return super().__new__(cls, prefix)


class Mac(str):
    """MAC address as Neutron writes it, "02:00:00:12:34:56". Raises InvalidValue."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        mac = _octets(text)
        if not _MAC.fullmatch(mac):
            raise errors.InvalidValue(f"MAC {text!r}: must be twelve hex digits")
        return super().__new__(cls, mac)

    @classmethod
    def assemble(cls, prefix: MacPrefix, macid: str) -> Self:
        """The MAC z/VM gives a NIC: the system's user prefix and the MACID of its NICDEF record."""
        return cls(prefix + macid)

    @property
    def prefix(self) -> MacPrefix:
        """The three bytes that belong to the z/VM system."""
        return MacPrefix(self[:8])

    @property
    def macid(self) -> str:
        """The three bytes that stand in a NICDEF record: six upper-case hex digits."""
        return self[9:].replace(":", "").upper()


def _octets(text: str) -> str:
    """However they were separated, hex digits in pairs with colons between; nothing of another alphabet."""
    digits = re.sub(r"[:.-]", "", text.strip().lower()) if text.isascii() else ""
    return ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))


class Layer(enum.IntEnum):
    """Transport of a vswitch: ETHERNET is layer 2, IP is layer 3."""

    ETHERNET = 2
    IP = 3


class Uplink(enum.StrEnum):
    """How a vswitch stands to the physical LAN."""

    READY = "ready"
    DOWN = "down"
    NONE = "none"


class PortType(enum.StrEnum):
    """Whether a NIC is in one VLAN and sends untagged frames, or handles tags itself."""

    ACCESS = "access"
    TRUNK = "trunk"


class Way(enum.StrEnum):
    """How a guest gets leave to use a vswitch."""

    GRANT = "grant"
    DIRECTORY = "directory"
    PORT = "port"


class NetworkType(enum.StrEnum):
    """Neutron network types this project serves."""

    FLAT = "flat"
    VLAN = "vlan"
    LOCAL = "local"


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class NicAddress:
    """Where a NIC is: a guest and its virtual device number."""

    userid: Userid
    vdev: Vdev

    def __str__(self) -> str:
        return f"{self.userid} {self.vdev}"


@dataclasses.dataclass(frozen=True, slots=True)
class DirectoryNic:
    """A NIC as the guest's directory entry defines it: what the next logon will build.

    macid: six hex digits, None where CP picks the MAC. vswitch: None while not coupled.
    vlans: of the NICDEF record itself (Directory Network Authorization); empty in the classic way.
    port: its PORTNUMBER, None for any. confirmed: False where the entry itself has not been read, and all
    that is known is that the control point has made the NIC. authorizes: whether it has an operand that
    stands in an authorization: VLAN, PORTNUMBER, PORTTYPE, PROMISCUOUS.
    """

    address: NicAddress
    macid: str | None = None
    vswitch: VSwitchName | None = None
    vlans: frozenset[VlanId] = frozenset()
    port: int | None = None
    confirmed: bool = True
    authorizes: bool = dataclasses.field(default=False, compare=False)


@dataclasses.dataclass(frozen=True, slots=True)
class LiveNic:
    """A NIC of a logged on guest that is coupled to a vswitch right now."""

    address: NicAddress
    mac: Mac
    vswitch: VSwitchName


@dataclasses.dataclass(frozen=True, slots=True)
class SwitchPort:
    """A numbered port of a vswitch: the guest it is kept for, and its VLANs (none: the default VLAN).

    Source: CP SET VSWITCH (7.2), PORTNUMBER.
    """

    userid: Userid
    vlans: frozenset[VlanId] = frozenset()


@dataclasses.dataclass(frozen=True, slots=True)
class VSwitch:
    """A vswitch as z/VM shows it.

    default_vlan: VLAN of a guest authorised without one; None where there is none or the vswitch is unaware.
    rdevs: real devices of the uplink, four hex digits each. grants: the guests that may use it and their
    VLANs, where none means the default VLAN. unclear: those of them whose VLANs are not shown, because they
    come after one without VLAN (smcli of xCAT's zHCP). defaulted: those that are listed without VLAN as well
    as with some. one_each: of a guest with several authorizations just one is listed (Feilong). ports: those
    with a number, by it; they are not among the grants. port_type: of guests for whom none is named.
    native_vlan: that of untagged frames of trunk ports; both None where not known or the vswitch is unaware.
    Sources: CP SET VSWITCH (7.2); SMAPI Virtual_Network_Vswitch_Query_Extended.
    """

    name: VSwitchName
    layer: Layer = Layer.ETHERNET
    vlan_aware: bool = False
    default_vlan: VlanId | None = None
    port_based: bool = False
    uplink: Uplink = Uplink.NONE
    rdevs: tuple[str, ...] = ()
    grants: Mapping[Userid, frozenset[VlanId]] = dataclasses.field(default_factory=dict)
    unclear: frozenset[Userid] = frozenset()
    defaulted: frozenset[Userid] = frozenset()
    one_each: bool = False
    ports: Mapping[int, SwitchPort] = dataclasses.field(default_factory=dict)
    port_type: PortType | None = None
    native_vlan: VlanId | None = None

    def grants_exactly(self, userid: Userid, vlans: frozenset[VlanId]) -> bool:
        """Whether the guest's grant gives just these VLANs; the default VLAN may be shown by its number.

        Where it hides others, a grant of the default VLAN without its number is not good enough.
        """
        granted = self.grants.get(userid)
        if self.unclear and vlans and not granted:
            return False
        default = frozenset({self.default_vlan}) if self.default_vlan else frozenset()
        return granted is not None and (granted or default) == (vlans or default)


@dataclasses.dataclass(frozen=True, slots=True)
class SystemInfo:
    """Who answers: facts about one z/VM system that do not change while it runs.

    mac_prefix: the user prefix, under which NICDEF MACIDs become MACs. control_point_version: as it says.
    clock_skew: seconds by which its clock is ahead of ours, None if unknown.
    """

    name: str
    version: str
    ipl_time: str
    mac_prefix: MacPrefix
    control_point_version: str
    clock_skew: float | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class System:
    """One complete, consistent look at a z/VM system.

    directory_authorizes: whether a NICDEF record can carry the authorization itself: Directory Network
    Authorization, in the base of z/VM 7.1 (APAR VM65925).
    """

    ipl_time: str
    mac_prefix: MacPrefix
    vswitches: Mapping[VSwitchName, VSwitch]
    directory: Mapping[NicAddress, DirectoryNic]
    live: Mapping[NicAddress, LiveNic]
    logged_on: frozenset[Userid]
    directory_authorizes: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class RunningNic:
    """A NIC in a running guest, coupled or not.

    mac: None where z/VM does not show it; SMAPI does so only once the guest's own driver uses the NIC.
    vswitch: None while not coupled to one. Source: pysmapi captures of
    Virtual_Network_Adapter_Query_Extended.
    """

    mac: Mac | None = None
    vswitch: VSwitchName | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class GuestNic:
    """All there is to know of one NIC of one guest.

    port_ids: the ports that it is by the control point's own records, usually one or none. directory: None
    where the directory entry does not define it. live: None where the running guest does not have it.
    recorded: False where the control point works by a table of NICs that does not have this one.
    """

    address: NicAddress
    port_ids: frozenset[str] = frozenset()
    directory: DirectoryNic | None = None
    live: RunningNic | None = None
    recorded: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class GuestView:
    """One complete look at one guest.

    mac_prefix: of the system, as in System. devices: the device numbers that statements of the directory
    entry take, those for NICs among them; what an included profile takes is not known.
    """

    userid: Userid
    mac_prefix: MacPrefix
    logged_on: bool
    nics: Mapping[Vdev, GuestNic]
    devices: frozenset[int] = frozenset()


@dataclasses.dataclass(frozen=True, slots=True)
class PortRecord:
    """What the control point's own tables say of a Neutron port: which NIC it is, and what was noted of it.

    vswitch, vlan: as last recorded for the compute side; None where nothing has been recorded yet.
    """

    port_id: str
    address: NicAddress
    vswitch: VSwitchName | None = None
    vlan: VlanId | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Segment:
    """The network segment a port is bound to."""

    network_type: NetworkType
    physical_network: str | None = None
    vlan: VlanId | None = None

    def __str__(self) -> str:
        where = f" on {self.physical_network}" if self.physical_network else ""
        return f"{self.network_type}{f' {self.vlan}' if self.vlan else ''}{where}"


@dataclasses.dataclass(frozen=True, slots=True)
class PortBinding:
    """What Neutron wants of one port on this system.

    active: the status Neutron shows now; admin_up: the status its owner asked for. owner: Neutron's
    device_owner.
    """

    port_id: str
    mac: Mac
    segment: Segment
    admin_up: bool = True
    active: bool = False
    owner: str = ""

    @property
    def is_of_service(self) -> bool:
        """Whether it belongs to a service of Neutron's own, such as DHCP, which need not give it a NIC."""
        return self.owner.startswith(_OWNER_NETWORK)


@dataclasses.dataclass(frozen=True, slots=True)
class VSwitchSpec:
    """A vswitch to create where it is missing.

    rdevs: up to three real devices, four hex digits each; none makes a vswitch without uplink.
    Source: CP DEFINE VSWITCH (7.4), RDEV.
    """

    name: VSwitchName
    vlan_aware: bool
    rdevs: tuple[str, ...] = ()
