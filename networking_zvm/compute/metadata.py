"""What an instance's config drive says of its NICs: all of network_data.json, and the tags that users gave.

Nova writes the drive; a function of its that words the networks is replaced by the one here.
"""

from collections.abc import Iterable
from typing import Any

from nova import objects
from nova.virt import netutils

from networking_zvm.compute.guestnet.network_data import NetworkData, network_data
from networking_zvm.compute.guestnet.vifs import guest_networks


def network_metadata(network_info: Any) -> NetworkData | None:
    """The content of network_data.json: static and complete, see `guestnet.network_data`."""
    return network_data(guest_networks(network_info)) if network_info else None


def install() -> None:
    """Let Nova, in this process, tell of networks in our words (nova.api.metadata.base asks for them)."""
    netutils.get_network_metadata = network_metadata


def device_metadata(context: Any, instance: Any) -> Any:
    """The tagged devices of an instance, as Nova keeps and tells them; None if there are none.

    Neither bus nor address is told, since Nova has no class for a channel device
    (nova.objects.virt_device_metadata); a guest knows its NIC by the MAC.
    """
    vifs = objects.VirtualInterfaceList.get_by_instance_uuid(context, instance.uuid)
    disks = objects.BlockDeviceMappingList.get_by_instance_uuid(context, instance.uuid)
    nics = [objects.NetworkInterfaceMetadata(mac=vif.address, tags=[vif.tag]) for vif in _tagged(vifs)]
    devices = [*nics, *(objects.DiskMetadata(tags=[disk.tag]) for disk in _tagged(disks))]
    return objects.InstanceDeviceMetadata(devices=devices) if devices else None


def _tagged(things: Iterable[Any]) -> list[Any]:
    return [thing for thing in things if "tag" in thing and thing.tag]
