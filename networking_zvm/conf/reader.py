"""From parsed files to `Settings`, or to every reason why not."""

import dataclasses
import socket
from collections.abc import Sequence

from oslo_config import cfg
from oslo_log import log as logging

from networking_zvm import errors
from networking_zvm.conf import names, options, parsing
from networking_zvm.conf.authorization import read_user_prefix, read_way, read_ways, refuse_impossible
from networking_zvm.conf.control_points import note_needless, read_control_point
from networking_zvm.conf.feilong import read_feilong
from networking_zvm.conf.files import Files
from networking_zvm.conf.networks import Networks, read_networks
from networking_zvm.conf.service_guests import read_service_guests
from networking_zvm.conf.smapi import read_smapi
from networking_zvm.conf.values import Problems, Values
from networking_zvm.conf.xcat import read_xcat
from networking_zvm.hypervisor.connect import CAPABILITIES
from networking_zvm.settings import ControlPoint, ServerPlugin, Settings

_PARALLELISM = {ControlPoint.XCAT: 6, ControlPoint.FEILONG: 8, ControlPoint.SMAPI: 6}

LOG = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class Reading:
    """What came out of a configuration.

    settings: None if there is any error. notes: what an operator should know although the agent can start.
    old_names: what is still set under its old name; oslo.config itself warns of these in the log.
    """

    settings: Settings | None
    errors: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    old_names: tuple[str, ...] = ()


def load(argv: Sequence[str]) -> Settings:
    """Settings from the files that a command line names.

    Raises ConfigurationError with every fault found, SystemExit for an argument nobody knows.
    """
    return settings_from(parsing.parse(argv))


def settings_from(conf: cfg.ConfigOpts) -> Settings:
    """Settings from an oslo.config object that has parsed its files: Neutron's own, or parse()'s.

    What deserves a warning is logged. Raises ConfigurationError with every fault found.
    """
    reading = examine(conf)
    for note in reading.notes:
        LOG.warning("%s", note)
    if reading.settings is None:
        raise errors.ConfigurationError(list(reading.errors))
    return reading.settings


def examine(conf: cfg.ConfigOpts) -> Reading:
    """All there is to say of a configuration. Raises and logs nothing itself."""
    options.register(conf)
    files = Files.of(conf)
    problems = Problems()
    problems.errors.extend(names.contradictions(files))
    problems.notes.extend(names.without_effect(files))
    values = Values(conf, files, problems)
    networks = read_networks(values)
    settings = _settings(values, networks)
    problems.errors.extend(names.unknown(files, networks.sections))
    return Reading(
        settings=None if problems.errors else settings,
        errors=tuple(dict.fromkeys(problems.errors)),
        notes=tuple(problems.notes),
        old_names=tuple(names.old_names(files)),
    )


def _settings(values: Values, networks: Networks) -> Settings:
    """After problems some of it may be nonsense."""
    point = read_control_point(values)
    settings = Settings(
        host=values.zvm("host") or values.neutron(options.NEUTRON_HOST) or socket.gethostname(),
        control_point=point or ControlPoint.XCAT,
        xcat=read_xcat(values, networks.flat) if point is ControlPoint.XCAT else None,
        feilong=read_feilong(values) if point is ControlPoint.FEILONG else None,
        smapi=read_smapi(values) if point is ControlPoint.SMAPI else None,
        vswitch_of=networks.vswitch_of,
        specs=networks.specs,
        server_plugin=ServerPlugin(values.zvm("server_plugin")),
        flat_networks=networks.flat,
        vlan_networks=networks.vlan,
        polling_interval=values.zvm("polling_interval"),
        audit_interval=values.zvm("audit_interval"),
        report_interval=values.neutron(options.NEUTRON_REPORT_INTERVAL, options.OLD_GROUP),
        log_heartbeats=values.neutron(options.NEUTRON_LOG_HEARTBEATS, options.OLD_GROUP),
        parallelism=values.zvm("parallelism") or _PARALLELISM[point or ControlPoint.XCAT],
        persistent_authorization=values.zvm("persistent_authorization"),
        authorization=read_way(values),
        authorization_of=read_ways(values, networks.vswitch_of.values()),
        user_prefix=read_user_prefix(values),
        service_guests=read_service_guests(values, networks.vswitch_of),
        base_mac=values.neutron(options.NEUTRON_BASE_MAC),
    )
    if point:
        note_needless(values, point)
        refuse_impossible(values, settings, CAPABILITIES[point].ways)
    return settings
