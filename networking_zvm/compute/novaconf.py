"""Options of ours in nova.conf, and how to reach Feilong as Nova's own z/VM options say.

They stand in Nova's own section [zvm]. Feilong must ask for no token (`[wsgi] auth = none`): the client of
Nova's own driver cannot give it one. Source: nova 34.0.0, nova/virt/zvm/utils.py.
"""

import re
import urllib.parse

from oslo_config import cfg

from networking_zvm import errors, model
from networking_zvm.compute.guest_nics import GuestNics
from networking_zvm.hypervisor.feilong import FeilongHypervisor
from networking_zvm.hypervisor.feilong_client import FeilongClient
from networking_zvm.settings import FeilongSettings, Tls

GROUP = "zvm"
_REQUESTS = 4
"""Interface calls under way at once: Feilong's server takes few (see `hypervisor.feilong_client`)."""
_PORT = 8080
"""Where Nova's client looks if the URL names no port. Source: zVMCloudConnector 1.6.3, connector.py."""

_HOST_AND_PORT = re.compile(r"(?P<host>[\w.-]+|\[[0-9A-Fa-f:.]+\])(:(?P<port>\d{1,5}))?")

OPTIONS = (
    cfg.StrOpt(
        "default_nic_vdev",
        default="1000",
        deprecated_opts=[
            cfg.DeprecatedOpt("zvm_default_nic_vdev", group="DEFAULT"),
            cfg.DeprecatedOpt("zvm_default_nic_vdev", group=GROUP),
        ],
        help="Virtual device number of a guest's first NIC, 1-4 hex digits. Each NIC takes three "
        "numbers, the next one the three that follow.",
    ),
    cfg.StrOpt(
        "user_prefix",
        help="First six hex digits of the MACs of guests: what CP's QUERY VMLAN shows as USER Prefix. "
        "Without it the driver has to learn it from a live NIC, for Feilong does not tell it. Neutron's "
        "base_mac must begin with it; a port with another MAC is refused before a guest is made for it.",
    ),
)


def register(conf: cfg.ConfigOpts) -> None:
    """Make the options known to Nova's configuration."""
    conf.register_opts(OPTIONS, group=GROUP)


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """For oslo-config-generator."""
    return [(GROUP, list(OPTIONS))]


def guest_nics(conf: cfg.ConfigOpts) -> GuestNics:
    """What makes NICs, as the options say; nothing is sent yet. Raises ConfigurationError."""
    settings, prefix = feilong_settings(conf), user_prefix(conf)
    hypervisor = FeilongHypervisor(settings, user_prefix=prefix)
    return GuestNics(hypervisor, FeilongClient(settings, _REQUESTS), first_vdev(conf), prefix)


def feilong_settings(conf: cfg.ConfigOpts) -> FeilongSettings:
    """The server of cloud_connector_url; its certificate is checked, by ca_file or the system's authorities.

    Raises ConfigurationError.
    """
    url = urllib.parse.urlparse(conf.zvm.cloud_connector_url or "")
    match = _HOST_AND_PORT.fullmatch(url.netloc)
    if url.scheme not in ("http", "https") or not match:
        raise errors.ConfigurationError(["[zvm] cloud_connector_url: write http:// or https:// and a host"])
    address = f"{url.scheme}://{match['host']}:{match['port'] or _PORT}"
    return FeilongSettings(address, tls=Tls(conf.zvm.ca_file))


def first_vdev(conf: cfg.ConfigOpts) -> model.Vdev:
    """Where a guest's device numbers for NICs begin. Raises ConfigurationError."""
    try:
        return model.Vdev(conf.zvm.default_nic_vdev)
    except errors.InvalidValue as error:
        raise errors.ConfigurationError([f"[zvm] default_nic_vdev: {error}"]) from None


def user_prefix(conf: cfg.ConfigOpts) -> model.MacPrefix | None:
    """z/VM's, None if the operator has not named it. Raises ConfigurationError."""
    try:
        return model.MacPrefix(conf.zvm.user_prefix) if conf.zvm.user_prefix else None
    except errors.InvalidValue as error:
        raise errors.ConfigurationError([f"[zvm] user_prefix: {error}"]) from None
