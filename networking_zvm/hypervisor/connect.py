"""The one place that picks the way to z/VM."""

from networking_zvm import errors
from networking_zvm.hypervisor import base
from networking_zvm.hypervisor.xcat import XcatHypervisor
from networking_zvm.settings import Settings


def connect(settings: Settings) -> base.Hypervisor:
    """The driver the settings ask for; nothing is sent yet. Raises ConfigurationError."""
    if settings.xcat is None:
        raise errors.ConfigurationError([f"control_point = {settings.control_point} needs xcat_server"])
    flat = settings.flat_networks[0] if settings.flat_networks else None
    vswitch = settings.vswitch_of.get(flat) if flat else None
    if settings.xcat.management_nic and vswitch is None:
        raise errors.ConfigurationError(["xcat_mgt_ip needs a flat network: set flat_networks"])
    return XcatHypervisor(settings.xcat, settings.persistent_authorization, vswitch)
