"""The counter of traffic itself: it counts what is lost, and nothing that is merely late."""

import os
import signal
import time
from collections.abc import Iterator

import pytest

from zvmlab.neutron_api import wait_for
from zvmlab.traffic import End, Traffic, TrafficError
from zvmsim import dataplane
from zvmsim.server import Simulator

MISSING = dataplane.missing()

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not here: {', '.join(MISSING)}")


class Site:
    """DBSRV1 and DBSRV2 share VLAN 900 over the LAN; DBSRV1 and ZHCPA are on one flat vswitch."""

    def __init__(self, simulator: Simulator) -> None:
        assert simulator.packets
        self.world, self.packets = simulator.world, simulator.packets
        self.here, self.there = self.end("ZVMA", "DBSRV1", "0700", 1), self.end("ZVMB", "DBSRV2", "0700", 2)
        self.flat = self.end("ZVMA", "DBSRV1", "0600", 3), self.end("ZVMA", "ZHCPA", "0700", 4)

    def end(self, system: str, userid: str, vdev: str, number: int) -> End:
        nic = self.world.systems[system].guests[userid].nics[vdev]
        network = "10.9.0" if vdev == "0700" and userid.startswith("DBSRV") else "10.8.0"
        machine = self.packets.machine(system, userid)
        return End(machine, vdev, nic.mac.replace("-", ":"), f"{network}.{number}/24")

    def disconnect(self, connected: bool) -> None:
        with self.world.lock:
            self.world.systems["ZVMA"].vswitches["DATANET1"].connected = connected
        self.packets.settle()


def let_pass(seconds: float) -> None:
    """Traffic is about time."""
    begun = time.monotonic()
    wait_for(lambda: time.monotonic() - begun, lambda passed: passed >= seconds, f"{seconds} s", 2 * seconds)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Simulator.from_inventory("two-systems", packets=True) as simulator:
        yield Site(simulator)


def test_nothing_is_lost_where_nothing_happens(site: Site) -> None:
    with Traffic([(site.here, site.there), site.flat]) as traffic:
        let_pass(0.3)
    assert traffic.losses() == {}
    assert len(traffic.counts) == 4
    assert all(count.sent for count in traffic.counts.values())


def test_an_uplink_that_is_off_for_a_while_is_seen_by_those_beyond_it(site: Site) -> None:
    with Traffic([(site.here, site.there), site.flat]) as traffic:
        site.disconnect(False)
        let_pass(0.3)
        site.disconnect(True)
    assert set(traffic.losses()) == {f"{site.here} > {site.there}", f"{site.there} > {site.here}"}
    assert all((count.longest_gap > 0.3) is (count.lost > 0) for count in traffic.counts.values())


def test_a_switch_that_does_not_run_for_two_seconds_is_late_and_loses_nothing(site: Site) -> None:
    """As on a machine with too much to do."""
    with Traffic([(site.here, site.there), site.flat]) as traffic:
        os.kill(site.packets.process, signal.SIGSTOP)
        let_pass(2.0)
        os.kill(site.packets.process, signal.SIGCONT)
    assert traffic.losses() == {}
    assert all(count.slowest > 1 for count in traffic.counts.values())


def test_traffic_that_never_comes_is_an_error_that_says_where(site: Site) -> None:
    site.disconnect(False)
    with pytest.raises(TrafficError) as raised, Traffic([(site.here, site.there), site.flat], 2.0):
        pass
    site.disconnect(True)
    assert str(raised.value) == f"nothing comes on {site.here} > {site.there}, {site.there} > {site.here}"
