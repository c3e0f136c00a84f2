"""The interface driver `zvm` of neutron-dhcp-agent: plugs DHCP ports into the VLANs of a trunk NIC.

The agent makes an instance for each of its operations, and for a device that exists it calls no more than
`set_mtu`. So a helper process that died is healed whenever an instance is made.
Source: neutron/agent/linux/dhcp.py DeviceManager (29.0.0).
"""

from typing import Any

from neutron.agent.linux import interface, ip_lib
from neutron_lib import constants as n_const
from neutron_lib import exceptions as n_exc
from oslo_config import cfg
from oslo_log import log as logging
from pyroute2.netlink import exceptions as netlink

from networking_zvm import errors, model
from networking_zvm.conf import dhcp as conf_dhcp
from networking_zvm.dhcp import kernel
from networking_zvm.dhcp.attachment import Attachment
from networking_zvm.dhcp.placement import NeutronPlacements, Placements
from networking_zvm.dhcp.trunk_client import TrunkClient, state_directory

LOG = logging.getLogger(__name__)


class ZvmInterfaceDriver(interface.LinuxInterfaceDriver):  # type: ignore[misc]
    """See the module. placements: who knows the ports' segments; the Neutron server, unless told otherwise.

    Raises ConfigurationError if trunk_interfaces cannot be read.
    """

    DEV_NAME_PREFIX = n_const.TAP_DEVICE_PREFIX

    def __init__(self, conf: cfg.ConfigOpts, placements: Placements | None = None, **kwargs: Any) -> None:
        super().__init__(conf, **kwargs)
        conf_dhcp.register(conf)
        self._nics = conf_dhcp.trunk_nics(conf.zvm.trunk_interfaces)
        self._mode = conf_dhcp.Mode(conf.zvm.trunk_mode)
        self._placements = placements
        directory = state_directory(conf.state_path)
        self._trunks = {nic.interface: TrunkClient(nic.interface, directory) for nic in self._nics.values()}
        self._heal()

    def plug_new(
        self,
        network_id: str,  # noqa: ARG002
        port_id: str,
        device_name: str,
        mac_address: str,
        bridge: str | None = None,  # noqa: ARG002
        namespace: str | None = None,
        prefix: str | None = None,  # noqa: ARG002
        mtu: int | None = None,
    ) -> None:
        """Make the port's device in the namespace, with its MAC, up. Raises NotPlugged, InvalidValue."""
        nic, vlan = self._place(port_id)
        attachment = Attachment(device_name, namespace or "", model.Mac(mac_address), vlan)
        ip_lib.IPWrapper().ensure_namespace(namespace)
        ip_lib.IPDevice(nic.interface).link.set_up()
        self._attach(port_id, attachment, nic.interface)
        if mtu:
            self.set_mtu(device_name, mtu, namespace)
        ip_lib.IPDevice(device_name, namespace=namespace).link.set_up()

    def unplug(
        self,
        device_name: str,
        bridge: str | None = None,  # noqa: ARG002
        namespace: str | None = None,
        prefix: str | None = None,  # noqa: ARG002
    ) -> None:
        """Remove the device, whoever made it; all is well if there is none."""
        if any([trunk.detach(device_name) for trunk in self._trunks.values()]):
            return
        device = ip_lib.IPDevice(device_name, namespace=namespace)
        if device.exists():
            device.link.delete()

    def set_mtu(
        self,
        device_name: str,
        mtu: int,
        namespace: str | None = None,
        prefix: str | None = None,  # noqa: ARG002
    ) -> None:
        """Set the MTU; DHCP works with a smaller one, too, so a NIC that cannot do it is only warned of."""
        try:
            ip_lib.IPDevice(device_name, namespace=namespace).link.set_mtu(mtu)
        except (n_exc.InvalidInput, ip_lib.InvalidArgument, netlink.NetlinkError) as error:
            LOG.warning("%s keeps its MTU: set that of its NIC to %d at least: %s", device_name, mtu, error)

    def _heal(self) -> None:
        for trunk in self._trunks.values():
            try:
                trunk.heal()
            except errors.NotPlugged as error:
                LOG.error("networks without DHCP: %s", error)  # noqa: TRY400

    def _place(self, port_id: str) -> tuple[conf_dhcp.TrunkNic, model.VlanId | None]:
        if self._placements is None:
            self._placements = NeutronPlacements(self.conf.host)
        segment = self._placements(port_id)
        nic = self._nics.get(segment.physical_network or "")
        if nic is None:
            known = ", ".join(self._nics) or "none"
            raise errors.NotPlugged(
                f"port {port_id} is on {segment}, a physical network on which no NIC is known here (known: "
                f"{known}): add physical_network:interface to [zvm] trunk_interfaces"
            )
        if not ip_lib.device_exists(nic.interface):
            raise errors.NotPlugged(
                f"port {port_id}: this node has no {nic.interface}: is the NIC coupled and set online, is "
                "[zvm] trunk_interfaces right?"
            )
        return nic, segment.vlan or nic.flat_vlan

    def _attach(self, port_id: str, attachment: Attachment, interface: str) -> None:
        if self._mode != conf_dhcp.Mode.USERSPACE:
            try:
                kernel.attach(attachment, interface)
            except kernel.Unsupported as error:
                if self._mode == conf_dhcp.Mode.KERNEL:
                    problem = f"port {port_id}: {interface} takes no VLAN devices: {error}"
                    raise errors.NotPlugged(problem) from error
            else:
                return
        self._trunks[interface].attach(attachment)
