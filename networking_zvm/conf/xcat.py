"""How to reach the xCAT management node: its address, our credentials, its certificate, its own NIC."""

import ipaddress
import os
import re
import urllib.parse

from networking_zvm import errors
from networking_zvm.conf.values import Values
from networking_zvm.settings import Credentials, ManagementNic, Tls, XcatSettings

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_NODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_DEFAULT_PORT = 443


def server_url(text: str) -> str:
    """The URL "https://host:port" of host, host:port or https://host:port.

    Raises InvalidValue, which quotes nothing, for what does not belong there may be a password. Source: the
    retired agent always used https and port 443; xCAT's Apache redirects plain http there.
    """
    if "://" in text and not text.startswith("https://"):
        raise errors.InvalidValue("the management node is reached over https only: write https://host:port")
    try:
        parts = urllib.parse.urlsplit(text if "://" in text else f"https://{text}")
        host, port = parts.hostname or "", parts.port or _DEFAULT_PORT
    except ValueError:
        raise errors.InvalidValue("write host, host:port or https://host:port, a port up to 65535") from None
    if "@" in parts.netloc:
        raise errors.InvalidValue("user and password belong in xcat_username and xcat_password")
    if parts.path.strip("/") or parts.query or parts.fragment or not text.isprintable():
        raise errors.InvalidValue("write only host and port: the path is xCAT's own")
    return f"https://{_host(host)}:{port}"


def _host(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        if not _HOST.fullmatch(text):
            raise errors.InvalidValue("write host, host:port or https://host:port") from None
        return text
    return f"[{address}]" if address.version == 6 else str(address)


def read_xcat(values: Values, flat: tuple[str, ...]) -> XcatSettings:
    """What [zvm] says of xCAT; problems go to values.problems. flat: the flat networks, for xcat_mgt_ip."""
    return XcatSettings(
        url=_url(values),
        username=_credential(values, "xcat_username"),
        password=_credential(values, "xcat_password"),
        zhcp_node=_node(values),
        tls=_tls(values),
        credentials=Credentials(values.zvm("xcat_credentials")),
        timeout=values.zvm("xcat_timeout"),
        management_nic=_management_nic(values, flat),
    )


def _url(values: Values) -> str:
    server = values.zvm("xcat_server")
    if not server:
        values.problems.errors.append(
            f"{values.where('xcat_server')} is not set: name the xCAT management node"
        )
        return ""
    try:
        return server_url(server)
    except errors.InvalidValue as error:
        values.problems.errors.append(f"{values.where('xcat_server')}: {error}")
        return ""


def _credential(values: Values, name: str) -> str:
    before = len(values.problems.errors)
    value = values.zvm(name)
    if not value and len(values.problems.errors) == before:
        values.problems.errors.append(
            f"{values.where(name)} is not set: set it; until July 2016 the retired agent took admin by itself"
        )
    return value or ""


def _node(values: Values) -> str:
    node = str(values.zvm("xcat_zhcp_nodename"))
    if not _NODE.fullmatch(node):
        values.problems.errors.append(
            f"{values.where('xcat_zhcp_nodename')}: {node!r} is no xCAT node name: use letters, digits, . _ -"
        )
    return node


def _tls(values: Values) -> Tls:
    ca_file, verify = values.zvm("xcat_ca_file") or None, values.zvm("xcat_verify")
    where = values.where("xcat_ca_file")
    if ca_file and not os.access(ca_file, os.R_OK):
        values.problems.errors.append(f"{where}: {ca_file} cannot be read: put the certificates there")
    if ca_file and not verify:
        switch = values.where("xcat_verify")
        values.problems.errors.append(f"{where} is of no use while {switch} is false: remove one of them")
    return Tls(ca_file, verify)


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
