"""The keyword=value lists of SMAPI's functions, whoever carries them: its own protocol or smcli. Pure.

Sources: z/VM Systems Management Application Programming (7.1), *_Extended and Image_Definition_Update_DM;
feilong zthin smcliVirtual.c. SMAPI's own default of persist is NO.
"""

from collections.abc import Collection

from networking_zvm import errors, model
from networking_zvm.hypervisor import base, vlan_list

Keywords = dict[str, str]


def create_vswitch(spec: model.VSwitchSpec, persistent: bool) -> Keywords:
    """For Virtual_Network_Vswitch_Create_Extended.

    GVRP is left off, as the retired agent left it. A vswitch for persistent grants must itself be in SYSTEM
    CONFIG (620/60).
    """
    values: Keywords = {"switch_name": spec.name, "transport_type": "ETHERNET"}
    if spec.rdevs:
        values["real_device_address"] = " ".join(spec.rdevs)
    if spec.vlan_aware:
        values |= {"vlan_id": "AWARE", "port_type": "ACCESS", "gvrp_value": "NOGVRP", "native_vlanid": "1"}
    else:
        values["vlan_id"] = "UNAWARE"
    return values | _persist(persistent)


def authorize(change: base.Authorize, persistent: bool) -> Keywords:
    """For Virtual_Network_Vswitch_Set_Extended. Raises Refused for more VLANs than one call can name."""
    values: Keywords = {"switch_name": change.vswitch, "grant_userid": change.userid}
    port_type = change.port_type if change.vlan_aware else None
    return values | _port_type(port_type) | _vlans(change.vlans) | _persist(persistent)


def deauthorize(change: base.Deauthorize, persistent: bool) -> Keywords:
    """For Set_Extended. A grant that is not there is revoked without complaint (pysmapi capture)."""
    return {"switch_name": change.vswitch, "revoke_userid": change.userid} | _persist(persistent)


def assign_port(change: base.AssignPort, persistent: bool) -> Keywords:
    """For Set_Extended. Raises as authorize()."""
    values: Keywords = {"switch_name": change.vswitch, "portnum": f"{change.port} {change.userid}"}
    port_type = change.port_type if change.vlan_aware else None
    return values | _port_type(port_type) | _vlans(change.vlans) | _persist(persistent)


def release_port(change: base.ReleasePort, persistent: bool) -> Keywords:
    """For Set_Extended."""
    return {"switch_name": change.vswitch, "portnum_remove": str(change.port)} | _persist(persistent)


def allow_vlan(change: base.AllowVlan | base.DenyVlan, persistent: bool) -> Keywords:
    """For Set_Extended."""
    values: Keywords = {"switch_name": change.vswitch, "vlan_port_add": f"{change.vlan} {change.port}"}
    return values | _persist(persistent)


def deny_vlan(change: base.AllowVlan | base.DenyVlan, persistent: bool) -> Keywords:
    """For Set_Extended."""
    values: Keywords = {"switch_name": change.vswitch, "vlan_port_remove": f"{change.vlan} {change.port}"}
    return values | _persist(persistent)


def modify_port(
    vswitch: model.VSwitchName, port: int, vlans: Collection[model.VlanId], persistent: bool
) -> Keywords:
    """For Set_Extended: exactly these VLANs for the port. Raises as authorize()."""
    values: Keywords = {"switch_name": vswitch, "portnum_modify": str(port)}
    return values | _vlans(vlans) | _persist(persistent)


def nicdef(
    address: model.NicAddress,
    mac: model.Mac | None,
    vswitch: model.VSwitchName | None,
    vlans: Collection[model.VlanId] = (),
    port: int | None = None,
) -> Keywords:
    """For Image_Definition_Update_DM.

    vlans: a NIC that has some becomes an access port; without, PORTTYPE is left out, which an unaware vswitch
    must not be given (Feilong commit cdda3e207).
    Guess: PORTTYPE, VLAN and PORTNUMBER are named as in NICDEF; the manual names none of them.
    """
    words = [f"VDEV={address.vdev}", "TYPE=QDIO"]
    if mac:
        words.append(f"MACID={mac.macid}")
    if vswitch:
        words += ["LAN=SYSTEM", f"SWITCHNAME={vswitch}"]
    if port:
        words.append(f"PORTNUMBER={port}")
    if vlans:
        words += ["PORTTYPE=ACCESS", f"VLAN={','.join(map(str, sorted(vlans)))}"]
    return {"NICDEF": " ".join(words)}


def _port_type(port_type: model.PortType | None) -> Keywords:
    return {"port_type": port_type.upper()} if port_type else {}


def _vlans(vlans: Collection[model.VlanId]) -> Keywords:
    if not vlans:
        return {}
    text = vlan_list.short(vlans)
    if text is None:
        raise errors.Refused(f"{len(vlans)} VLANs at once: SMAPI takes {vlan_list.LIMIT}")
    return {"user_vlan_id": text}


def _persist(persistent: bool) -> Keywords:
    return {"persist": "YES"} if persistent else {}
