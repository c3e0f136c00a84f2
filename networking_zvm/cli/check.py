"""`neutron-zvm check`: looks step by step, and what cannot be seen because a step failed is skipped."""

import contextlib
import datetime
import os
import stat
from collections.abc import Callable, Iterator, Sequence

from networking_zvm import conf, errors
from networking_zvm.cli import certificate, checks
from networking_zvm.cli.connection import CONNECTION, Connection, of_connection
from networking_zvm.cli.findings import Finding, Level
from networking_zvm.conf.files import Files
from networking_zvm.hypervisor import base
from networking_zvm.settings import ControlPoint, Settings

Connect = Callable[[Settings], base.Hypervisor]

_REMEDIES = {
    CONNECTION: "see whether {point}_server is right and that server is up",
    checks.CONTROL_POINT: "--debug shows every call",
    checks.NETWORKS: "see whether {caller} may use SMAPI (VSMWORK1 AUTHLIST); --debug shows every call",
    checks.MAC_PREFIX: "for instance user_prefix = 020000",
}
_CALLERS = {
    ControlPoint.XCAT: "the zHCP",
    ControlPoint.FEILONG: "the guest Feilong runs in",
    ControlPoint.SMAPI: "smapi_username",
}


def check(argv: Sequence[str], connect: Connect) -> Iterator[Finding]:
    """Everything there is to say about an agent with this command line, as soon as it is known.

    Raises nothing but SystemExit, for an argument nobody knows.
    """
    seen: set[str] = set()
    cause = ""
    for finding in _look(argv, connect):
        seen.add(finding.topic)
        if finding.level is Level.FAIL:
            cause = finding.topic
        yield finding
    for topic in checks.TOPICS:
        if topic not in seen:
            yield Finding(Level.SKIP, topic, f"not looked at, because {cause} failed")


def _look(argv: Sequence[str], connect: Connect) -> Iterator[Finding]:
    try:
        parsed = conf.parse(argv)
        reading = conf.examine(parsed)
        yield from checks.of_configuration(reading, _open_to_all(Files.of(parsed)))
        if reading.settings:
            with contextlib.closing(connect(reading.settings)) as hypervisor:
                yield from _look_outside(reading.settings, hypervisor)
    except errors.ConfigurationError as error:
        for fault in error.errors:
            yield Finding(Level.FAIL, checks.CONFIGURATION, fault)


def _look_outside(settings: Settings, hypervisor: base.Hypervisor) -> Iterator[Finding]:
    """Look from the outside in; the first step that fails is the last."""
    topic, way_there = CONNECTION, Connection.of(settings)
    try:
        expires = certificate.expiry(way_there)
        yield from of_connection(settings, way_there, expires, datetime.datetime.now(datetime.UTC))
        topic = checks.CONTROL_POINT
        yield from checks.of_description(settings, hypervisor.describe())
        topic = checks.NETWORKS
        system = hypervisor.observe()
        yield from checks.of_user_prefix(settings.user_prefix, system)
        yield from checks.of_system(settings, system, hypervisor.capabilities)
        yield from checks.of_service_guests(settings, system, hypervisor.capabilities)
        topic = checks.PORT_RECORDS
        yield from checks.of_records(hypervisor.port_records(), system, hypervisor.capabilities)
    except certificate.TlsFailure as error:
        yield Finding(Level.FAIL, topic, str(error), error.remedy or _remedy(topic, settings))
    except errors.HypervisorError as error:
        if "user_prefix" in str(error):  # the control point does not tell it, and no NIC shows it
            topic = checks.MAC_PREFIX
        yield Finding(Level.FAIL, topic, str(error), _remedy(topic, settings))


def _remedy(topic: str, settings: Settings) -> str | None:
    point = settings.control_point
    if topic == checks.CONTROL_POINT and settings.smapi and not settings.smapi.tls:
        return f"remove smapi_tls if that port speaks TLS; {_REMEDIES[topic]}"
    remedy = _REMEDIES.get(topic)
    return remedy.format(point=point, caller=_CALLERS[point]) if remedy else None


def _open_to_all(files: Files) -> list[str]:
    """Files with a secret that everybody on this machine may read; the token's is one of its own."""
    paths = {place.file for place in files if place.name.endswith("_password")}
    paths |= {place.value for place in files if place.name.endswith("_token_file")}
    return sorted(path for path in paths if os.path.isfile(path) and os.stat(path).st_mode & stat.S_IROTH)
