"""The compute driver: Nova's own z/VM driver, with networks that are right.

What Nova's driver does well stays there (images, disks, power, snapshots); what is overridden here says why.
Nova finds the class by a file below nova.virt, which comes with the distribution networking-zvm-nova.
"""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from nova import conf, exception, objects
from nova import context as nova_context
from nova.virt import configdrive
from nova.virt.zvm import driver as zvm_driver
from oslo_log import log

from networking_zvm import errors, model
from networking_zvm.compute import intree, metadata, novaconf
from networking_zvm.compute.failures import ContradictionError
from networking_zvm.compute.guest_nics import Guest, GuestNics
from networking_zvm.compute.guestnet.networks import GuestNetwork
from networking_zvm.compute.guestnet.refusals import CannotConfigure
from networking_zvm.compute.guestnet.vifs import guest_networks

LOG = log.getLogger(__name__)
CONF = conf.CONF

novaconf.register(CONF)


class ZVMNetworkDriver(zvm_driver.ZVMDriver):  # type: ignore[misc]
    """`compute_driver = zvm_network.ZVMNetworkDriver`."""

    capabilities = {
        **zvm_driver.ZVMDriver.capabilities,
        "supports_attach_interface": True,
        "supports_device_tagging": True,
        "supports_tagged_attach_interface": True,
    }

    def __init__(self, virtapi: Any) -> None:
        """Raises ZVMDriverException for what only the operator can mend: options, another Nova."""
        try:
            if untested := intree.check():
                LOG.warning("networking-zvm has not been tested with Nova %s", untested)
            super().__init__(virtapi)
            self._nics: GuestNics = novaconf.guest_nics(CONF)
        except errors.ConfigurationError as error:
            raise exception.ZVMDriverException(error=str(error)) from None
        metadata.install()

    def list_instance_uuids(self) -> list[str]:
        """The instances of this host, deleted ones too, whose guests exist.

        Nova asks at a host's first start, and its own driver cannot tell, so that no new host comes up (since
        Nova 29). Deleted ones are what its search for leftovers is after.
        """
        names = set(self._hypervisor.list_names())
        if not names:
            return []
        every = nova_context.get_admin_context(read_deleted="yes")
        instances = objects.InstanceList.get_by_filters(every, {"host": CONF.host}, expected_attrs=[])
        return [instance.uuid for instance in instances if instance.name.upper() in names]

    def spawn(
        self,
        context: Any,
        instance: Any,
        image_meta: Any,
        *arguments: Any,
        network_info: Any = None,
        **more: Any,
    ) -> None:
        """Refuse networks that the guest could not be told of before anything is created."""
        if image_meta.properties.get("os_distro"):
            with _for_nova():
                for note in self._nics.check(_guest(instance, image_meta), _nets(instance, network_info)):
                    LOG.info("%s", note, instance=instance)
        instance.device_metadata = metadata.device_metadata(context, instance)
        super().spawn(context, instance, image_meta, *arguments, network_info=network_info, **more)

    def destroy(self, context: Any, instance: Any, *arguments: Any, **more: Any) -> None:
        """Remove the config drive too: it holds user data, and may hold the administrator's password."""
        try:
            super().destroy(context, instance, *arguments, **more)
        finally:
            _remove_config_drive(instance)

    def attach_interface(self, context: Any, instance: Any, image_meta: Any, vif: Any) -> None:
        """Add a NIC to the guest, on or off. Raises InterfaceAttachFailed: Nova releases the port then."""
        with _for_nova(exception.InterfaceAttachFailed):
            (net,) = _nets(instance, [vif])
            others = [other for other in instance.get_network_info() if other["id"] != vif["id"]]
            notes = self._nics.attach(_guest(instance, image_meta), net, _nets(instance, others))
        for note in notes:
            LOG.info("%s", note, instance=instance)
        instance.device_metadata = metadata.device_metadata(context, instance)

    def detach_interface(self, context: Any, instance: Any, vif: Any) -> None:  # noqa: ARG002
        """Remove a NIC from the guest, on or off. Raises InterfaceDetachFailed: Nova keeps the port then."""
        with _for_nova(exception.InterfaceDetachFailed):
            self._nics.detach(_guest(instance, instance.image_meta), *_nets(instance, [vif]))

    def plug_vifs(self, instance: Any, network_info: Any) -> None:
        """Define anew what the user directory has lost; asked for all instances when nova-compute starts.

        A guest that cannot be mended now is told in the log: Nova would put its instance into ERROR.
        """
        try:
            if nets := _nets(instance, network_info):
                self._nics.repair(_userid(instance), nets)
        except errors.ZvmError as error:
            LOG.warning("its NICs are not as they should be: %s", error, instance=instance)

    def unplug_vifs(self, instance: Any, network_info: Any) -> None:
        """Leave no NIC of an instance behind that could not be built."""
        if nets := _nets(instance, network_info):
            with _for_nova():
                self._nics.remove(_userid(instance), nets)

    def reboot(
        self, context: Any, instance: Any, network_info: Any, reboot_type: str, *arguments: Any, **more: Any
    ) -> None:
        """A hard reboot logs the guest on anew, so that its NICs are looked after first."""
        if reboot_type == "HARD":
            self.plug_vifs(instance, network_info)
        super().reboot(context, instance, network_info, reboot_type, *arguments, **more)

    def power_on(
        self, context: Any, instance: Any, network_info: Any, *arguments: Any, **more: Any
    ) -> None:
        """As a hard reboot does."""
        self.plug_vifs(instance, network_info)
        super().power_on(context, instance, network_info, *arguments, **more)

    def _setup_network(self, vm_name: str, os_distro: str, network_info: Any, instance: Any) -> None:
        """All NICs with all their addresses, in place of the first address of each."""
        guest = Guest(model.Userid(vm_name), os_distro, configdrive.required_by(instance))
        if nets := _nets(instance, network_info):
            with _for_nova():
                self._nics.create(guest, nets)

    def _wait_vif_plug_events(
        self, vm_name: str, os_distro: str, network_info: Any, instance: Any
    ) -> None:
        """The last thing before the guest logs on."""
        super()._wait_vif_plug_events(vm_name, os_distro, network_info, instance)
        if nets := _nets(instance, network_info):
            with _for_nova():
                self._nics.confirm(model.Userid(vm_name), nets)

    def _neutron_failed_callback(self, event_name: str, instance: Any) -> None:
        """A method, where Nova's own is static and crashes: vif_plugging_is_fatal decides, as documented."""
        LOG.error("Neutron reports that %s failed", event_name, instance=instance)
        if CONF.vif_plugging_is_fatal:
            raise exception.VirtualInterfaceCreateException()


