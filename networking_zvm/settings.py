"""What an operator configures, as one frozen value: several agents can live in one process.

Built from oslo.config by `networking_zvm.conf`; nothing else in the package reads a global configuration.
"""

import dataclasses
import enum
from collections.abc import Mapping

from networking_zvm import model


class ControlPoint(enum.StrEnum):
    """The way to z/VM."""

    XCAT = "xcat"


class Credentials(enum.StrEnum):
    """Where the xCAT user and password travel. In the query they end up in the server's access log."""

    HEADERS = "headers"
    QUERY = "query"


@dataclasses.dataclass(frozen=True, slots=True)
class Tls:
    """How the control point's certificate is checked.

    ca_file: path of a PEM bundle, None for the system's own. verify: False only where an operator insists.
    """

    ca_file: str | None = None
    verify: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class ManagementNic:
    """Address of the xCAT management node's own NIC on the first flat network (dotted IPv4)."""

    ip: str
    mask: str


@dataclasses.dataclass(frozen=True, slots=True)
class XcatSettings:
    """How to reach the xCAT management node. timeout: seconds for one REST call.

    url: "https://mn.example.com:443". zhcp_node: xCAT's name of the zHCP of the one z/VM this agent serves.
    """

    url: str
    username: str
    password: str = dataclasses.field(repr=False)
    zhcp_node: str = "zhcp"
    tls: Tls = dataclasses.field(default_factory=Tls)
    credentials: Credentials = Credentials.HEADERS
    timeout: float = 300.0
    management_nic: ManagementNic | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """Everything one agent needs. Times are in seconds.

    host: as Nova's host of the same z/VM. vswitch_of: physical network to vswitch. specs: vswitches to
    create where missing. polling_interval: between looks while a port waits for its NIC. audit_interval:
    between looks while nothing waits. report_interval: between heartbeats, which Neutron logs if
    log_heartbeats. parallelism: guests changed side by side. base_mac: Neutron's, for `neutron-zvm check`;
    None if the files do not say.
    """

    host: str
    control_point: ControlPoint
    xcat: XcatSettings | None
    vswitch_of: Mapping[str, model.VSwitchName]
    specs: Mapping[model.VSwitchName, model.VSwitchSpec]
    flat_networks: tuple[str, ...] = ()
    vlan_networks: tuple[str, ...] = ()
    polling_interval: float = 2.0
    audit_interval: float = 60.0
    report_interval: float = 30.0
    log_heartbeats: bool = False
    parallelism: int = 6
    persistent_authorization: bool = False
    base_mac: str | None = None
