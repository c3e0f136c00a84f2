"""The one place that picks the way to z/VM."""

from networking_zvm import errors, model
from networking_zvm.hypervisor import base
from networking_zvm.hypervisor.feilong import FeilongHypervisor
from networking_zvm.hypervisor.smapi import SmapiHypervisor
from networking_zvm.hypervisor.xcat import XcatHypervisor
from networking_zvm.settings import ControlPoint, Settings

CAPABILITIES = {
    ControlPoint.XCAT: XcatHypervisor.capabilities,
    ControlPoint.FEILONG: FeilongHypervisor.capabilities,
    ControlPoint.SMAPI: SmapiHypervisor.capabilities,
}
"""What each driver can do, known before anything is connected."""


def connect(settings: Settings) -> base.Hypervisor:
    """The driver the settings ask for; nothing is sent yet. Raises ConfigurationError."""
    hypervisor = _driver(settings)
    ways = {settings.authorization, *settings.authorization_of.values()} - {None}
    if beyond := sorted(map(str, ways - hypervisor.capabilities.ways)):
        hypervisor.close()
        able, point = ", ".join(sorted(map(str, hypervisor.capabilities.ways))), settings.control_point
        problem = f"authorization by {', '.join(beyond)} cannot be had through {point}, only by {able}"
        raise errors.ConfigurationError([problem])
    return hypervisor


def _driver(settings: Settings) -> base.Hypervisor:
    match settings:
        case Settings(control_point=ControlPoint.XCAT, xcat=xcat) if xcat:
            vswitch = _management_vswitch(settings)
            if xcat.management_nic and vswitch is None:
                raise errors.ConfigurationError(["xcat_mgt_ip needs a flat network: set flat_networks"])
            return XcatHypervisor(xcat, settings.persistent_authorization, vswitch)
        case Settings(control_point=ControlPoint.FEILONG, feilong=feilong) if feilong:
            return FeilongHypervisor(feilong, settings.parallelism, settings.user_prefix)
        case Settings(control_point=ControlPoint.SMAPI, smapi=smapi) if smapi:
            return SmapiHypervisor(smapi, settings.persistent_authorization, settings.user_prefix)
    point = settings.control_point
    raise errors.ConfigurationError([f"control_point = {point} needs {point}_server"])


def _management_vswitch(settings: Settings) -> model.VSwitchName | None:
    flat = settings.flat_networks[0] if settings.flat_networks else None
    return settings.vswitch_of.get(flat) if flat else None