def _userid(instance: Any) -> model.Userid:
    """z/VM has the name in upper case."""
    return model.Userid(instance.name)


def _guest(instance: Any, image_meta: Any) -> Guest:
    os_distro = image_meta.properties.get("os_distro") or ""
    return Guest(_userid(instance), os_distro, configdrive.required_by(instance))


def _nets(instance: Any, network_info: Iterable[Any] | None) -> list[GuestNetwork]:
    return guest_networks(network_info or (), hostname=instance.hostname or "")


def _remove_config_drive(instance: Any) -> None:
    """Where Nova's driver has put it. Source: nova/virt/zvm/utils.py."""
    folder = os.path.join(CONF.instances_path, instance.uuid)
    with contextlib.suppress(FileNotFoundError):
        os.remove(os.path.join(folder, "cfgdrive.iso"))
    with contextlib.suppress(OSError):
        os.rmdir(folder)


@contextlib.contextmanager
def _for_nova(kind: Callable[[str], Exception] | None = None) -> Iterator[None]:
    """Turn our errors into Nova's. kind: to raise for every error.

    Without one, InvalidInput says that another attempt is useless, ZVMDriverException that Nova may try
    another host.
    """
    try:
        yield
    except errors.ZvmError as error:
        if kind is not None:
            raise kind(str(error)) from error
        if isinstance(error, errors.InvalidValue | ContradictionError | CannotConfigure):
            raise exception.InvalidInput(reason=str(error)) from error
        raise exception.ZVMDriverException(error=str(error)) from error
