"""Stands for neutron-dhcp-agent: loads the interface driver as it does, and is told ports on standard input.

It knows the ports' segments without a Neutron server. Each order is one JSON line and answered by one: the
error, or null. As in the agent a new driver is made for each operation.
"""

import json
import sys
import uuid

from oslo_service import backend

backend.init_backend(backend.BackendType.THREADING)

from neutron import privileged  # noqa: E402
from neutron.common import config as neutron_config  # noqa: E402
from oslo_config import cfg  # noqa: E402

from networking_zvm import model  # noqa: E402
from networking_zvm.conf import dhcp as conf_dhcp  # noqa: E402
from networking_zvm.dhcp.interface import ZvmInterfaceDriver  # noqa: E402


def obey(order):
    vlan = order.get("vlan")
    kind = model.NetworkType.VLAN if vlan else model.NetworkType.FLAT
    segment = model.Segment(kind, "physnet1", model.VlanId(vlan) if vlan else None)
    driver = ZvmInterfaceDriver(cfg.CONF, placements=lambda port_id: segment)
    match order["do"]:
        case "plug":
            names = order["device"], order["mac"]
            driver.plug("network", str(uuid.uuid4()), *names, namespace=order["namespace"], mtu=1400)
        case "unplug":
            driver.unplug(order["device"], namespace=order["namespace"])


def main():
    privileged.default.set_client_mode(False)
    privileged.link_cmd.set_client_mode(False)
    privileged.namespace_cmd.set_client_mode(False)
    neutron_config.register_common_config_options()
    cfg.CONF([], project="neutron")
    conf_dhcp.register(cfg.CONF)
    for name, value in json.loads(sys.argv[1]).items():
        group = None if name == "state_path" else "zvm"
        cfg.CONF.set_override(name, value.split(",") if name == "trunk_interfaces" else value, group)
    for line in sys.stdin:
        try:
            obey(json.loads(line))
        except Exception as error:  # noqa: BLE001
            print(json.dumps(f"{type(error).__name__}: {error}"), flush=True)
        else:
            print("null", flush=True)


if __name__ == "__main__":
    main()
