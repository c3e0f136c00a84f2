"""Neutron's pushes and bulk reads, in any order, leave the right wishes."""

from types import SimpleNamespace
from typing import Any

import pytest

from networking_zvm import model
from networking_zvm.agent.ports import WantedPorts


def port(port_id: str = "p1", revision: int = 1, **changes: Any) -> Any:
    """A port as Neutron's versioned object shows it, bound to host `here`."""
    segment = SimpleNamespace(network_type="vlan", physical_network="data", segmentation_id=100)
    facts = {
        "id": port_id,
        "revision_number": revision,
        "mac_address": "02:00:00:00:00:01",
        "admin_state_up": True,
        "status": "DOWN",
        "device_owner": "",
        "bindings": bound(),
        "binding_levels": [SimpleNamespace(segment=segment)],
    }
    return SimpleNamespace(**{**facts, **changes})


def bound(**changes: Any) -> list[Any]:
    facts = {"host": "here", "status": "ACTIVE", "vif_type": "zvm", "vif_details": {}, "vnic_type": "normal"}
    return [SimpleNamespace(**{**facts, **changes})]


@pytest.fixture
def wanted() -> WantedPorts:
    return WantedPorts("here")


def test_a_bound_port_becomes_a_wish(wanted: WantedPorts) -> None:
    assert wanted.update(port())
    segment = model.Segment(model.NetworkType.VLAN, "data", model.VlanId(100))
    assert wanted.bindings() == {"p1": model.PortBinding("p1", model.Mac("02:00:00:00:00:01"), segment)}


def test_a_port_bound_by_the_stock_driver_is_ours_by_its_bridge(wanted: WantedPorts) -> None:
    wanted.update(port(bindings=bound(vif_type="ovs", vif_details={"bridge_name": "zvm"})))
    assert wanted.bindings().keys() == {"p1"}


@pytest.mark.parametrize(
    "elsewhere",
    [
        bound(host="there"),
        bound(vif_type="ovs", vif_details=None),
        bound(vif_type="ovs", vif_details={"bridge_name": "br-int"}),
        bound(vif_type="binding_failed"),
        bound(status="INACTIVE"),
        bound(vnic_type="vdpa"),
        [],
    ],
)
def test_other_ports_are_none_of_our_business(wanted: WantedPorts, elsewhere: list[Any]) -> None:
    assert not wanted.update(port(bindings=elsewhere))
    assert wanted.bindings() == {}


def test_leaving_the_host_matters_once(wanted: WantedPorts) -> None:
    wanted.update(port())
    assert wanted.update(port(revision=2, bindings=bound(host="there")))
    assert not wanted.update(port(revision=3, bindings=bound(host="there")))
    assert wanted.bindings() == {}


def test_an_older_push_does_not_undo_a_newer_one(wanted: WantedPorts) -> None:
    wanted.update(port(revision=5, admin_state_up=False))
    assert not wanted.update(port(revision=4))
    assert not wanted.bindings()["p1"].admin_up


def test_our_own_report_coming_back_is_no_reason_to_look(wanted: WantedPorts) -> None:
    wanted.update(port())
    assert not wanted.update(port(revision=2, status="ACTIVE"))
    assert wanted.bindings()["p1"].active


def test_a_port_that_lost_its_status_is_a_reason_to_look(wanted: WantedPorts) -> None:
    wanted.update(port(status="ACTIVE"))
    assert wanted.update(port(revision=2, status="DOWN"))


def test_a_deletion_is_final(wanted: WantedPorts) -> None:
    wanted.update(port())
    assert wanted.delete("p1")
    assert not wanted.update(port(revision=9))
    assert wanted.bindings() == {}


def test_a_bulk_read_replaces_everything(wanted: WantedPorts) -> None:
    wanted.update(port("old"))
    wanted.begin_fill()
    wanted.fill([port("new")])
    assert wanted.bindings().keys() == {"new"}


def test_what_is_pushed_during_a_bulk_read_is_newer(wanted: WantedPorts) -> None:
    wanted.update(port("gone"))
    wanted.update(port("deleted"))
    wanted.begin_fill()
    wanted.update(port("gone", revision=2, bindings=bound(host="there")))
    wanted.delete("deleted")
    wanted.update(port("born"))
    wanted.update(port("changed", revision=2, admin_state_up=False))
    wanted.fill([port("gone"), port("deleted"), port("changed")])
    assert wanted.bindings().keys() == {"born", "changed"}
    assert not wanted.bindings()["changed"].admin_up


def test_a_network_type_we_do_not_serve_is_left_alone(wanted: WantedPorts) -> None:
    segment = SimpleNamespace(network_type="vxlan", physical_network=None, segmentation_id=77777)
    assert not wanted.update(port(binding_levels=[SimpleNamespace(segment=segment)]))
    assert wanted.bindings() == {}


def test_a_port_that_could_not_be_bound_here_is_known_until_it_can(wanted: WantedPorts) -> None:
    wanted.begin_fill()
    wanted.fill([port(bindings=bound(vif_type="binding_failed")), port("p2")])
    assert wanted.unbound() == {"p1"}
    wanted.update(port(revision=2))
    assert wanted.unbound() == frozenset()
    wanted.update(port(revision=3, bindings=bound(vif_type="binding_failed")))
    assert wanted.unbound() == {"p1"}
    wanted.delete("p1")
    assert wanted.unbound() == frozenset()


def test_only_ports_with_a_new_revision_need_to_be_read(wanted: WantedPorts) -> None:
    wanted.update(port("same", revision=3))
    wanted.update(port("old", revision=3))
    assert wanted.outdated({"same": 3, "old": 4, "new": 1, "untold": None}) == {"old", "new", "untold"}
    wanted.begin_fill()
    wanted.fill([port("old", revision=4, admin_state_up=False)], unchanged={"same"})
    assert wanted.bindings().keys() == {"same", "old"}
    assert not wanted.bindings()["old"].admin_up
