"""The configuration files that sites of old have, as their documentation showed them.

Sources: networking-zvm doc/source singleflat.rst, singlevlan.rst, advanced.rst, its sample ini (2014-2017);
the same of 2019, which speak of cloud_connector_url; z/VM OpenStack samples until 2015 with [ovs]
network_vlan_ranges.
"""

import pathlib

_FOLDER = pathlib.Path(__file__).parent / "files"

SINGLE_FLAT = ("single-flat.ml2_conf.ini", "single-flat.neutron_zvm_plugin.ini")
SINGLE_VLAN = ("single-vlan.ml2_conf.ini", "single-vlan.neutron_zvm_plugin.ini")
ADVANCED = ("advanced.ml2_conf.ini", "advanced.neutron_zvm_plugin.ini")
MORE_NETWORKS = ("more-networks.ml2_conf.ini", "more-networks.neutron_zvm_plugin.ini")
SECOND_HOST = ("two-hosts-b.neutron.conf", "advanced.ml2_conf.ini", "two-hosts-b.neutron_zvm_plugin.ini")
QUANTUM = ("quantum.zvm_quantum_plugin.ini",)
FEILONG = ("feilong.ml2_conf.ini", "feilong.neutron_zvm_plugin.ini")

WITH_XCAT = (SINGLE_FLAT, SINGLE_VLAN, ADVANCED, MORE_NETWORKS, SECOND_HOST, QUANTUM)


def arguments(names: tuple[str, ...]) -> list[str]:
    """The command line that reads these files."""
    return [word for name in names for word in ("--config-file", str(_FOLDER / name))]


def with_feilong(folder: pathlib.Path, server: str) -> list[str]:
    """The command line for FEILONG with /etc/zvmsdk in this folder, and with this server."""
    (folder / "token.dat").write_text("abcDEF0123\n")
    (folder / "ca.pem").touch()
    for name in FEILONG:
        text = (_FOLDER / name).read_text().replace("/etc/zvmsdk", str(folder))
        (folder / name).write_text(text.replace("https://10.0.0.3:8080/", server))
    return [word for name in FEILONG for word in ("--config-file", str(folder / name))]
