"""A DHCP node in an inventory."""

import yaml

from zvmlab.dhcp_node import NodeRole, with_node
from zvmsim.server import Simulator, inventory_text

ROLE = NodeRole("ZVMA", "zvma", {"datanet1": "1000", "xcatvsw2": "1003"})


def test_the_node_is_logged_on_with_its_nics_on_nothing() -> None:
    shipped = yaml.load(inventory_text("two-systems"), yaml.BaseLoader)
    before = yaml.safe_dump(shipped)
    world = Simulator.from_inventory(with_node(shipped, ROLE)).world

    nics = world.systems["ZVMA"].guests["DHCP1"].nics
    assert {vdev: nic.coupled for vdev, nic in nics.items()} == {"1000": False, "1003": False}
    assert "DHCP1" not in world.systems["ZVMB"].guests
    assert yaml.safe_dump(shipped) == before


def test_the_agents_option_names_every_nic() -> None:
    assert ROLE.service_guests == "DHCP1:1000:datanet1,DHCP1:1003:xcatvsw2"
