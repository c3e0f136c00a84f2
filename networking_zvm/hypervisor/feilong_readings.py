"""What Feilong's answers to reads say: rows of its own table, vswitches, directory entries, the host. Pure.

Whatever makes no sense is Untrusted; only a row of the table that cannot be a NIC of ours is passed over.
Source: zVMCloudConnector 1.6.3, zvmsdk smtclient.py (query_vswitch), database.py (NetworkDbOperator),
hostops.py (get_info), constants.py (SWITCH_STATUS).
"""

import dataclasses
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

from networking_zvm import errors, model
from networking_zvm.hypervisor import guest_view, nicdef

_READY = ("OSA device ready.",)
_UNKNOWN_STATUS = "Unknown"
_DEVICE_ACTIVE = "Device is active."
_NO_VLAN = {"", "0", "NONE", "32768"}
_NO_PORT = {"", "0", "NONE"}
_PORT_TYPES = {port_type.upper(): port_type for port_type in model.PortType}
_NUMBER = re.compile(r"[0-9]{1,5}")
_RDEV = re.compile(r"[0-9A-F]{4}")
_SYSTEM = re.compile(r"[A-Z0-9@#$]{1,8}")

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """A NIC that Feilong has made or been told of.

    spelling: its virtual device as the table has it, which requests must repeat. port: what it was made for,
    Nova's id of the Neutron port. vswitch: what Feilong last coupled it to; coupled: whether to anything.
    """

    address: model.NicAddress
    spelling: str
    port: str | None
    vswitch: model.VSwitchName | None
    coupled: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Rows:
    """The table's rows by NIC. complaints: one sentence per row that was passed over."""

    of: Mapping[model.NicAddress, Row]
    complaints: frozenset[str]


@dataclasses.dataclass(frozen=True, slots=True)
class Host:
    """Who answers. feilong: the guest in which Feilong runs. level: 710 for z/VM 7.1."""

    name: str
    feilong: model.Userid
    level: int
    ipl_time: str

    @property
    def version(self) -> str:
        """The level in words: "7.1.0"."""
        return ".".join(str(self.level))

    @property
    def directory_authorizes(self) -> bool:
        """Whether NICDEF can authorize. Source: APAR VM65925, in the base from z/VM 7.1 on."""
        return self.level >= 710


def read_version(output: object) -> str:
    """Feilong's own version, from GET /."""
    return _text(_fields(output, "/"), "version", "/")


def read_rows(output: object) -> Rows:
    """The answer to GET /guests/nics. Raises Untrusted."""
    if not isinstance(output, list):
        raise errors.Untrusted("/guests/nics gives no list")
    rows: dict[model.NicAddress, Row] = {}
    complaints: set[str] = set()
    for item in output:
        fields = _fields(item, "/guests/nics")
        try:
            row = _row(fields)
        except errors.InvalidValue as error:
            complaints.add(str(error))
            continue
        if row and rows.setdefault(row.address, row) is not row:
            complaints.add(f"NIC {row.address} has two rows: {row.spelling!r} is passed over")
    return Rows(rows, frozenset(complaints))


def read_vswitch_names(output: object) -> list[model.VSwitchName]:
    """The answer to GET /vswitches. Raises Untrusted."""
    if not isinstance(output, list) or not all(isinstance(name, str) for name in output):
        raise errors.Untrusted("/vswitches gives no list of names")
    try:
        return list(_distinct((model.VSwitchName(name), None) for name in output))
    except errors.InvalidValue as error:
        raise errors.Untrusted(f"/vswitches: {error}") from None


def read_vswitch(
    name: model.VSwitchName, output: object
) -> tuple[model.VSwitch, dict[model.NicAddress, model.LiveNic]]:
    """The answer to GET /vswitches/{name}: the vswitch and the NICs coupled to it. Raises Untrusted."""
    where = f"/vswitches/{name}"
    fields = _fields(output, where)
    try:
        if model.VSwitchName(_text(fields, "switch_name", where)) != name:
            raise errors.Untrusted(f"{where} tells of another vswitch")
        live = [(nic.address, nic) for nic in _live_nics(name, fields, where)]
        return _vswitch(name, fields, where), _distinct(live)
    except errors.InvalidValue as error:
        raise errors.Untrusted(f"{where}: {error}") from None


