"""What the driver takes for granted of Nova's own z/VM driver, checked when nova-compute starts.

Most of it is private to Nova and may change with any series; what is missing or means something else must be
told as such and not show as a crash in the middle of a boot. Source: nova 34.0.0, nova/virt/zvm.
"""

import importlib.metadata
import inspect
import pkgutil
from collections.abc import Iterator

from networking_zvm import errors

TESTED_SERIES = (34,)
"""Major versions of Nova with which the tests run."""

_DRIVER = "nova.virt.zvm.driver:ZVMDriver"
_HYPERVISOR = "nova.virt.zvm.hypervisor:Hypervisor"

PARAMETERS = {
    f"{_DRIVER}.spawn": (
        "context", "instance", "image_meta", "injected_files", "admin_password", "allocations",
        "network_info", "block_device_info", "power_on", "accel_info",
    ),
    f"{_DRIVER}.destroy": ("context", "instance", "network_info", "block_device_info", "destroy_disks"),
    f"{_DRIVER}.reboot": (
        "context", "instance", "network_info", "reboot_type", "block_device_info", "bad_volumes_callback",
        "accel_info", "share_info",
    ),
    f"{_DRIVER}.power_on": (
        "context", "instance", "network_info", "block_device_info", "accel_info", "share_info",
    ),
    f"{_DRIVER}._setup_network": ("vm_name", "os_distro", "network_info", "instance"),
    f"{_DRIVER}._wait_vif_plug_events": ("vm_name", "os_distro", "network_info", "instance"),
    f"{_DRIVER}._neutron_failed_callback": ("event_name", "instance"),
    f"{_HYPERVISOR}.list_names": (),
    f"{_HYPERVISOR}.guest_get_power_state": ("name",),
    "nova.api.metadata.base:netutils.get_network_metadata": ("network_info",),
}
"""What is called, overridden or replaced, with its parameters but for self."""


def check() -> str | None:
    """Nova's version if the tests do not run with its series, None if they do.

    Raises ConfigurationError naming all that is missing or different, and the series to use.
    """
    version = importlib.metadata.version("nova")
    if faults := list(_faults()):
        tested = ", ".join(map(str, TESTED_SERIES))
        advice = f"this release of networking-zvm is for Nova {tested}: install the one for your Nova"
        what = f"Nova {version} has another z/VM driver than expected"
        raise errors.ConfigurationError([what, *faults, advice])
    return None if int(version.split(".")[0]) in TESTED_SERIES else version


def _faults() -> Iterator[str]:
    for path, expected in PARAMETERS.items():
        try:
            found = pkgutil.resolve_name(path)
        except (ImportError, AttributeError):
            yield f"{path} is missing"
            continue
        parameters = tuple(name for name in inspect.signature(found).parameters if name != "self")
        if parameters != expected:
            yield f"{path} takes ({', '.join(parameters)}), not ({', '.join(expected)})"
