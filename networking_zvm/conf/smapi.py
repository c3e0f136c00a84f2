"""How to reach the SMAPI server of one z/VM system."""

from networking_zvm import errors, model
from networking_zvm.conf.server import read_address, read_credential, read_tls
from networking_zvm.conf.values import Values
from networking_zvm.settings import SmapiSettings, Tls

PORTS = {"": 44444}
"""Source: the default of pysmapi and of SMAPI's request server VSMREQIN."""


def read_smapi(values: Values) -> SmapiSettings:
    """What [zvm] says of SMAPI; problems go to values.problems."""
    address = read_address(values, "smapi_server", PORTS, "the TCP/IP address of the z/VM system")
    return SmapiSettings(
        host=address.host,
        port=address.port,
        username=_username(values),
        password=read_credential(values, "smapi_password", "set the password of smapi_username"),
        tls=_tls(values),
        timeout=values.zvm("smapi_timeout"),
    )


def _username(values: Values) -> str:
    name = read_credential(values, "smapi_username", "name a userid that VSMWORK1 AUTHLIST authorizes")
    try:
        return model.Userid(name) if name else ""
    except errors.InvalidValue:
        problem = "is no userid of z/VM: write one to eight characters"
        values.problems.errors.append(f"{values.where('smapi_username')} {problem}")
        return ""


def _tls(values: Values) -> Tls | None:
    if values.zvm("smapi_tls"):
        return read_tls(values, "smapi")
    switch = values.where("smapi_tls")
    values.problems.notes.append(
        f"{switch} is false: the password and all changes travel readable; let SMAPI speak TLS"
    )
    for name in ("smapi_ca_file", "smapi_verify"):
        if values.is_set(name):
            values.problems.notes.append(f"{values.where(name)} has no effect while {switch} is false")
    return None
