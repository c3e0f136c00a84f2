"""A device for each network by the kernel alone: 802.1Q on the trunk NIC, or macvlan for untagged frames.

The device is made beside its NIC, gets the port's MAC, which Linux registers with the NIC, and moves to the
namespace. It stays until it is deleted or the NIC vanishes, whatever becomes of the agent.
"""

import errno

from neutron.agent.linux import ip_lib
from neutron.privileged.agent.linux import ip_lib as privileged
from pyroute2.netlink import exceptions as netlink

from networking_zvm.dhcp.attachment import Attachment

_CANNOT = (errno.EOPNOTSUPP, errno.ENOTSUP)


class Unsupported(Exception):
    """This kernel has no such devices, or not on this NIC."""


def attach(attachment: Attachment, interface: str) -> None:
    """Make the device, down, in its namespace. Raises Unsupported; Neutron's and netlink's errors pass."""
    left_behind = ip_lib.IPDevice(attachment.device)
    if left_behind.exists():  # by an agent that ended halfway
        left_behind.link.delete()
    try:
        _create(attachment, interface)
    except netlink.NetlinkError as error:
        if error.code in _CANNOT:
            raise Unsupported(str(error)) from error
        raise
    device = ip_lib.IPDevice(attachment.device)
    device.link.set_address(attachment.mac)
    device.link.set_netns(attachment.namespace)


def _create(attachment: Attachment, interface: str) -> None:
    if attachment.vlan:
        ip_lib.IPWrapper().add_vlan(attachment.device, interface, int(attachment.vlan))
    else:
        privileged.create_interface(
            attachment.device, None, "macvlan", physical_interface=interface, macvlan_mode="bridge"
        )
