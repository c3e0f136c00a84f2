"""Where the control point answers, and what `neutron-zvm check` thinks of the way there. Pure."""

import dataclasses
import datetime
import urllib.parse
from collections.abc import Iterator
from typing import Self

from networking_zvm.cli.findings import Finding, Level
from networking_zvm.settings import ControlPoint, Credentials, Settings, Tls

CONNECTION = "connection"

_EXPIRES_SOON = datetime.timedelta(days=14)

_SECRET = {
    ControlPoint.XCAT: "the password",
    ControlPoint.FEILONG: "the token",
    ControlPoint.SMAPI: "the password",
}
_WITH_TLS = {
    ControlPoint.FEILONG: "put a web server with TLS before Feilong, and write https:// in feilong_server",
    ControlPoint.SMAPI: "have z/VM's TLS server secure SMAPI's port, and remove smapi_tls",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Connection:
    """Where a control point answers. name: for operators. tls: None where it is reached without."""

    point: ControlPoint
    name: str
    host: str
    port: int
    tls: Tls | None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """That of the control point in use."""
        if smapi := settings.smapi:
            name = f"{smapi.host}:{smapi.port}"
            return cls(settings.control_point, name, smapi.host, smapi.port, smapi.tls)
        rest = settings.xcat or settings.feilong
        if rest is None:
            raise ValueError("settings without a control point")
        url = urllib.parse.urlsplit(rest.url)
        tls = None if url.scheme == "http" else rest.tls
        return cls(settings.control_point, rest.url, url.hostname or "", url.port or 443, tls)


def of_connection(
    settings: Settings, connection: Connection, expires: datetime.datetime | None, now: datetime.datetime
) -> Iterator[Finding]:
    """expires: until when the certificate is valid, None if it was not verified."""
    yield from _security(connection)
    if settings.xcat and settings.xcat.credentials is Credentials.QUERY:
        problem = "user and password travel in the URL and end up in the server's access log"
        yield Finding(Level.WARN, CONNECTION, problem, "try it with xcat_credentials = headers")
    if settings.feilong and not settings.feilong.token_file:
        yield Finding(
            Level.WARN,
            CONNECTION,
            f"{connection.name}: Feilong is asked without a token ([wsgi] auth = none; Nova's own driver "
            "cannot send one), so whoever reaches it can change every guest",
            "let nobody but Nova and this agent reach it; set feilong_token_file if Nova can do without it",
        )
    if expires and expires - now < _EXPIRES_SOON:
        problem = f"{connection.name}: its certificate expires on {expires:%Y-%m-%d}"
        yield Finding(Level.WARN, CONNECTION, problem, "renew it before then")
    elif expires:
        text = f"{connection.name}: certificate verified, valid until {expires:%Y-%m-%d}"
        yield Finding(Level.OK, CONNECTION, text)


def _security(connection: Connection) -> Iterator[Finding]:
    point, secret = connection.point, _SECRET[connection.point]
    if connection.tls is None:
        problem = f"{connection.name}: without TLS {secret} and all changes travel readable"
        yield Finding(Level.WARN, CONNECTION, problem, _WITH_TLS.get(point))
    elif not connection.tls.verify:
        yield Finding(
            Level.WARN,
            CONNECTION,
            f"{connection.name}: its certificate is not verified, so anybody in between can take {secret}",
            f"set {point}_ca_file to the certificate that vouches for it, and remove {point}_verify",
        )
