"""Device numbers for NICs. Pure.

A QDIO NIC takes three consecutive numbers (read, write, data), named by the first; numbers end at FFFF.
New NICs get blocks of three from a first number on, so that they count 1000, 1003, 1006. Source: NICDEF,
CP Planning and Administration (7.1).
"""

from collections.abc import Collection, Iterable

from networking_zvm import errors, model

DEVICES = 3
DEFAULT_FIRST = model.Vdev("1000")

_NUMBERS = 0x10000


def block(vdev: model.Vdev) -> range:
    """The numbers a NIC takes. They may go beyond the last one."""
    first = int(vdev, 16)
    return range(first, first + DEVICES)


def taken(view: model.GuestView) -> frozenset[int]:
    """All numbers that are not free: of the directory's devices, and of NICs wherever they show."""
    return view.devices.union(*(block(vdev) for vdev in view.nics))


def fits(vdev: model.Vdev, used: Collection[int]) -> bool:
    """Whether a NIC can be made there."""
    numbers = block(vdev)
    return numbers.stop <= _NUMBERS and not any(number in used for number in numbers)


def allocate(count: int, used: Iterable[int], first: model.Vdev = DEFAULT_FIRST) -> tuple[model.Vdev, ...]:
    """The first `count` blocks that are free, in order.

    first: where counting begins; it does not go on from 0 after the last number. Raises InvalidValue if the
    blocks do not suffice.
    """
    numbers = frozenset(used)
    found: list[model.Vdev] = []
    for start in range(int(first, 16), _NUMBERS, DEVICES):
        if len(found) == count:
            break
        vdev = model.Vdev(f"{start:04X}")
        if fits(vdev, numbers):
            found.append(vdev)
    if len(found) < count:
        raise errors.InvalidValue(
            f"{count} NICs need {DEVICES} devices each, but from {first} on there is room for {len(found)}: "
            "set default_nic_vdev to a lower number"
        )
    return tuple(found)
