"""One device of a DHCP namespace and the VLAN of the trunk NIC it belongs to."""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any, Self

from networking_zvm import errors, model

_DEVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}")
_NAMESPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")


@dataclasses.dataclass(frozen=True, slots=True)
class Attachment:
    """device: its name in the network namespace. vlan: None for untagged frames. Raises InvalidValue.

    Names end up in paths and commands, so only harmless ones pass. Source of the names: neutron
    agent/linux/dhcp.py (qdhcp-<network id>) and LinuxInterfaceDriver.get_device_name (29.0.0).
    """

    device: str
    namespace: str
    mac: model.Mac
    vlan: model.VlanId | None

    def __post_init__(self) -> None:
        device_name(self.device)
        if not self.namespace.isascii() or not _NAMESPACE.fullmatch(self.namespace):
            raise errors.InvalidValue(f"namespace {self.namespace!r}: not a name for a network namespace")

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Self:
        """The reverse of `written`. Raises InvalidValue."""
        try:
            device, namespace, mac, vlan = (raw[name] for name in ("device", "namespace", "mac", "vlan"))
        except KeyError as error:
            raise errors.InvalidValue(f"an attachment without {error}") from None
        number = None if vlan is None else model.VlanId(vlan)
        return cls(str(device), str(namespace), model.Mac(str(mac)), number)

    def written(self) -> dict[str, str | int | None]:
        """What JSON can hold."""
        return dataclasses.asdict(self)


def device_name(text: str) -> str:
    """A name that Linux takes for a network device and no command for an option. Raises InvalidValue.

    Source: IFNAMSIZ of linux/if.h, 16 with the final zero.
    """
    if not text.isascii() or not _DEVICE.fullmatch(text):
        raise errors.InvalidValue(f"device {text!r}: must be 1-15 letters, digits, dots, dashes, underscores")
    return text
