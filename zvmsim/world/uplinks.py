"""OSA devices and how vswitch controllers hold them.

A vswitch takes three consecutive devices per RDEV, attached to a controller virtual machine (DTCVSW1, ...).
Which switch gets which device follows from the switches in the order of their definition; nothing is stored,
so nothing can go stale.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from zvmsim.world.answers import OsaState, RealDeviceInfo
from zvmsim.world.vswitch import Vswitch

DEVICES_PER_UPLINK = 3
FIRST_CONTROLLER_VDEV = 0x600

NO_SUCH_DEVICE, ATTACHED_ELSEWHERE, OFFLINE = 3, 4, 11
INACTIVE, ACTIVE, BACKUP = 0, 1, 2
DEFINED, INTERVENTION_REQUIRED, DISCONNECTED, READY = 1, 3, 4, 8


@dataclass(frozen=True, slots=True)
class Osa:
    """Three OSA devices from `rdev` on, cabled to a physical LAN.

    lan: name of the LAN, "" = no cable. port: name of the OSA port, the same in every system that shares it.
    state: FREE, BOXED, OFFLINE, or ATTACHED to the virtual machine `holder` (a vswitch's own attachment is
        derived).
    """

    rdev: str
    lan: str = ""
    port: str = ""
    chpid: str = ""
    state: OsaState = "FREE"
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One RDEV of a vswitch as its controller has it."""

    vswitch: str
    device: RealDeviceInfo


def attachments(
    vswitches: Iterable[Vswitch], osas: Mapping[str, Osa], controllers: tuple[str, ...]
) -> list[Attachment]:
    """Every RDEV of every vswitch, in order of definition; the first usable one of a connected switch is
    active.
    """
    taken: dict[str, int] = {}
    used: set[str] = set()
    found: list[Attachment] = []
    for number, vswitch in enumerate(vswitches):
        controller = _controller(vswitch, controllers, number)
        status = ACTIVE
        for rdev, port_name in _pairs(vswitch):
            error = _error(rdev, vswitch, osas, used, controller)
            if error is not None:
                device = RealDeviceInfo(rdev or "0000", "0000", "", port_name, INACTIVE, error)
            else:
                vdev = taken.get(controller, FIRST_CONTROLLER_VDEV)
                taken[controller] = vdev + DEVICES_PER_UPLINK
                used.add(rdev[:4])
                device = RealDeviceInfo(rdev, f"{vdev:04X}", controller, port_name, status, 0)
                status = BACKUP
            found.append(Attachment(vswitch.name, device))
    return found


def status_of(vswitch: Vswitch, devices: Iterable[RealDeviceInfo]) -> int:
    """SMAPI's switch status.

    Source: pysmapi captures (8 with a working OSA; 3 for RDEV NONE and DISCONNECT), SMAPI manual (1 without
    uplink).
    Guess: 4 for a disconnected switch with an RDEV, 3 when no RDEV works.
    """
    if not vswitch.connected:
        return DISCONNECTED if vswitch.rdevs else INTERVENTION_REQUIRED
    if not vswitch.rdevs:
        return DEFINED
    return READY if any(device.status == ACTIVE for device in devices) else INTERVENTION_REQUIRED


def _controller(vswitch: Vswitch, controllers: tuple[str, ...], number: int) -> str:
    able = controllers if "*" in vswitch.controllers else tuple(c for c in vswitch.controllers if c in
    controllers)
    return able[number % len(able)] if able else ""


def _pairs(vswitch: Vswitch) -> list[tuple[str, str]]:
    count = max(len(vswitch.rdevs), len(vswitch.port_names))
    rdevs = vswitch.rdevs + ("",) * (count - len(vswitch.rdevs))
    names = vswitch.port_names + ("",) * (count - len(vswitch.port_names))
    return list(zip(rdevs, names, strict=True))


def _error(
    rdev: str, vswitch: Vswitch, osas: Mapping[str, Osa], used: set[str], controller: str
) -> int | None:
    """The error status of a device that is not attached, None for one that can be."""
    if not rdev or not vswitch.connected or not controller:
        return 0
    osa = osas.get(rdev[:4])
    if osa is None:
        return NO_SUCH_DEVICE
    if osa.state == "ATTACHED" or rdev[:4] in used:
        return ATTACHED_ELSEWHERE
    return OFFLINE if osa.state in ("OFFLINE", "BOXED") else None
