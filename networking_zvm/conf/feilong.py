"""How to reach a Feilong server, and the token it may ask for."""

from networking_zvm.conf.server import read_address, read_tls
from networking_zvm.conf.values import Values
from networking_zvm.settings import FeilongSettings, Tls

PORTS = {"https": 443, "http": 80}
"""Feilong speaks http only; https is the doing of a web server before it. Source: its documentation."""


def read_feilong(values: Values) -> FeilongSettings:
    """What [zvm] says of Feilong; problems go to values.problems."""
    address = read_address(values, "feilong_server", PORTS, "the server where Feilong's REST API answers")
    return FeilongSettings(
        url=address.url,
        token_file=_token_file(values),
        tls=_without_tls(values) if address.scheme == "http" else read_tls(values, "feilong"),
        timeout=values.zvm("feilong_timeout"),
    )


def _token_file(values: Values) -> str | None:
    """The token itself is read by whoever sends it, each time: it may be replaced while the agent runs."""
    path, where = str(values.zvm("feilong_token_file") or ""), values.where("feilong_token_file")
    if not path:
        return None
    remedy = "put Feilong's admin token there (zvmsdk-gentoken makes one); leave it out if none is asked for"
    try:
        with open(path, "rb") as file:
            if not file.read().strip():
                values.problems.errors.append(f"{where}: {path} is empty: {remedy}")
    except OSError as error:
        values.problems.errors.append(f"{where}: {path} cannot be read ({error.strerror}): {remedy}")
    except ValueError:
        values.problems.errors.append(f"{where} is no path of a file: {remedy}")
    return path


def _without_tls(values: Values) -> Tls:
    server = values.where("feilong_server")
    values.problems.notes.append(
        f"{server} is http: the token and all changes travel readable, and anybody in between can make "
        "others; put a TLS proxy before Feilong and write https://"
    )
    for name in ("feilong_ca_file", "feilong_verify"):
        if values.is_set(name):
            values.problems.notes.append(f"{values.where(name)} has no effect while {server} is http")
    return Tls()
