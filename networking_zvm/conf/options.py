"""Every option once, with its old names. Sections: [zvm], and one with rdev_list per vswitch.

Old names: the retired networking-zvm kept its options in [AGENT] of neutron_zvm_plugin.ini
(neutron/plugins/zvm/common/config.py, 2014-2017 for xCAT, from 2017-08 on for Feilong); SUSE Crowbar wrote
zvm_xcat_zhcp_nodename.
"""

from collections.abc import Iterable

from oslo_config import cfg

from networking_zvm import model
from networking_zvm.settings import ControlPoint, Credentials, ServerPlugin

GROUP = "zvm"
OLD_GROUP = "AGENT"


def _old(*names: str) -> list[cfg.DeprecatedOpt]:
    return [cfg.DeprecatedOpt(name, group=OLD_GROUP) for name in names]


_AGENT_OPTIONS = [
    cfg.StrOpt(
        "host",
        deprecated_opts=_old("zvm_host"),
        help="Name of this z/VM in OpenStack: must equal the host of the nova-compute that serves it. Unset: "
        "the host of neutron.conf. Set it where several agents share one neutron.conf.",
    ),
    cfg.StrOpt(
        "control_point",
        choices=[
            (ControlPoint.XCAT.value, "an xCAT management node and its zHCPs"),
            (ControlPoint.FEILONG.value, "a Feilong server (z/VM Cloud Connector)"),
            (ControlPoint.SMAPI.value, "z/VM's own SMAPI server"),
        ],
        help="The way to z/VM. Unset: the one whose xcat_server, feilong_server or smapi_server is set.",
    ),
    cfg.StrOpt(
        "server_plugin",
        default=ServerPlugin.ZVM.value,
        choices=[
            (ServerPlugin.ZVM.value, "this distribution's own, installed on every Neutron server"),
            (ServerPlugin.OPENVSWITCH.value, "Neutron's stock driver, and nothing of ours on the servers"),
        ],
        help="The mechanism driver of the Neutron servers that binds ports to this z/VM.",
    ),
    cfg.ListOpt(
        "vswitch_mappings",
        default=[],
        help="Which vswitch carries which physical network: a list of physical_network:vswitch. A physical "
        "network of flat_networks or network_vlan_ranges without an entry is carried by the vswitch of its "
        "own name in upper case. Two physical networks cannot share a vswitch.",
    ),
    cfg.FloatOpt(
        "polling_interval",
        default=2,
        min=0.1,
        deprecated_opts=_old("polling_interval"),
        help="Seconds between looks at z/VM while a port waits for its NIC.",
    ),
    cfg.FloatOpt(
        "audit_interval",
        default=60,
        min=1,
        help="Seconds between looks at z/VM while nothing waits; then changes made behind the agent's back "
        "are found.",
    ),
    cfg.IntOpt(
        "parallelism",
        min=1,
        max=64,
        help="Requests under way side by side, each for another guest. Unset: 8 with Feilong, where to prove "
        "a change takes two requests more and whose queue is no longer than that, 6 otherwise. xCAT takes "
        "64 at once by default and queues the rest (site.xcatmaxconnections).",
    ),
    cfg.StrOpt(
        "authorization",
        default="auto",
        choices=[
            ("auto", "what z/VM and the control point can: port on PORTBASED vswitches, directory, grant"),
            (model.Way.DIRECTORY.value, "the directory record of each NIC, which has VLANs of its own"),
            (model.Way.GRANT.value, "SET VSWITCH GRANT: all NICs of a guest on one vswitch share their VLAN"),
            (model.Way.PORT.value, "the directory record and a numbered port of the vswitch for each NIC"),
        ],
        help="How guests are let onto vswitches. NICs that are right already stay as they are.",
    ),
    cfg.ListOpt(
        "vswitch_authorizations",
        default=[],
        help="The same for single vswitches, before authorization: a list of vswitch:way, the way one of "
        "directory, grant, port. Each vswitch must carry a physical network.",
    ),
    cfg.StrOpt(
        "user_prefix",
        help="First six hex digits of the MACs of guests: what CP's QUERY VMLAN shows as USER Prefix. "
        "Feilong and SMAPI do not tell it: set it there, or the agent has to learn it from a live NIC.",
    ),
    cfg.BoolOpt(
        "persistent_authorization",
        default=False,
        help="Whether grants and ports are also written to the system's configuration, so that they survive "
        "an IPL. Without it the agent gives them anew after an IPL. Feilong makes every grant persistent.",
    ),
    cfg.ListOpt(
        "service_guests",
        default=[],
        help="Guests of this z/VM that serve its networks, such as a DHCP node, and the NIC by which each is "
        "on a physical network: a list of userid:vdev:physical_network. The agent keeps these NICs coupled, "
        "as trunk ports on exactly the VLANs that ports of this host use; whatever else they are authorized "
        "for on that vswitch is taken away.",
    ),
]

