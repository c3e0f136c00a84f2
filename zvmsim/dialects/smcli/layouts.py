"""What smcli prints for a successful call: `Done`, or the layout of a query.

Source: feilong zthin smcliVirtual.c, smcliImage.c, smcliDirectory.c, smcliUnDocumented.c, fed with the
pysmapi captures; zVMopenstack zhcp smcliVirtual.c where xCAT's zHCP differs.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import cast

from zvmsim.dialects.smapi.reply_texts import system_information
from zvmsim.dialects.smcli import load_layouts
from zvmsim.dialects.smcli.vswitch_layouts import vswitch_query, vswitch_query_extended
from zvmsim.world.answers import (
    AdapterInfo,
    DefinitionInfo,
    LanInfo,
    LockInfo,
    OsaInfo,
    SearchHit,
    SystemInfo,
    VswitchInfo,
)
from zvmsim.world.smapi import Reply, Request


def layout(request: Request, reply: Reply, *, of_zhcp: bool = False) -> str:
    """The text of a successful call.

    of_zhcp: VLAN ids of Vswitch_Query_Extended as SMAPI sends them ("00100", "32768" for none), and no users
    from the first on that has none.
    """
    function = request.function
    if function == "Virtual_Network_Vswitch_Query_Extended":
        keys = {key.lower(): value.upper() for key, value in request.arguments.items()}
        switches = cast("tuple[VswitchInfo, ...]", reply.data)
        return _text(vswitch_query_extended(switches, keys.get("vepa_status") == "YES", of_zhcp))
    lines = _LAYOUTS.get(function)
    return _text(lines(reply.data)) if lines else "Done\n"


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _adapter_query(data: object) -> Iterator[str]:
    """The status text follows the adapter's type: a coupled QDIO NIC is always "active" (smcli's bug)."""
    for adapter in cast("tuple[AdapterInfo, ...]", data):
        yield "Adapter:"
        yield f"  Address: {adapter.vdev}"
        yield f"  Device count: {adapter.devices}"
        yield f"  Adapter type: {_ADAPTER_TYPES[adapter.type]}"
        yield f"  Adapter status: {_adapter_status(adapter)}"
        yield f"  LAN owner: {adapter.lan_owner:8}"
        yield f"  LAN name: {adapter.lan_name:8}"


_ADAPTER_TYPES = {"HIPERSOCKETS": "HiperSockets", "QDIO": "QDIO", "INMN": "INMN", "IEDN": "IEDN"}
_ADAPTER_NUMBERS = {"HIPERSOCKETS": 1, "QDIO": 2, "INMN": 4, "IEDN": 5}


def _adapter_status(adapter: AdapterInfo) -> str:
    if not adapter.status:
        return "Not coupled"
    return {"HIPERSOCKETS": "Coupled but not active", "QDIO": "Coupled and active"}.get(adapter.type, "")


def _adapter_query_extended(data: object) -> Iterator[str]:
    """SMAPI's strings as they come, after an empty line where smcli prints the length word as text."""
    adapters = cast("tuple[AdapterInfo, ...]", data)
    yield ""
    yield f"adapter_count={len(adapters)}"
    for adapter in adapters:
        yield f"adapter_address={adapter.vdev}"
        yield "port_type=0"
        yield "extended_port_status=00"
        yield f"adapter_type={_ADAPTER_NUMBERS[adapter.type]}"
        yield f"network_device_count={adapter.devices}"
        yield f"adapter_status={adapter.status:02}"
        if adapter.status == 2:
            yield "mac_count=1"
            yield f"mac_address={adapter.mac.replace('-', '')}"
            yield "mac_info_end"
        yield f"lan_owner={adapter.lan_owner}"
        yield f"lan_name={adapter.lan_name}"
        yield "adapter_info_end"


def _lan_query(data: object) -> Iterator[str]:
    for lan in cast("tuple[LanInfo, ...]", data):
        yield "LAN:"
        yield f"  Name: {lan.name:8}"
        yield f"  Owner: {lan.owner:8}"
        yield f"  LAN type: {'QDIO' if lan.type == 'QDIO' else 'HiperSockets'} NIC"
        yield "  Connections:"
        for userid, vdev in lan.adapters:
            yield f"    Adapter owner: {userid:8}  Device number: {vdev}"


def _osa_query(data: object) -> Iterator[str]:
    for osa in cast("tuple[OsaInfo, ...]", data):
        yield f"  OSA Address: {osa.rdev} "
        yield f"  OSA Status: {osa.state} {osa.attached_to}".rstrip()
        yield f"  OSA Type: {osa.type}"
        yield f"  CHPID Address: {osa.chpid}"
        yield "  Agent Status: NO"


def _names(data: object) -> Iterator[str]:
    yield from cast("tuple[str, ...]", data or ())


def _definitions(data: object) -> Iterator[str]:
    for definition in cast("tuple[DefinitionInfo, ...]", data):
        yield f"{definition.keyword}={definition.value}"


def _search_hits(data: object) -> Iterator[str]:
    for hit in cast("tuple[SearchHit, ...]", data):
        yield f"{hit.userid}: {hit.statement}"


def _lock(data: object) -> Iterator[str]:
    """Guess: only the codes of Image_Lock_Query_DM are documented, no printed layout."""
    lock = cast(LockInfo, data)
    yield f"IMAGE {lock.owner}"
    for device, owner in lock.devices:
        yield f"{device} {owner}"


def _system_info(data: object) -> Iterator[str]:
    """Six lines; the fifth holds the IPL time."""
    info = cast(SystemInfo, data)
    yield f"The z/VM timezone: {info.zone}"
    yield f"The z/VM time: {info.now:%Y-%m-%d %H:%M:%S}"
    yield f"The z/VM version: z/VM Version {info.version} Release {info.release}.0"
    yield f"The z/VM CP Gen time: {info.generation_time:%Y-%m-%d %H:%M:%S} {info.zone}"
    yield f"The z/VM CP IPL time: {info.ipl_time:%Y-%m-%d %H:%M:%S} {info.zone}"
    yield f"The z/VM real storage size: {info.storage}"


_LAYOUTS: dict[str, Callable[[object], Iterator[str]]] = {
    "Virtual_Network_Vswitch_Query": lambda data: vswitch_query(cast("tuple[VswitchInfo, ...]", data)),
    "Virtual_Network_Vswitch_Query_Byte_Stats": load_layouts.byte_stats,
    "Virtual_Network_Adapter_Query": _adapter_query,
    "Virtual_Network_Adapter_Query_Extended": _adapter_query_extended,
    "Virtual_Network_LAN_Query": _lan_query,
    "Virtual_Network_LAN_Access_Query": _names,
    "Virtual_Network_OSA_Query": _osa_query,
    "Image_Query_DM": _names,
    "Image_Name_Query_DM": _names,
    "Image_Status_Query": _names,
    "Image_Lock_Query_DM": _lock,
    "Image_Definition_Query_DM": _definitions,
    "Directory_Manager_Search_DM": _search_hits,
    "System_Info_Query": _system_info,
    "System_Information_Query": lambda data: system_information(cast(SystemInfo, data)),
    "System_Performance_Information_Query": load_layouts.performance,
    "System_Processor_Query": load_layouts.processors,
    "System_WWPN_Query": _names,
    "Image_Performance_Query": load_layouts.guest_performance,
    "Image_Volume_Space_Query_DM": _names,
    "Name_List_Query": _names,
}
