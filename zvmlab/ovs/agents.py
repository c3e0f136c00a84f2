"""What Neutron's own agents on the Open vSwitch host are told.

They are root in there, so their root_helper has nothing to do; an empty one would be sudo. Options: the
Neutron 29 configuration reference (docs.openstack.org/neutron/latest/configuration).
"""

from pathlib import Path
from typing import Final

from zvmlab.cloud.neutron_conf import Sections
from zvmlab.ovs.switch import DATABASE

LEASE_SECONDS: Final = 600


def openvswitch_agent(host: str, folder: Path, bridge_mappings: str) -> Sections:
    """Nobody filters: what port security lets through is not this host's matter here."""
    common = _common(host, folder)
    return {
        **common,
        "agent": {**common["agent"], "polling_interval": "1"},
        "ovs": {**_OVS, "bridge_mappings": bridge_mappings},
        "securitygroup": {"enable_security_group": "false", "firewall_driver": "noop"},
    }


def dhcp_agent(host: str, folder: Path) -> Sections:
    """The DHCP ports are internal ports of the integration bridge.

    dnsmasq is root, too, as anybody else could not read the files in our private folder.
    """
    dnsmasq = folder / "dnsmasq.conf"
    dnsmasq.write_text("user=root\n")
    common = _common(host, folder)
    return {
        **common,
        "DEFAULT": {
            **common["DEFAULT"],
            "interface_driver": "openvswitch",
            "dhcp_lease_duration": str(LEASE_SECONDS),
            "dnsmasq_config_file": str(dnsmasq),
        },
        "ovs": _OVS,
    }


_OVS: Final = {"datapath_type": "netdev", "ovsdb_connection": DATABASE}


def _common(host: str, folder: Path) -> Sections:
    return {
        "DEFAULT": {"host": host, "state_path": str(folder)},
        "agent": {"root_helper": "env"},
        "oslo_concurrency": {"lock_path": str(folder / "lock")},
    }