_XCAT_OPTIONS = [
    cfg.StrOpt(
        "xcat_server",
        deprecated_opts=_old("zvm_xcat_server"),
        help="The xCAT management node: host, host:port or https://host:port. The port is 443 if not given.",
    ),
    cfg.StrOpt("xcat_username", deprecated_opts=_old("zvm_xcat_username"), help="User of the xCAT REST API."),
    cfg.StrOpt(
        "xcat_password",
        secret=True,
        deprecated_opts=_old("zvm_xcat_password"),
        help="Password of that user. Write a dollar sign twice: $$.",
    ),
    cfg.StrOpt(
        "xcat_zhcp_nodename",
        default="zhcp",
        deprecated_opts=_old("xcat_zhcp_nodename", "zvm_xcat_zhcp_nodename"),
        help="xCAT's node name of the zHCP of the z/VM that this agent serves: one agent per z/VM.",
    ),
    cfg.StrOpt(
        "xcat_ca_file",
        deprecated_opts=_old("zvm_xcat_ca_file"),
        help="File with the certificates (PEM) that vouch for the management node. Unset: the system's own.",
    ),
    cfg.BoolOpt(
        "xcat_verify",
        default=True,
        help="Whether the management node must prove who it is. Without it whoever answers at its address "
        "learns the password.",
    ),
    cfg.StrOpt(
        "xcat_credentials",
        default=Credentials.HEADERS.value,
        choices=[
            (Credentials.HEADERS.value, "in request headers, which no server logs"),
            (Credentials.QUERY.value, "in the URL, which ends up in the server's access log; as of old"),
        ],
        help="Where user and password travel.",
    ),
    cfg.FloatOpt(
        "xcat_timeout",
        default=300,
        min=1,
        deprecated_opts=_old("zvm_xcat_timeout"),
        help="Seconds to wait for the answer to one REST call.",
    ),
    cfg.StrOpt(
        "xcat_mgt_ip",
        deprecated_opts=_old("xcat_mgt_ip"),
        help="IPv4 address of the management node's own NIC on the first flat network, through which xCAT "
        "reaches the guests, for example 10.1.0.1. Unset: no such NIC is made.",
    ),
    cfg.StrOpt(
        "xcat_mgt_mask",
        deprecated_opts=_old("xcat_mgt_mask"),
        help="Network mask for xcat_mgt_ip, for example 255.255.0.0.",
    ),
]

_FEILONG_OPTIONS = [
    cfg.StrOpt(
        "feilong_server",
        deprecated_opts=_old("cloud_connector_url"),
        help="Where Feilong's REST API answers: host, host:port or https://host:port. The port is 443 if not "
        "given. With http://host:port the token and all changes travel readable.",
    ),
    cfg.StrOpt(
        "feilong_token_file",
        deprecated_opts=_old("zvm_cloud_connector_token_file"),
        help="File with Feilong's admin token, as zvmsdk-gentoken writes it. Unset: Feilong asks for none "
        "([wsgi] auth = none).",
    ),
    cfg.StrOpt(
        "feilong_ca_file",
        deprecated_opts=_old("zvm_cloud_connector_ca_file"),
        help="File with the certificates (PEM) that vouch for that server. Unset: the system's own.",
    ),
    cfg.BoolOpt(
        "feilong_verify",
        default=True,
        help="Whether that server must prove who it is. Without it whoever answers at its address learns the "
        "token.",
    ),
    cfg.FloatOpt(
        "feilong_timeout",
        default=300,
        min=1,
        help="Seconds to wait for the answer to one REST call.",
    ),
]

