"""The layouts in which smcli prints what systems, guests and vswitches have to bear.

Source: feilong zthin smcliUnDocumented.c and smcliVirtual.c; Feilong smtclient.py, getHost.py, their tests.
"""

from collections.abc import Iterator
from typing import cast

from zvmsim.world.answers import GuestPerformanceInfo, PerformanceInfo, ProcessorInfo, VswitchInfo

_COUNTERS = ("fr_rx", "fr_rx_dsc", "fr_rx_err", "fr_tx", "fr_tx_dsc", "fr_tx_err", "rx", "tx")
_COLUMN = 18
_NO_DEVICE = "0000"


def processors(data: object) -> Iterator[str]:
    """System_Processor_Query (Feilong's test_getHost.py)."""
    yield "Partition mode: Z/VM"
    yield ""
    yield "ADDRESS STATUS TYPE CORE_ID"
    for processor in cast("tuple[ProcessorInfo, ...]", data):
        yield f"{processor.address} {processor.status} {processor.type} {processor.core}"


def performance(data: object) -> Iterator[str]:
    """System_Performance_Information_Query; Feilong's newer vmcp handler makes the same lines."""
    info = cast(PerformanceInfo, data)
    yield f"CPU_COUNT={info.processors:04X}"
    yield "CPU_AVERAGE_USE=1%"
    yield "PAGING_RATE=0"
    yield f"MEMORY_TOTAL={info.memory_total}"
    yield f"MEMORY_IN_USE={info.memory_in_use}"


def guest_performance(data: object) -> Iterator[str]:
    """Image_Performance_Query; the comma that precedes "Samples CPU delay" is smcli's."""
    for guest in cast("tuple[GuestPerformanceInfo, ...]", data):
        yield f"Virtual server ID: {guest.userid}"
        yield 'Record version: "1"'
        yield 'Guest flags: "0"'
        yield f'Used CPU time: "{guest.cpu_time} uS"'
        yield f'Elapsed time: "{guest.elapsed} uS"'
        yield 'Minimum memory: "0 KB"'
        yield f'Max memory: "{guest.memory_max} KB"'
        yield f'Shared memory: "{guest.memory_used} KB"'
        yield f'Used memory: "{guest.memory_used} KB"'
        yield 'Active CPUs in CEC: "4"'
        yield 'Logical CPUs in VM: "4"'
        yield f'Guest CPUs: "{guest.processors}"'
        yield f'Minimum CPU count: "{guest.processors}"'
        yield 'Max CPU limit: "10000"'
        yield 'Processor share: "100"'
        yield 'Samples CPU in use: "0"'
        yield ',Samples CPU delay: "0"'
        yield from (f'Samples {state}: "0"' for state in ("page wait", "idle", "other", "total"))
        yield f'Guest name: "{guest.userid:8}"'
        yield ""


def byte_stats(data: object) -> Iterator[str]:
    """Virtual_Network_Vswitch_Query_Byte_Stats, every counter zero; values stand in one column."""
    switches = cast("tuple[VswitchInfo, ...]", data)
    yield f"vswitch count: {len(switches)}"
    yield ""
    for number, switch in enumerate(switches, start=1):
        yield f"vswitch number: {number}"
        yield f"vswitch name: {switch.name}"
        uplinks = [device.rdev[:4] for device in switch.devices if device.rdev != _NO_DEVICE]
        yield f"uplink count: {len(uplinks)}"
        for uplink in uplinks:
            yield f"uplink_conn: {uplink}"
            yield from _zeros("uplink")
        yield from _zeros("bridge")
        yield f"nic count: {len(switch.adapters)}"
        for nic in switch.adapters:
            yield f"nic_id: {nic.userid} {nic.vdev}"
            yield from _zeros("nic")
        yield "vlan count: 0"
        yield ""


def _zeros(what: str) -> Iterator[str]:
    return (f"{what}_{counter}:".ljust(_COLUMN) + "0" for counter in _COUNTERS)
