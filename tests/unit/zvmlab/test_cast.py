"""The cast is what the story needs."""

from collections import Counter

from zvmlab.cast import GUESTS, NETWORKS, NICS, GuestRole


def test_nics_are_numbered_as_nova_did() -> None:
    guest = GuestRole("lb1", "zvmb", ("mgmt", "web", "web"))
    assert [(nic.name, nic.vdev) for nic in guest.nics()] == [
        ("lb1-mgmt", "1000"),
        ("lb1-web", "1003"),
        ("lb1-web-2", "1006"),
    ]


def test_the_guests_show_what_the_story_is_about() -> None:
    assert len(GUESTS) == 6
    assert {guest.host for guest in GUESTS} == {"zvma", "zvmb"}
    assert any(len(set(guest.networks)) == 3 for guest in GUESTS)
    twice = {name for guest in GUESTS for name, count in Counter(guest.networks).items() if count == 2}
    assert twice & {network.name for network in NETWORKS if network.vlan}
    for network in NETWORKS:
        assert {nic.host for nic in NICS if nic.network == network.name} == {"zvma", "zvmb"}