_SMAPI_OPTIONS = [
    cfg.StrOpt(
        "smapi_server",
        help="Where SMAPI's TCP/IP server (VSMREQIN) listens: host or host:port. The port is 44444 if not "
        "given.",
    ),
    cfg.StrOpt("smapi_username", help="Userid that SMAPI authorizes (VSMWORK1 AUTHLIST, or the ESM)."),
    cfg.StrOpt(
        "smapi_password", secret=True, help="Password of that userid. Write a dollar sign twice: $$."
    ),
    cfg.BoolOpt(
        "smapi_tls",
        default=True,
        help="Whether that server speaks TLS. Without it the password travels readable with every call.",
    ),
    cfg.StrOpt(
        "smapi_ca_file",
        help="File with the certificates (PEM) that vouch for that server. Unset: the system's own.",
    ),
    cfg.BoolOpt(
        "smapi_verify",
        default=True,
        help="Whether that server must prove who it is. Without it whoever answers at its address learns the "
        "password.",
    ),
    cfg.FloatOpt(
        "smapi_timeout",
        default=240,
        min=1,
        help="Seconds to wait for the end of one call.",
    ),
]

OF_CONTROL_POINT = {
    ControlPoint.XCAT: _XCAT_OPTIONS,
    ControlPoint.FEILONG: _FEILONG_OPTIONS,
    ControlPoint.SMAPI: _SMAPI_OPTIONS,
}

OPTIONS = [*_AGENT_OPTIONS, *_XCAT_OPTIONS, *_FEILONG_OPTIONS, *_SMAPI_OPTIONS]

RDEV_LIST = cfg.ListOpt(
    "rdev_list",
    default=[],
    help="Real devices of OSA cards in hex, up to three (1000,2000): the first is the uplink, the others "
    "stand by. Used only when the agent creates the vswitch; without it the vswitch has no uplink.",
)

# Neutron's own options that count here too, with its defaults; that of flat_networks, *, names no network.
# Where Neutron has registered them already, that registration is used.
NEUTRON_HOST = cfg.StrOpt("host")
NEUTRON_BASE_MAC = cfg.StrOpt("base_mac")
NEUTRON_REPORT_INTERVAL = cfg.FloatOpt("report_interval", default=30, min=1)
NEUTRON_LOG_HEARTBEATS = cfg.BoolOpt("log_agent_heartbeats", default=False)
NEUTRON_FLAT_NETWORKS = cfg.ListOpt("flat_networks", default=[])
NEUTRON_VLAN_RANGES = cfg.ListOpt("network_vlan_ranges", default=[])

_VSWITCH_EXAMPLE = cfg.OptGroup(
    "vswitch1",
    title="One vswitch",
    help="One section for each vswitch the agent may create, named like the vswitch or its physical network.",
)


def register(conf: cfg.ConfigOpts) -> None:
    """Make [zvm] known to `conf`, a fresh one or Neutron's own; calling it again changes nothing."""
    conf.register_group(cfg.OptGroup(GROUP, title="OpenStack networking for z/VM"))
    conf.register_opts(OPTIONS, group=GROUP)


def list_agent_opts() -> list[tuple[str | cfg.OptGroup, Iterable[cfg.Opt]]]:
    """The agent's options for oslo-config-generator."""
    return [(GROUP, OPTIONS), (_VSWITCH_EXAMPLE, [RDEV_LIST])]


def list_ml2_opts() -> list[tuple[str | cfg.OptGroup, Iterable[cfg.Opt]]]:
    """The mechanism driver's options: none, it learns what it needs from the agents' reports."""
    return []
