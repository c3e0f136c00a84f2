"""Virtual_Network_Vswitch_Set and Set_Extended: attributes, GRANT and REVOKE, numbered ports and their
VLANs.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from zvmsim.world import authorization
from zvmsim.world.functions.parameters import (
    CONTROLLERS,
    DEVICE,
    MAC_ID,
    NAME,
    ON_OFF,
    PORT_NAMES,
    REAL_DEVICES,
    USER_VLANS,
    YES_NO,
    Arguments,
    Parameter,
    choice,
    number,
    numbered,
    port_and_user,
    text,
    unless,
    vlan,
    vlan_and_ports,
)
from zvmsim.world.functions.registry import function
from zvmsim.world.functions.vswitch import (
    BOTH,
    CONFIG_ONLY,
    KEYWORD_ATTRIBUTES,
    LIVE,
    PERSIST,
    SWITCH,
    SYSTEM_CONFIG_PLACE,
    UPDATE,
    assign_attributes,
)
from zvmsim.world.smapi import Reply, SmapiError
from zvmsim.world.system import System
from zvmsim.world.vlans import parse_vlans
from zvmsim.world.vswitch import Block, Vswitch

LAST_LEVEL_WITHOUT_VLAN_DELETE = 710

_OPERATIONS = (
    "grant_userid",
    "revoke_userid",
    "portnum",
    "portnum_modify",
    "portnum_remove",
    "vlan_port_add",
    "vlan_port_remove",
    "vlan_delete",
)
_OPTIONS = ("user_vlan_id", "port_type", "promiscuous", "osd_sim")
_TAKE_OPTIONS = ("grant_userid", "portnum", "portnum_modify")


@dataclass(frozen=True, slots=True)
class Access:
    """A checked change of a switch's blocks.

    userid: whose NICs feel it, "" for none. uncouple: they lose their connection.
    """

    apply: Callable[[Vswitch], None]
    userid: str = ""
    uncouple: bool = False


@function(
    "Virtual_Network_Vswitch_Set",
    SWITCH,
    Parameter("grant_userid", NAME),
    Parameter("user_vlan_id", USER_VLANS),
    Parameter("revoke_userid", NAME),
    Parameter("real_device_address", REAL_DEVICES),
    Parameter("port_name", PORT_NAMES),
    Parameter("controller_name", CONTROLLERS),
    Parameter("connection_value", numbered("CONNECT", "DISCONNECT")),
    Parameter("queue_memory_limit", unless("-1", number(1, 8))),
    Parameter("routing_value", numbered("NONROUTER", "PRIROUTER")),
    Parameter("port_type", numbered("ACCESS", "TRUNK")),
    UPDATE,
    *SYSTEM_CONFIG_PLACE,
    Parameter("gvrp_value", numbered("GVRP", "NOGVRP")),
    Parameter("mac_id", MAC_ID),
    mutating=True,
    positional=True,
)
def set_plain(system: System, call: Arguments) -> Reply:
    """Change a vswitch: 212/40, 212/44, 396/..., 620/60."""
    return _set(system, call, call.text("update_system_config_indicator", LIVE))


@function(
    "Virtual_Network_Vswitch_Set_Extended",
    SWITCH,
    *KEYWORD_ATTRIBUTES,
    Parameter("grant_userid", NAME),
    Parameter("user_vlan_id", USER_VLANS),
    Parameter("revoke_userid", NAME),
    Parameter("port_type", choice("ACCESS", "TRUNK")),
    Parameter("promiscuous", YES_NO),
    Parameter("osd_sim", YES_NO),
    Parameter("portnum", port_and_user),
    Parameter("portnum_modify", number(1, 65535)),
    Parameter("portnum_remove", number(1, 65535)),
    Parameter("vlan_port_add", vlan_and_ports),
    Parameter("vlan_port_remove", vlan_and_ports),
    Parameter("vlan_delete", vlan),
    PERSIST,
    Parameter("mac_id", MAC_ID),
    Parameter("port_isolation", ON_OFF),
    Parameter("mac_protect", choice("ON", "OFF", "UNSPECified")),
    Parameter("vlan_counters", ON_OFF),
    Parameter("vepa", ON_OFF),
    Parameter("uplink", YES_NO),
    Parameter("nic_userid", NAME),
    Parameter("nic_vdev", DEVICE),
    Parameter("nic_portselection", choice("AUTO", "PORTNUM")),
    Parameter("lacp", choice("ACTIVE", "INACTIVE")),
    Parameter("lacp_group_type", text(16)),
    Parameter("interval", number(1, 9990, "OFF")),
    Parameter("group_rdev", text(63)),
    Parameter("trace_size", text(8)),
    Parameter("ivl_vlanid", vlan),
    Parameter("ivl_heartbeat", text(8)),
    mutating=True,
)
def set_extended(system: System, call: Arguments) -> Reply:
    """Change a vswitch: 8/24, 8/3002-3004, 212/40, 212/44, 396/..., 620/60.

    Link aggregation, uplink NIC, trace and IVL settings are accepted and have no effect here.
    vlan_delete: z/VM 7.1 does not know the keyword (pysmapi capture: 8/3002); Guess: later levels do.
    """
    if "vlan_delete" in call and system.level <= LAST_LEVEL_WITHOUT_VLAN_DELETE:
        raise SmapiError(8, 3002, "unknown parameter vlan_delete")
    return _set(system, call, call.text("persist", LIVE))


def _set(system: System, call: Arguments, scope: str) -> Reply:
    """Check everything, then change the running switch, SYSTEM CONFIG, or both.

    Guess: 620/60 for a switch that SYSTEM CONFIG does not define leaves the running one as it was.
    """
    name = call.text("switch_name")
    switches = _switches(system, name, scope)
    access = _access(system, switches[0], call)
    if "mac_id" in call and scope != CONFIG_ONLY:
        system.set_vswitch_mac(switches[0], call.text("mac_id"))
    for vswitch in switches:
        assign_attributes(vswitch, call)
        vswitch.mac_id = call.text("mac_id", vswitch.mac_id)
        if access:
            access.apply(vswitch)
    if access and access.userid and scope != CONFIG_ONLY:
        system.apply_blocks(switches[0], access.userid, uncouple=access.uncouple)
    return Reply()


def _switches(system: System, name: str, scope: str) -> list[Vswitch]:
    """The definitions to change, the running one first; 212/40, 620/60."""
    running = [] if scope == CONFIG_ONLY else [system.vswitch(name)]
    if scope in (BOTH, CONFIG_ONLY) and name not in system.config:
        raise SmapiError(620, 60, f"SYSTEM CONFIG does not define {name}")
    return running if scope == LIVE else [*running, system.config[name]]


def _access(system: System, vswitch: Vswitch, call: Arguments) -> Access | None:
    """The change of blocks that the call asks for; 8/24 for more than one or for options without an
    operation.
    """
    operations = [name for name in _OPERATIONS if name in call]
    options = [name for name in _OPTIONS if name in call]
    if len(operations) > 1:
        raise SmapiError(8, 24, f"{operations[0]} and {operations[1]}")
    if not operations:
        if options:
            raise SmapiError(8, 24, f"{options[0]} without grant_userid or portnum")
        return None
    if options and operations[0] not in _TAKE_OPTIONS:
        raise SmapiError(8, 24, f"{options[0]} with {operations[0]}")
    return _BY_OPERATION[operations[0]](system, vswitch, call)


def _grant(system: System, vswitch: Vswitch, call: Arguments) -> Access:
    behaviour, userid = system.behaviour, call.text("grant_userid")
    block = _with_options(Block(userid), call)
    authorization.check_attributes(vswitch, block, behaviour)
    again = vswitch.grant_of(userid) is not None
    if again and behaviour.regrant == "refuse":
        raise SmapiError(212, 44, f"{userid} is authorized already")
    bounce = again and behaviour.regrant == "bounce"
    return Access(lambda v: authorization.grant(v, block, behaviour), userid, bounce)


def _revoke(system: System, _vswitch: Vswitch, call: Arguments) -> Access:
    """All of the user's blocks go, its ports too; a user without any is no error (both pysmapi captures)."""
    userid = call.text("revoke_userid")
    return Access(lambda v: v.remove_user(userid), userid, system.behaviour.revoke_uncouples)


