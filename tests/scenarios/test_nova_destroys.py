"""Nova's order when it destroys a guest: the rows go first, then the guest, and Neutron's ports last."""

from collections.abc import Collection, Iterator

import pytest

from networking_zvm import model
from tests.scenarios.site import XcatSite, site

SPEC = model.VSwitchSpec(model.VSwitchName("DATANET2"), vlan_aware=True, rdevs=("A300",))


@pytest.fixture
def here() -> Iterator[XcatSite]:
    """WEB1 with one NIC on DATANET2, a vswitch that its agent has made."""
    with site() as running:
        running.reconciler = running.new_agent([SPEC])
        running.settle()
        running.create_guest("WEB1")
        running.announce(running.want(1, "datanet2", 200), "WEB1", "1000")
        running.settle()
        running.logon("WEB1")
        yield running


def test_a_destroyed_guest_keeps_no_grant(here: XcatSite) -> None:
    here.withdraw("p1")
    here.rest("DELETE", "vms/web1")
    here.settle()
    here.unwant("p1")
    here.settle()
    assert not here.system.vswitches["DATANET2"].blocks.get("WEB1")


def test_a_port_that_goes_while_neutron_is_asked_for_another_is_not_forgotten(
    here: XcatSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.create_guest("WEB2")
    here.announce(here.want(2, "datanet2", 200), "WEB2", "1000")
    here.settle()
    for number in (1, 2):
        here.withdraw(f"p{number}")
        here.rest("DELETE", f"vms/web{number}")
    here.settle()
    here.unwant("p1")
    answer = here.neutron.still_here

    def lose_another(port_ids: Collection[str]) -> frozenset[str]:
        here.neutron.wanted.pop("p2", None)
        return answer(port_ids)

    monkeypatch.setattr(here.neutron, "still_here", lose_another)
    here.settle()
    assert not here.system.vswitches["DATANET2"].blocks


def test_a_row_that_goes_before_its_port_does_not_leave_the_nic_behind(here: XcatSite) -> None:
    here.withdraw("p1")
    here.unwant("p1")
    here.settle()
    assert not here.system.vswitches["DATANET2"].blocks.get("WEB1")
    assert not here.system.nic("WEB1", "1000").coupled
    assert not here.system.directory.nicdefs_at_logon("WEB1")


def test_a_row_that_is_lost_while_its_port_stays_changes_nothing(here: XcatSite) -> None:
    here.settle()
    mark = here.world.journal.mark()
    here.withdraw("p1")
    here.settle()
    here.reconciler = here.new_agent([SPEC])
    here.settle()
    by_nova = ["PUT /tables/switch"]
    assert [entry.call.function for entry in here.mutations(mark)] == by_nova
    assert here.is_active("p1")
