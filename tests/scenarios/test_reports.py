"""When Neutron is told."""

import pytest

from networking_zvm import errors
from tests.scenarios.site import XcatSite, site


def announce_guest(here: XcatSite, number: int) -> None:
    userid = f"WEB{number}"
    here.create_guest(userid)
    here.announce(here.want(number, "datanet1", 100), userid, "1000")


def test_what_is_right_is_reported_before_others_are_changed() -> None:
    with site() as here:
        announce_guest(here, 1)
        assert here.reconciler.run_pass().changed
        announce_guest(here, 2)
        after_the_look = {"function": "rest:PUT /nodes/zhcp/dsh", "skip": 2, "reply": {"http": 404}}
        here.world.faults.add(after_the_look)
        with pytest.raises(errors.Unreachable):
            here.reconciler.run_pass()
        assert here.is_active("p1")
        assert not here.is_active("p2")
