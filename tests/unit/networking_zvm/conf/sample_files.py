"""The configuration files that sites of old have, as their documentation showed them.

Sources: networking-zvm doc/source singleflat.rst, singlevlan.rst, advanced.rst, its sample ini (2014-2017);
z/VM OpenStack samples until 2015 with [ovs] network_vlan_ranges.
"""

import pathlib

_FOLDER = pathlib.Path(__file__).parent / "files"

SINGLE_FLAT = ("single-flat.ml2_conf.ini", "single-flat.neutron_zvm_plugin.ini")
SINGLE_VLAN = ("single-vlan.ml2_conf.ini", "single-vlan.neutron_zvm_plugin.ini")
ADVANCED = ("advanced.ml2_conf.ini", "advanced.neutron_zvm_plugin.ini")
MORE_NETWORKS = ("more-networks.ml2_conf.ini", "more-networks.neutron_zvm_plugin.ini")
SECOND_HOST = ("two-hosts-b.neutron.conf", "advanced.ml2_conf.ini", "two-hosts-b.neutron_zvm_plugin.ini")
QUANTUM = ("quantum.zvm_quantum_plugin.ini",)

EVERY = (SINGLE_FLAT, SINGLE_VLAN, ADVANCED, MORE_NETWORKS, SECOND_HOST, QUANTUM)


def arguments(names: tuple[str, ...]) -> list[str]:
    """The command line that reads these files."""
    return [word for name in names for word in ("--config-file", str(_FOLDER / name))]