def read_directory(userid: model.Userid, output: object) -> dict[model.NicAddress, model.DirectoryNic]:
    """The NICs in the answer to GET /guests/{userid}/user_direct. Raises Untrusted."""
    return dict(read_entry(userid, output).nics)


def read_entry(userid: model.Userid, output: object) -> guest_view.Entry:
    """The answer to GET /guests/{userid}/user_direct. Raises Untrusted."""
    where = f"/guests/{userid}/user_direct"
    statements = _fields(output, where).get("user_direct")
    if not isinstance(statements, list) or not all(isinstance(line, str) for line in statements):
        raise errors.Untrusted(f"{where} gives no list of statements")
    return guest_view.read_entry(userid, statements)


def read_power(userid: model.Userid, output: object) -> bool:
    """Whether the guest is logged on, from GET /guests/{userid}/power_state_real. Raises Untrusted."""
    if output not in ("on", "off"):
        raise errors.Untrusted(f"/guests/{userid}/power_state_real gives neither on nor off")
    return output == "on"


def read_running_nics(output: object) -> dict[model.Vdev, model.RunningNic]:
    """The running guest's NICs, from GET /guests/{u}/adapters. Raises Untrusted."""
    adapters = _fields(output, "/adapters").get("adapters")
    if not isinstance(adapters, list):
        raise errors.Untrusted("/adapters gives no list")
    try:
        return _distinct(_running_nic(_fields(adapter, "/adapters")) for adapter in adapters)
    except errors.InvalidValue as error:
        raise errors.Untrusted(f"/adapters: {error}") from None


def read_host(output: object) -> Host:
    """The answer to GET /host. Raises Untrusted."""
    fields = _fields(output, "/host")
    level = fields.get("hypervisor_version")
    if not isinstance(level, int) or isinstance(level, bool) or not 500 <= level < 10000:
        raise errors.Untrusted(f"/host: hypervisor_version {level!r} is no version of z/VM")
    host = _text(fields, "zvm_host", "/host")
    name = host.upper()
    if not host.isascii() or not _SYSTEM.fullmatch(name):
        raise errors.Untrusted(f"/host: zvm_host {name!r} is no name of a system")
    try:
        feilong = model.Userid(_text(fields, "zcc_userid", "/host"))
    except errors.InvalidValue as error:
        raise errors.Untrusted(f"/host: {error}") from None
    return Host(name, feilong, level, _text(fields, "ipl_time", "/host"))


def _fields(output: object, where: str) -> Mapping[str, object]:
    if not isinstance(output, dict):
        raise errors.Untrusted(f"{where} gives no object")
    return output


def _distinct(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, Value]:
    """The pairs as a table. Raises InvalidValue for a key that, however it was spelt, comes twice."""
    table: dict[Key, Value] = {}
    for key, value in pairs:
        if key in table:
            raise errors.InvalidValue(f"{key} is listed twice")
        table[key] = value
    return table


