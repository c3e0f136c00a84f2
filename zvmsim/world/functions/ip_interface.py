"""Network_IP_Interface_*: interfaces of z/VM's own TCP/IP stacks, which zvmsim only remembers by name.

Error texts are the stack's (pysmapi captures of DTCIFC2612E).
"""

from zvmsim.world.functions.parameters import NAME, YES_NO, Arguments, Parameter, required, text
from zvmsim.world.functions.registry import function
from zvmsim.world.smapi import Reply, SmapiError
from zvmsim.world.system import System

_STACK = required("tcpip_stack", NAME)
_INTERFACE = required("interface_id", text(16))
_PERMANENT = Parameter("permanent", YES_NO)


def _texts(*names: str) -> tuple[Parameter, ...]:
    return tuple(Parameter(name, text(64)) for name in names)


@function(
    "Network_IP_Interface_Create",
    _STACK,
    _INTERFACE,
    _PERMANENT,
    *_texts("primary_ipv4", "primary_ipv6", "interface", "cpu", "transport_type", "mtu", "noforward"),
    *_texts("pathmtu", "p2p", "port_name", "port_number", "vlan"),
    mutating=True,
)
def create(system: System, call: Arguments) -> Reply:
    """Define an interface; 8/12 for one that exists (Guess)."""
    if _key(call) in system.ip_interfaces:
        raise SmapiError(8, 12, f"{_key(call)[1]} exists already")
    system.ip_interfaces.add(_key(call))
    return Reply()


@function(
    "Network_IP_Interface_Modify",
    _STACK,
    _INTERFACE,
    _PERMANENT,
    *_texts("add_ip", "delete_ip", "change_mask", "change_mtu", "change_p2p"),
    mutating=True,
)
def modify(system: System, call: Arguments) -> Reply:
    """Change an interface: 8/12 unknown. Addresses are not kept."""
    _require(system, call)
    return Reply()


@function("Network_IP_Interface_Remove", _STACK, _INTERFACE, _PERMANENT, mutating=True)
def remove(system: System, call: Arguments) -> Reply:
    """Take an interface away: 8/12 unknown."""
    system.ip_interfaces.remove(_require(system, call))
    return Reply()


@function(
    "Network_IP_Interface_Query",
    _STACK,
    Parameter("interface_all", YES_NO),
    Parameter("interface_id", text(16)),
    mutating=False,
)
def query(system: System, call: Arguments) -> Reply:
    """One interface or all of a stack: 8/4 unknown (pysmapi capture).

    Guess: how one is described.
    """
    stack, wanted = _key(call)
    names = sorted(name for owner, name in system.ip_interfaces if owner == stack and wanted in ("", name))
    if wanted and not names:
        raise SmapiError(8, 4, f"no interface {wanted}")
    return Reply(data=tuple(f"INTERFACE_ID={name}" for name in names))


def _key(call: Arguments) -> tuple[str, str]:
    return call.text("tcpip_stack"), call.text("interface_id").upper()


def _require(system: System, call: Arguments) -> tuple[str, str]:
    if _key(call) not in system.ip_interfaces:
        error = f"DTCIFC2612E Unknown interface: {_key(call)[1]}"
        raise SmapiError(8, 12, error, error_text=error)
    return _key(call)