def _port_add(system: System, vswitch: Vswitch, call: Arguments) -> Access:
    words = call.words("portnum")
    block = _with_options(Block(words[1], port=int(words[0])), call)
    owner = vswitch.port(block.port)
    if owner and owner.userid != block.userid:
        raise SmapiError(396, 3034, f"port {block.port} belongs to {owner.userid}")
    authorization.check_attributes(vswitch, block, system.behaviour)
    return Access(lambda v: v.add(block), block.userid)


def _port_modify(system: System, vswitch: Vswitch, call: Arguments) -> Access:
    if not any(name in call for name in _OPTIONS):
        raise SmapiError(8, 3004, "portnum_modify without an option")
    block = _with_options(_require_port(vswitch, call.number("portnum_modify")), call)
    authorization.check_attributes(vswitch, block, system.behaviour)

    def change(v: Vswitch) -> None:
        if v.port(block.port):
            v.add(block)

    return Access(change, block.userid)


def _port_remove(_system: System, vswitch: Vswitch, call: Arguments) -> Access:
    block = _require_port(vswitch, call.number("portnum_remove"))
    return Access(lambda v: v.remove(block), block.userid)


def _vlan_port_add(_system: System, vswitch: Vswitch, call: Arguments) -> Access:
    if not vswitch.vlan_aware:
        raise SmapiError(396, 2846, f"{vswitch.name} is VLAN unaware")
    vid, ports = _vlan_ports(call, "vlan_port_add")

    def change(v: Vswitch) -> None:
        v.vlan_ports[vid] = v.vlan_ports.get(vid, frozenset()) | ports

    return Access(change)


