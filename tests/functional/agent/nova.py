"""What Nova would do for a port of a guest on ZVMA, through xCAT."""

from zvmlab.compute.base import PluggedNic
from zvmlab.compute.xcat import XcatCompute
from zvmlab.neutron_api import Port
from zvmsim.server import Simulator


def plug(simulator: Simulator, guest: str, port: Port) -> None:
    """Make the guest, and announce that the port is its NIC 1000."""
    assert simulator.management_node
    assert simulator.ca_file
    zhcp = next(z for z in simulator.management_node.config.zhcps if z.node == "zhcp")
    compute = XcatCompute(simulator.xcat_url, simulator.ca_file, "admin", "admin", zhcp)
    compute.define(guest)
    compute.plug(guest, [PluggedNic(port.id, "1000", port.mac_address, "10.0.0.1", "10.0.0.0/24")])
    compute.close()
