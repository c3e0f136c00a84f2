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
    FEILONG = "feilong"
    SMAPI = "smapi"


class ServerPlugin(enum.StrEnum):
    """The mechanism driver on the Neutron servers that binds ports to this z/VM."""

    ZVM = "zvm"
    OPENVSWITCH = "openvswitch"


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
class FeilongSettings:
    """How to reach a Feilong server (z/VM Cloud Connector). timeout: seconds for one REST call.

    url: "https://zcc.example.com:443". token_file: path of the file with its admin token, None where it asks
    for none (`[wsgi] auth = none`, as Nova's own driver needs it).
    """

    url: str
    token_file: str | None = None
    tls: Tls = dataclasses.field(default_factory=Tls)
    timeout: float = 300.0


@dataclasses.dataclass(frozen=True, slots=True)
class SmapiSettings:
    """How to reach the SMAPI server of one z/VM system. timeout: seconds for one call.

    username, password: a userid that SMAPI authorizes. tls: None for a plain connection.
    """

    host: str
    port: int
    username: str
    password: str = dataclasses.field(repr=False)
    tls: Tls | None = None
    timeout: float = 240.0


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class ServiceGuest:
    """A guest that serves networks, DHCP for instance, and the NIC by which it is on one physical network."""

    address: model.NicAddress
    physical_network: str

    def __str__(self) -> str:
        return str(self.address)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything one agent needs. Times are in seconds.

    host: as Nova's host of the same z/VM. xcat, feilong, smapi: that of the control point, the others None.
    vswitch_of: physical network to vswitch. specs: vswitches to create where missing. server_plugin:
    which driver of the servers binds ports here. polling_interval: between looks while a port waits for its
    NIC. audit_interval: between looks while nothing waits. report_interval: between heartbeats, which Neutron
    logs if log_heartbeats. parallelism: guests changed side by side. authorization: how guests are let onto
    vswitches, None to pick what fits; authorization_of: the same for single vswitches. user_prefix: z/VM's
    user prefix where the operator names it. service_guests: each on a physical network of vswitch_of.
    base_mac: Neutron's, for `neutron-zvm check`; None if the files do not say.
    """

    host: str
    control_point: ControlPoint
    xcat: XcatSettings | None = None
    feilong: FeilongSettings | None = None
    smapi: SmapiSettings | None = None
    vswitch_of: Mapping[str, model.VSwitchName]
    specs: Mapping[model.VSwitchName, model.VSwitchSpec]
    server_plugin: ServerPlugin = ServerPlugin.ZVM
    flat_networks: tuple[str, ...] = ()
    vlan_networks: tuple[str, ...] = ()
    polling_interval: float = 2.0
    audit_interval: float = 60.0
    report_interval: float = 30.0
    log_heartbeats: bool = False
    parallelism: int = 6
    persistent_authorization: bool = False
    authorization: model.Way | None = None
    authorization_of: Mapping[model.VSwitchName, model.Way] = dataclasses.field(default_factory=dict)
    user_prefix: model.MacPrefix | None = None
    service_guests: tuple[ServiceGuest, ...] = ()
    base_mac: str | None = None