def _vlan_port_remove(_system: System, vswitch: Vswitch, call: Arguments) -> Access:
    """396/3040 for a VLAN or port that was not added (pysmapi capture)."""
    vid, ports = _vlan_ports(call, "vlan_port_remove")
    if not ports <= vswitch.vlan_ports.get(vid, frozenset()):
        raise SmapiError(396, 3040, f"VLAN {vid} does not have these ports")

    def change(v: Vswitch) -> None:
        left = v.vlan_ports.pop(vid, frozenset()) - ports
        if left:
            v.vlan_ports[vid] = left

    return Access(change)


def _vlan_delete(_system: System, vswitch: Vswitch, call: Arguments) -> Access:
    vid = int(call.text("vlan_delete"))
    if vid not in vswitch.vlan_ports:
        raise SmapiError(396, 3040, f"VLAN {vid} is not defined")

    def change(v: Vswitch) -> None:
        v.vlan_ports.pop(vid, None)

    return Access(change)


def _with_options(block: Block, call: Arguments) -> Block:
    if "user_vlan_id" in call:
        block = replace(block, vlans=call.vlans("user_vlan_id"))
    if "port_type" in call:
        block = replace(block, port_type="TRUNK" if call.text("port_type") == "TRUNK" else "ACCESS")
    if "promiscuous" in call:
        block = replace(block, promiscuous=call.text("promiscuous") == "YES")
    if "osd_sim" in call:
        block = replace(block, osd_sim=call.text("osd_sim") == "YES")
    return block


def _require_port(vswitch: Vswitch, number: int | None) -> Block:
    """Guess: 396/3040 for a port that is not defined."""
    block = vswitch.port(number or 0)
    if block is None or not block.port:
        raise SmapiError(396, 3040, f"port {number} of {vswitch.name} is not defined")
    return block


def _vlan_ports(call: Arguments, name: str) -> tuple[int, frozenset[int]]:
    vid, _, ports = call.text(name).partition(" ")
    return int(vid), parse_vlans(ports)


_BY_OPERATION: dict[str, Callable[[System, Vswitch, Arguments], Access]] = {
    "grant_userid": _grant,
    "revoke_userid": _revoke,
    "portnum": _port_add,
    "portnum_modify": _port_modify,
    "portnum_remove": _port_remove,
    "vlan_port_add": _vlan_port_add,
    "vlan_port_remove": _vlan_port_remove,
    "vlan_delete": _vlan_delete,
}
