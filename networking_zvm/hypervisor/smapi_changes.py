"""The SMAPI calls for each change. Pure; what the directory record of a NIC needs is in smapi_directory.

Sources: z/VM Systems Management Application Programming (7.1); request layouts: pysmapi captures.
"""

import dataclasses
from collections.abc import Collection

from networking_zvm import model
from networking_zvm.hypervisor import base, smapi_codes, smapi_keywords, smapi_wire
from networking_zvm.hypervisor.smapi_wire import Call

_NOTHING: frozenset[smapi_codes.Codes] = frozenset()


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """One call. already: codes by which it fails because what is asked for holds already.

    couples: the live coupling it makes, where "already connected" leaves open to what.
    """

    call: Call
    already: frozenset[smapi_codes.Codes] = _NOTHING
    couples: base.Couple | None = None


def define(change: base.DefineNic) -> Request:
    """Write the NIC's record."""
    values = smapi_keywords.nicdef(change.address, change.mac, change.vswitch)
    return Request(_update_definition(change.address.userid, values))


def make_live(address: model.NicAddress) -> Request:
    """Make the NIC in the running guest; one that is off will find it at its next logon."""
    values = smapi_wire.keywords({"image_device_number": address.vdev, "adapter_type": "QDIO"})
    call = Call("Virtual_Network_Adapter_Create_Extended", address.userid, values)
    return Request(call, smapi_codes.NO_GUEST)


def remove(change: base.RemoveNic) -> tuple[Request, ...]:
    """Take the NIC out of the directory and, if asked for, out of the running guest."""
    directory = Request(_nic("Delete_DM", change.address), smapi_codes.NO_NIC)
    live = Request(_nic("Delete", change.address), smapi_codes.NO_NIC)
    return (directory, live) if change.live else (directory,)


def couple_record(change: base.Couple) -> Request:
    """Name the vswitch in the NIC's record; VLANs and a port number have no place in this function."""
    return Request(_nic("Connect_Vswitch_DM", change.address, change.vswitch))


def write_record(change: base.Couple) -> Request:
    """Write the NIC's record anew, with VLANs and port number."""
    values = smapi_keywords.nicdef(change.address, change.mac, change.vswitch, change.vlans, change.port)
    return Request(_update_definition(change.address.userid, values))


def uncouple_record(address: model.NicAddress) -> Request:
    """Take the vswitch out of the NIC's record."""
    return Request(_nic("Disconnect_DM", address), smapi_codes.NOT_COUPLED)


def couple_live(change: base.Couple) -> Request:
    """Couple the NIC of the running guest, at a port of the vswitch if one is named."""
    already = frozenset({smapi_codes.ALREADY_COUPLED})
    if not change.port:
        return Request(_nic("Connect_Vswitch", change.address, change.vswitch), already, change)
    values = {
        "image_device_number": change.address.vdev,
        "switch_name": change.vswitch,
        "port_selection": str(change.port),
    }
    function = "Virtual_Network_Adapter_Connect_Vswitch_Extended"
    call = Call(function, change.address.userid, smapi_wire.keywords(values))
    return Request(call, already, change)


def uncouple_live(address: model.NicAddress) -> Request:
    """Uncouple the NIC of the running guest."""
    return Request(_nic("Disconnect", address), smapi_codes.NOT_COUPLED)


def authorize(change: base.Authorize, caller: str, persistent: bool) -> Request:
    """Grant."""
    return Request(_set_vswitch(caller, smapi_keywords.authorize(change, persistent)))


def deauthorize(change: base.Deauthorize, caller: str, persistent: bool) -> Request:
    """Revoke."""
    values = smapi_keywords.deauthorize(change, persistent)
    return Request(_set_vswitch(caller, values), smapi_codes.NO_GRANT)


def assign_port(change: base.AssignPort, caller: str, persistent: bool) -> Request:
    """Keep a port."""
    return Request(_set_vswitch(caller, smapi_keywords.assign_port(change, persistent)))


def release_port(change: base.ReleasePort, caller: str, persistent: bool) -> Request:
    """Give a port up. What z/VM answers where nobody has it is not known, so that is no success."""
    values = smapi_keywords.release_port(change, persistent)
    return Request(_set_vswitch(caller, values), smapi_codes.NO_GRANT)


def allow_vlan(change: base.AllowVlan, caller: str, persistent: bool) -> Request:
    """Add a port to a VLAN."""
    return Request(_set_vswitch(caller, smapi_keywords.allow_vlan(change, persistent)))


def deny_vlan(change: base.AllowVlan | base.DenyVlan, caller: str, persistent: bool) -> Request:
    """Take a port out of a VLAN."""
    return Request(_set_vswitch(caller, smapi_keywords.deny_vlan(change, persistent)))


def modify_port(
    vswitch: model.VSwitchName, port: int, vlans: Collection[model.VlanId], caller: str, persistent: bool
) -> Request:
    """Give a port exactly these VLANs."""
    return Request(_set_vswitch(caller, smapi_keywords.modify_port(vswitch, port, vlans, persistent)))


def create_vswitch(spec: model.VSwitchSpec, caller: str, persistent: bool) -> Request:
    """The Extended function: the older one cannot make a VLAN aware vswitch without a default VLAN."""
    values = smapi_keywords.create_vswitch(spec, persistent)
    call = Call("Virtual_Network_Vswitch_Create_Extended", caller, smapi_wire.keywords(values))
    return Request(call, frozenset({smapi_codes.VSWITCH_EXISTS}))


def _nic(function: str, address: model.NicAddress, *more: str) -> Call:
    parameters = b"".join(map(smapi_wire.text, (address.vdev, *more)))
    return Call(f"Virtual_Network_Adapter_{function}", address.userid, parameters)


def _update_definition(userid: model.Userid, values: smapi_keywords.Keywords) -> Call:
    parameters = smapi_wire.counted(smapi_wire.keywords(values))
    return Call("Image_Definition_Update_DM", userid, parameters)


def _set_vswitch(caller: str, values: smapi_keywords.Keywords) -> Call:
    return Call("Virtual_Network_Vswitch_Set_Extended", caller, smapi_wire.keywords(values))
