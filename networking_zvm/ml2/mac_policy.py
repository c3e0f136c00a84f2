"""Which MAC addresses a z/VM system can give to a NIC.

A NICDEF record carries six hex digits, the MACID; z/VM puts its user MAC prefix before them. A port whose
address begins otherwise would get a NIC with another address than Neutron knows: no DHCP answer, no traffic.
Any MACID is good, 000000 too. Source: NICDEF MACID, VMLAN USERPREFIX (CP Planning and Administration).
"""

from networking_zvm.errors import InvalidValue
from networking_zvm.model import Mac, MacPrefix


def violation(mac: str, prefix: MacPrefix | None) -> str | None:
    """Why the address cannot be a NIC's on a system with this user prefix, and what to do; None if it can.

    prefix: None while the system's is unknown; then every address passes.
    """
    if prefix is None or _begins_with(prefix, mac):
        return None
    return (
        f"MAC address {mac} is outside the user MAC prefix {prefix} of this z/VM system: "
        f"set base_mac = {prefix}:00:00:00 in neutron.conf of the Neutron servers, "
        f"or give the port an address that begins with {prefix}"
    )


def _begins_with(prefix: MacPrefix, mac: str) -> bool:
    try:
        return Mac(mac).prefix == prefix
    except InvalidValue:
        return False
