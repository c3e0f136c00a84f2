"""What an Open vSwitch host needs of the machine that the simulator runs on, Neutron's agents included."""

import os
from typing import Final

from zvmlab.cloud.programs import find_program
from zvmsim import dataplane

PACKAGES: Final = {
    "ovs-vswitchd": "openvswitch-switch",
    "ovsdb-server": "openvswitch-switch",
    "dnsmasq": "dnsmasq-base",
    "dhcp_release": "dnsmasq-utils",
    "iptables": "iptables",
    "ip": "iproute2",
}


def missing() -> list[str]:
    """What this machine lacks, in words; empty if nothing."""
    root = [] if os.geteuid() == 0 else ["root, as Neutron's agents do"]
    absent = {package for name, package in PACKAGES.items() if find_program(name) is None}
    return [*root, *dataplane.missing(), *(f"the package {package}" for package in sorted(absent))]
