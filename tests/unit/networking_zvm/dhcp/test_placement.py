"""Where a port belongs, from Neutron's own port object."""

import uuid

import pytest
from neutron.objects import network, ports

from networking_zvm import errors, model
from networking_zvm.dhcp.placement import _Unbound, segment_of

PORT = str(uuid.uuid4())


def port(*levels, host="zvm1", vif_type="zvm"):
    binding = ports.PortBinding(host=host, vif_type=vif_type, status="ACTIVE")
    return ports.Port(id=PORT, bindings=[binding], binding_levels=list(levels))


def level(kind, number=None, physical_network="physnet1"):
    segment = network.NetworkSegment(
        network_type=kind, physical_network=physical_network, segmentation_id=number
    )
    return ports.PortBindingLevel(segment=segment)


def test_a_vlan_network():
    wanted = model.Segment(model.NetworkType.VLAN, "physnet1", model.VlanId(100))
    assert segment_of(port(level("vlan", 100)), "zvm1") == wanted


def test_a_flat_network():
    assert segment_of(port(level("flat")), "zvm1") == model.Segment(model.NetworkType.FLAT, "physnet1")


def test_the_lowest_of_several_levels_counts():
    assert segment_of(port(level("vxlan", 5000), level("vlan", 7)), "zvm1").vlan == 7


@pytest.mark.parametrize(
    ("unbound", "said"),
    [
        (port(host="zvm2"), "bound to host zvm2, not to zvm1"),
        (port(vif_type="binding_failed"), "binding_failed"),
        (port(vif_type="unbound"), "unbound"),
        (ports.Port(id=PORT, bindings=[], binding_levels=[]), "host none"),
    ],
)
def test_a_port_that_is_not_bound_yet(unbound, said):
    with pytest.raises(_Unbound, match=said):
        segment_of(unbound, "zvm1")


def test_a_tunnel_can_never_be_served():
    with pytest.raises(errors.NotPlugged, match=r"only flat and VLAN.*vxlan"):
        segment_of(port(level("vxlan", 5000, None)), "zvm1")
