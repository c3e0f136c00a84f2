"""The cloud's configuration files: one for Neutron's processes, one that every agent gets beside its own.

Options: the Neutron 29 configuration reference (docs.openstack.org/neutron/latest/configuration).
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

Sections = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class NeutronSettings:
    """What the caller decides about Neutron.

    flat_networks: names of physical networks; vlan_ranges: "physnet:first:last" each; base_mac: MAC addresses
    Neutron makes up begin with its first three octets (four if the fourth is not 00).
    agent_down_time and report_interval: seconds until a silent agent counts as dead, and between its reports.
    """

    flat_networks: tuple[str, ...] = ()
    vlan_ranges: tuple[str, ...] = ()
    mechanism_drivers: tuple[str, ...] = ("zvm",)
    base_mac: str = "02:00:00:00:00:00"
    agent_down_time: int = 30
    report_interval: int = 5


def server_sections(
    settings: NeutronSettings, state_dir: Path, transport_url: str, database_url: str
) -> Sections:
    """Neutron without Keystone, without Nova's notifications and without quotas.

    Security groups stay on: off, Neutron 29.0.0 answers a bulk port creation with HTTP 500. One RPC worker is
    the least: without, the server tells agents nothing.
    """
    return {
        "DEFAULT": {
            **_common_defaults(state_dir, transport_url),
            "auth_strategy": "noauth",
            "core_plugin": "ml2",
            "service_plugins": "",
            "api_paste_config": str(Path(sys.prefix) / "etc/neutron/api-paste.ini"),
            "base_mac": settings.base_mac,
            "host": "controller",
            "agent_down_time": str(settings.agent_down_time),
            "notify_nova_on_port_status_changes": "false",
            "notify_nova_on_port_data_changes": "false",
            "rpc_workers": "1",
            "rpc_state_report_workers": "0",
        },
        "database": {"connection": database_url},
        **_common_sections(settings, state_dir),
        "quotas": {"quota_network": "-1", "quota_subnet": "-1", "quota_port": "-1"},
        "ml2": {
            "type_drivers": "flat,vlan,local",
            "project_network_types": "vlan" if settings.vlan_ranges else "local",
            "mechanism_drivers": ",".join(settings.mechanism_drivers),
            "extension_drivers": "port_security",
        },
        "ml2_type_flat": {"flat_networks": ",".join(settings.flat_networks)},
        "ml2_type_vlan": {"network_vlan_ranges": ",".join(settings.vlan_ranges)},
        "securitygroup": {"enable_security_group": "true"},
    }


def agent_sections(settings: NeutronSettings, state_dir: Path, transport_url: str) -> Sections:
    """What an agent must know of this cloud to be part of it."""
    return {"DEFAULT": _common_defaults(state_dir, transport_url), **_common_sections(settings, state_dir)}


def write_conf(path: Path, sections: Sections) -> Path:
    """Write an oslo.config file that only its owner may read, as it holds passwords."""
    lines: list[str] = []
    for section, options in sections.items():
        lines += [f"[{section}]", *(f"{name} = {value}" for name, value in options.items()), ""]
    return write_private(path, "\n".join(lines))


def write_private(path: Path, text: str) -> Path:
    """Write a file that nobody but its owner may read at any time."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    return path


def _common_defaults(state_dir: Path, transport_url: str) -> Mapping[str, str]:
    return {"transport_url": transport_url, "state_path": str(state_dir / "state")}


def _common_sections(settings: NeutronSettings, state_dir: Path) -> Sections:
    return {
        "agent": {"report_interval": str(settings.report_interval)},
        "oslo_concurrency": {"lock_path": str(state_dir / "lock")},
        "oslo_messaging_notifications": {"driver": "noop"},
    }