def _text(fields: Mapping[str, object], key: str, where: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not value.strip():
        raise errors.Untrusted(f"{where} does not tell {key}")
    return value.strip()


def _row(fields: Mapping[str, object]) -> Row | None:
    """None for an OSA device that is dedicated to the guest. Raises InvalidValue."""
    values = [fields.get(key) for key in ("userid", "interface", "port", "switch", "comments")]
    if not all(value is None or isinstance(value, str) for value in values):
        raise errors.InvalidValue(f"{values!r:.100}: must be texts")
    userid, interface, port, switch, comments = (str(value or "") for value in values)
    if comments.startswith("OSA="):
        return None
    address = model.NicAddress(model.Userid(userid), model.Vdev(interface))
    return Row(address, interface, port or None, _vswitch_name(switch), bool(switch))


def _vswitch_name(text: str) -> model.VSwitchName | None:
    try:
        return model.VSwitchName(text)
    except errors.InvalidValue:
        return None


def _vswitch(name: model.VSwitchName, fields: Mapping[str, object], where: str) -> model.VSwitch:
    aware = _either(fields, "vlan_awareness", "UNAWARE", "AWARE", where)
    layer_2 = _either(fields, "transport_type", "IP", "ETHERNET", where)
    devices = _objects(fields, "real_devices", where)
    rdevs = tuple(dict.fromkeys(map(str.upper, devices)))
    rdevs = tuple(rdev for rdev in rdevs if _RDEV.fullmatch(rdev) and rdev != "0000")
    users = [(model.Userid(u), user) for u, user in _objects(fields, "authorized_users", where).items()]
    return model.VSwitch(
        name=name,
        layer=model.Layer.ETHERNET if layer_2 else model.Layer.IP,
        vlan_aware=aware,
        default_vlan=_vlan(_text(fields, "vlan_id", where)) if aware else None,
        port_based=_either(fields, "user_port_based", "USERBASED", "PORTBASED", where),
        uplink=_uplink(_text(fields, "switch_status", where), rdevs, devices),
        rdevs=rdevs,
        grants=_distinct((userid, _vlans(userid, user, aware)) for userid, user in users),
        one_each=True,
        port_type=_PORT_TYPES.get(str(fields.get("port_type")).upper()) if aware else None,
        native_vlan=_vlan(str(fields.get("native_vlan_id") or "")) if aware else None,
    )


def _objects(fields: Mapping[str, object], key: str, where: str) -> Mapping[str, Mapping[str, object]]:
    """An object of objects. Raises Untrusted."""
    return {name: _fields(value, f"{where} {key}") for name, value in _fields(fields.get(key), where).items()}


def _either(fields: Mapping[str, object], key: str, no: str, yes: str, where: str) -> bool:
    value = _text(fields, key, where).upper()
    if value not in (no, yes):
        raise errors.InvalidValue(f"{key} {value!r}: must be {no} or {yes}")
    return value == yes


def _vlan(text: str) -> model.VlanId | None:
    if text.upper() in _NO_VLAN:
        return None
    if not _NUMBER.fullmatch(text):
        raise errors.InvalidValue(f"VLAN {text!r}: must be a number")
    return model.VlanId(text)


def _uplink(
    status: str, rdevs: tuple[str, ...], devices: Mapping[str, Mapping[str, object]]
) -> model.Uplink:
    """With link aggregation the status is garbled; then an active device decides."""
    active = any(device.get("dev_status") == _DEVICE_ACTIVE for device in devices.values())
    if status in _READY or (status == _UNKNOWN_STATUS and active):
        return model.Uplink.READY
    return model.Uplink.DOWN if rdevs else model.Uplink.NONE


def _vlans(userid: model.Userid, user: Mapping[str, object], aware: bool) -> frozenset[model.VlanId]:
    """The VLANs of a user; Feilong counts none on an unaware vswitch. Raises InvalidValue."""
    ids, count = user.get("vlan_ids"), user.get("vlan_count")
    if not isinstance(ids, list) or not all(isinstance(vid, str) for vid in ids):
        raise errors.InvalidValue(f"{userid} has no list of VLANs")
    if str(count) != str(len(ids)):
        raise errors.InvalidValue(f"{userid} has a vlan_count of {count!r}, but {len(ids)} are listed")
    vlans = nicdef.vlan_set(vid.strip() for vid in ids if vid.strip().upper() not in _NO_VLAN)
    return vlans if aware else frozenset()


def _live_nics(
    name: model.VSwitchName, fields: Mapping[str, object], where: str
) -> Iterator[model.LiveNic]:
    for key, adapter in _objects(fields, "adapters", where).items():
        owner, _, vdev = key.rpartition("_")
        address = model.NicAddress(model.Userid(owner), model.Vdev(vdev))
        yield model.LiveNic(address, model.Mac(_text(adapter, "mac", where)), name)


def _running_nic(adapter: Mapping[str, object]) -> tuple[model.Vdev, model.RunningNic]:
    vdev = model.Vdev(_text(adapter, "adapter_address", "/adapters"))
    owner, name, mac = adapter.get("lan_owner"), adapter.get("lan_name"), adapter.get("mac_address")
    coupled = owner == "SYSTEM" and isinstance(name, str) and name.strip()
    vswitch = model.VSwitchName(str(name)) if coupled else None
    return vdev, model.RunningNic(model.Mac(mac) if isinstance(mac, str) and mac else None, vswitch)
