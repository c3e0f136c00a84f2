"""`neutron-zvm check`: looks step by step, and what cannot be seen because a step failed is skipped."""

import contextlib
import datetime
import os
import stat
from collections.abc import Callable, Iterator, Sequence

from networking_zvm import conf, errors
from networking_zvm.cli import certificate, checks
from networking_zvm.cli.findings import Finding, Level
from networking_zvm.conf.files import Files
from networking_zvm.hypervisor import base
from networking_zvm.settings import Settings

Connect = Callable[[Settings], base.Hypervisor]

_REMEDIES = {
    checks.CONNECTION: "see whether xcat_server is right and that server is up",
    checks.CONTROL_POINT: "--debug shows every call",
    checks.NETWORKS: "see whether the zHCP may use SMAPI (VSMWORK1 AUTHLIST); --debug shows every call",
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
    topic = checks.CONNECTION
    try:
        if settings.xcat:
            expires = certificate.expiry(settings.xcat.url, settings.xcat.tls)
            yield from checks.of_connection(settings.xcat, expires, datetime.datetime.now(datetime.UTC))
        topic = checks.CONTROL_POINT
        yield from checks.of_description(settings, hypervisor.describe())
        topic = checks.NETWORKS
        system = hypervisor.observe()
        yield from checks.of_system(settings, system)
        topic = checks.PORT_RECORDS
        yield from checks.of_records(hypervisor.port_records(), system)
    except certificate.TlsFailure as error:
        yield Finding(Level.FAIL, topic, str(error), error.remedy)
    except errors.HypervisorError as error:
        yield Finding(Level.FAIL, topic, str(error), _REMEDIES.get(topic))


def _open_to_all(files: Files) -> list[str]:
    paths = {place.file for place in files if place.name.endswith("xcat_password")}
    return sorted(path for path in paths if os.stat(path).st_mode & stat.S_IROTH)
