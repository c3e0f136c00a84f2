"""A Neutron server in memory (API, ML2, SQLite) whose agents are rows in its database."""

from neutron.tests.common import helpers
from neutron.tests.unit.plugins.ml2 import test_plugin
from neutron_lib import constants as n_const
from oslo_config import cfg

from networking_zvm import constants

DRIVER_LOG = "networking_zvm.ml2.mech_zvm"


class CloudTestCase(test_plugin.Ml2PluginV2TestCase):
    """Base of the stories; its words are the operator's: agents report, networks and ports are created."""

    _mechanism_drivers = ["zvm"]
    base_mac = "02:00:00:00:00:00"

    def setUp(self):
        super().setUp()
        cfg.CONF.set_override("base_mac", self.base_mac)

    def zvm(self, host="zvm1", alive=True, **configurations):
        """A z/VM agent reports; without more words, what a healthy system with one vswitch reports."""
        row = helpers._register_agent(
            {
                "agent_type": constants.AGENT_TYPE, "binary": constants.AGENT_BINARY, "host": host,
                "topic": n_const.L2_AGENT_TOPIC, "start_flag": True,
                "configurations": configurations or healthy(),
            }
        )  # fmt: skip
        (helpers.revive_agent if alive else helpers.kill_agent)(row["id"])

    def openvswitch(self, host, **bridge_mappings):
        helpers.register_ovs_agent(host=host, bridge_mappings=bridge_mappings)

    def flat(self, physical_network="physnet1"):
        return self._network("flat", physical_network)

    def vlan(self, number, physical_network="physnet1"):
        return self._network("vlan", physical_network, number)

    def local(self):
        return self._network("local")

    def tunnel(self):
        return self._network("vxlan", None, 77)

    def wide(self, *segments):
        """A network of several segments, each (type, physical network, VLAN)."""
        return self.make_network("wide", segments=[_provider(*segment) for segment in segments])

    def _network(self, *segment):
        return self.make_network(segment[0], **_provider(*segment))

    def make_network(self, name, **fields):
        """POST /networks; the network's id."""
        made = self._make_network(self.fmt, name, True, as_admin=True, arg_list=tuple(fields), **fields)
        return made["network"]["id"]

    def create(self, network, host="zvm1", status=201, **fields):
        """POST /ports; the port, or the error's message when another status is expected."""
        answer = self.new_create_request("ports", {"port": self._port(network, host, fields)}, as_admin=True)
        return self.answered(answer.get_response(self.api), status, "port")

    def create_many(self, network, count, host="zvm1", status=201, **fields):
        ports = [self._port(network, host, fields) for _ in range(count)]
        answer = self.new_create_request("ports", {"ports": ports}, as_admin=True)
        return self.answered(answer.get_response(self.api), status, "ports")

    def update(self, port, status=200, **fields):
        """PUT /ports/<id>; the port, or the error's message when another status is expected."""
        answer = self.new_update_request("ports", {"port": _attributes(fields)}, port["id"], as_admin=True)
        return self.answered(answer.get_response(self.api), status, "port")

    def show(self, port):
        return self._show("ports", port["id"], as_admin=True)["port"]

    def ports(self):
        return self._list("ports", as_admin=True)["ports"]

    def _port(self, network, host, fields):
        owned = {"network_id": network, "project_id": self._project_id, "device_owner": "compute:nova"}
        return owned | _attributes({"host": host} | fields)

    def answered(self, answer, status, key):
        assert answer.status_int == status, answer.text
        return answer.json[key] if status < 400 else answer.json["NeutronError"]["message"]


class BindingAssertions:
    """What an operator reads in `openstack port show`."""

    def assert_bound(self, port, **details):
        seen = self.show(port)
        assert seen["binding:vif_type"] == "zvm"
        expected = {"port_filter": False, "connectivity": "l2", "bound_drivers": {"0": "zvm"}} | details
        assert seen["binding:vif_details"] == expected

    def assert_not_bound(self, port):
        seen = self.show(port)
        assert (seen["binding:vif_type"], seen["status"]) == ("binding_failed", "DOWN")


def healthy(**vswitch):
    """Configurations of an agent whose VSW1 serves physnet1; words change what is said of VSW1."""
    facts = {
        "layer": 2, "vlan_aware": True, "authorization": "grant", "uplink": "ready",
        "unfit_flat": None, "unfit_vlan": None,
    }  # fmt: skip
    return {
        "vswitch_mappings": {"physnet1": "VSW1"},
        "mac_prefix": "02:00:00",
        "vswitches": {"VSW1": facts | vswitch},
        "control_point": {"kind": "xcat", "healthy": True, "reason": None},
        "problems": {},
        "devices": 0,
    }


def _provider(kind, physical_network=None, number=None):
    wanted = {
        "provider:network_type": kind,
        "provider:physical_network": physical_network,
        "provider:segmentation_id": number,
    }
    return {key: value for key, value in wanted.items() if value is not None}


def _attributes(fields):
    names = {"host": "binding:host_id", "vnic_type": "binding:vnic_type", "mac": "mac_address"}
    return {names.get(key, key): value for key, value in fields.items()}
