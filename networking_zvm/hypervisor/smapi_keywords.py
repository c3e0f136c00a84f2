"""The keyword=value lists of SMAPI's functions, whoever carries them: its own protocol or smcli. Pure.

Sources: z/VM Systems Management Application Programming (7.1), *_Extended and Image_Definition_Update_DM;
feilong zthin smcliVirtual.c. SMAPI's own default of persist is NO.
"""

from collections.abc import Collection

from networking_zvm import model
from networking_zvm.hypervisor import base

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
    """For Virtual_Network_Vswitch_Set_Extended."""
    values: Keywords = {"switch_name": change.vswitch, "grant_userid": change.userid}
    return values | _access(change.vlans, change.vlan_aware) | _persist(persistent)


def deauthorize(change: base.Deauthorize, persistent: bool) -> Keywords:
    """For Set_Extended. A grant that is not there is revoked without complaint (pysmapi capture)."""
    return {"switch_name": change.vswitch, "revoke_userid": change.userid} | _persist(persistent)


def assign_port(change: base.AssignPort, persistent: bool) -> Keywords:
    """For Set_Extended."""
    values: Keywords = {"switch_name": change.vswitch, "portnum": f"{change.port} {change.userid}"}
    return values | _access(change.vlans, change.vlan_aware) | _persist(persistent)


def release_port(change: base.ReleasePort, persistent: bool) -> Keywords:
    """For Set_Extended."""
    return {"switch_name": change.vswitch, "portnum_remove": str(change.port)} | _persist(persistent)


def nicdef(
    address: model.NicAddress,
    mac: model.Mac,
    vswitch: model.VSwitchName | None,
    vlans: Collection[model.VlanId] = (),
    port: int | None = None,
) -> Keywords:
    """For Image_Definition_Update_DM.

    vlans: a NIC that has some becomes an access port; without, PORTTYPE is left out, which an unaware vswitch
    must not be given (Feilong commit cdda3e207).
    Guess: PORTTYPE, VLAN and PORTNUMBER are named as in NICDEF; the manual names none of them.
    """
    words = [f"VDEV={address.vdev}", "TYPE=QDIO", f"MACID={mac.macid}"]
    if vswitch:
        words += ["LAN=SYSTEM", f"SWITCHNAME={vswitch}"]
    if port:
        words.append(f"PORTNUMBER={port}")
    if vlans:
        words += ["PORTTYPE=ACCESS", f"VLAN={','.join(map(str, sorted(vlans)))}"]
    return {"NICDEF": " ".join(words)}


def _access(vlans: Collection[model.VlanId], vlan_aware: bool) -> Keywords:
    values: Keywords = {"port_type": "ACCESS"} if vlan_aware else {}
    if vlans:
        values["user_vlan_id"] = " ".join(map(str, sorted(vlans)))
    return values


def _persist(persistent: bool) -> Keywords:
    return {"persist": "YES"} if persistent else {}
