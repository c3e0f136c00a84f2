"""How to reach the xCAT management node, and what its own NIC is."""

import ipaddress
import re

from networking_zvm.conf.server import read_address, read_credential, read_tls
from networking_zvm.conf.values import Values
from networking_zvm.settings import Credentials, ManagementNic, XcatSettings

PORTS = {"https": 443}
"""The retired agent always used https and port 443; xCAT's Apache redirects plain http there."""

_NODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_CREDENTIAL_HINT = "set it; until July 2016 the retired agent took admin by itself"


def read_xcat(values: Values, flat: tuple[str, ...]) -> XcatSettings:
    """What [zvm] says of xCAT; problems go to values.problems. flat: the flat networks, for xcat_mgt_ip."""
    return XcatSettings(
        url=read_address(values, "xcat_server", PORTS, "the xCAT management node").url,
        username=read_credential(values, "xcat_username", _CREDENTIAL_HINT),
        password=read_credential(values, "xcat_password", _CREDENTIAL_HINT),
        zhcp_node=_node(values),
        tls=read_tls(values, "xcat"),
        credentials=Credentials(values.zvm("xcat_credentials")),
        timeout=values.zvm("xcat_timeout"),
        management_nic=_management_nic(values, flat),
    )


def _node(values: Values) -> str:
    node = str(values.zvm("xcat_zhcp_nodename"))
    if not _NODE.fullmatch(node):
        values.problems.errors.append(
            f"{values.where('xcat_zhcp_nodename')}: {node!r} is no xCAT node name: use letters, digits, . _ -"
        )
    return node


def _management_nic(values: Values, flat: tuple[str, ...]) -> ManagementNic | None:
    ip, mask = values.zvm("xcat_mgt_ip"), values.zvm("xcat_mgt_mask")
    if not ip and not mask:
        return None
    given, other = ("xcat_mgt_ip", "xcat_mgt_mask") if ip else ("xcat_mgt_mask", "xcat_mgt_ip")
    where = values.where(given)
    if not (ip and mask):
        values.problems.errors.append(f"{where} is set, but not {other}: set both or neither")
        return None
    if not flat:
        values.problems.errors.append(
            f"{where}: the management node's NIC is put on the first flat network, and there is none: "
            "name one in flat_networks, or remove xcat_mgt_ip and xcat_mgt_mask"
        )
    if not _is_interface(ip, mask):
        values.problems.errors.append(
            f"{where}: {ip} with mask {mask} is no IPv4 address of a host: write 10.1.0.1 and 255.255.0.0"
        )
    return ManagementNic(ip, mask)


def _is_interface(ip: str, mask: str) -> bool:
    try:
        interface = ipaddress.IPv4Interface(f"{ip}/{mask}")
    except ValueError:
        return False
    network = interface.network
    reserved = (network.network_address, network.broadcast_address)
    return str(network.netmask) == mask and interface.ip not in reserved
