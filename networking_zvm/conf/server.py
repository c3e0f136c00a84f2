"""What the options of every control point have in common: an address, credentials, a certificate."""

import dataclasses
import ipaddress
import os
import re
import urllib.parse
from collections.abc import Mapping

from networking_zvm import errors
from networking_zvm.conf.values import Values
from networking_zvm.settings import Tls

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


@dataclasses.dataclass(frozen=True, slots=True)
class Address:
    """Where a server is. scheme: of its URL, empty if it has none. host: an IPv6 address without brackets."""

    scheme: str
    host: str
    port: int

    @property
    def url(self) -> str:
        """As "https://host:port"."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def parse_address(text: str, ports: Mapping[str, int]) -> Address:
    """The address that host, host:port or scheme://host:port names.

    ports: the schemes that may be, and the port if none is named; the first is that of a text without one.
    Raises InvalidValue, which quotes nothing, for what does not belong there may be a password.
    """
    before, _, rest = text.rpartition("://")
    scheme = before.lower() or next(iter(ports))
    forms = _either("host", "host:port", *(f"{each}://host:port" for each in ports if each))
    if scheme not in ports:
        over = f"is reached over {_either(*ports)} only: " if all(ports) else ""
        raise errors.InvalidValue(f"{over}write {forms}")
    try:
        parts = urllib.parse.urlsplit(f"//{rest}")
        host, port = parts.hostname or "", ports[scheme] if parts.port is None else parts.port
    except ValueError:
        raise errors.InvalidValue(f"write {forms}, a port up to 65535") from None
    if "@" in parts.netloc:
        raise errors.InvalidValue("user and password do not belong here: they have options of their own")
    if parts.path.strip("/") or parts.query or parts.fragment or not text.isprintable():
        raise errors.InvalidValue(f"write only host and port: {forms}")
    if not port:
        raise errors.InvalidValue("0 is no port: write one up to 65535")
    return Address(scheme, _host(host, forms), port)


def _either(*words: str) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last


def _host(text: str, forms: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        if not _HOST.fullmatch(text):
            raise errors.InvalidValue(f"write {forms}") from None
        return text


def read_address(values: Values, name: str, ports: Mapping[str, int], what: str) -> Address:
    """The address that an option gives, one of no use after a problem. what: whose it is."""
    server = values.zvm(name)
    problem = f"{values.where(name)} is not set: name {what}"
    if server:
        try:
            return parse_address(server, ports)
        except errors.InvalidValue as error:
            problem = f"{values.where(name)}: {error}"
    values.problems.errors.append(problem)
    return Address(next(iter(ports)), "", 0)


def read_credential(values: Values, name: str, hint: str) -> str:
    """A user or password, empty after a problem. hint: what to do if it is not set."""
    before = len(values.problems.errors)
    value = values.zvm(name)
    if not value and len(values.problems.errors) == before:
        values.problems.errors.append(f"{values.where(name)} is not set: {hint}")
    return value or ""


def read_tls(values: Values, point: str) -> Tls:
    """What the two options of a control point say of its certificate."""
    ca_file, verify = values.zvm(f"{point}_ca_file") or None, values.zvm(f"{point}_verify")
    where = values.where(f"{point}_ca_file")
    if ca_file and not os.access(ca_file, os.R_OK):
        values.problems.errors.append(f"{where}: {ca_file} cannot be read: put the certificates there")
    if ca_file and not verify:
        switch = values.where(f"{point}_verify")
        values.problems.errors.append(f"{where} is of no use while {switch} is false: remove one of them")
    return Tls(ca_file, verify)
