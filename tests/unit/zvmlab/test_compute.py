"""Nova's part, against the simulated management node."""

from collections.abc import Iterator

import pytest

from zvmlab.compute import Compute, PluggedNic, XcatError
from zvmlab.systems import XCAT_PASSWORD, XCAT_USER, Systems

NICS = [
    PluggedNic("3f2c0000-0000-0000-0000-000000000001", "1000", "02:00:00:00:00:01", "10.1.0.5"),
    PluggedNic("3f2c0000-0000-0000-0000-000000000002", "1003", "02:00:00:00:00:02", "10.2.0.5"),
]


@pytest.fixture(scope="module")
def systems() -> Iterator[Systems]:
    with Systems() as systems:
        yield systems


@pytest.fixture
def compute(systems: Systems) -> Iterator[Compute]:
    compute = Compute(systems.xcat_url, systems.ca_file, XCAT_USER, XCAT_PASSWORD)
    yield compute
    compute.close()


@pytest.fixture
def web1(compute: Compute) -> Iterator[str]:
    compute.define("web1", "zhcp.example.com")
    yield "web1"
    compute.destroy("web1")


def rows(systems: Systems, table: str) -> list[str]:
    return sorted(f.text for f in systems.facts() if f.userid == "WEB1" and f"table {table}:" in f.text)


def plug(systems: Systems, userid: str, *vdevs: str) -> None:
    """What the agent does about the NICs, as far as Nova can see it."""
    records = [f"NICDEF {vdev} TYPE QDIO LAN SYSTEM XCATVSW2" for vdev in vdevs]
    system = systems.system("zvma")
    entry = system.directory.source[userid]
    system.directory.source[userid] = system.directory.active[userid] = (*entry, *records)


def test_a_defined_guest_is_in_the_directory_and_off(compute: Compute, systems: Systems, web1: str) -> None:
    assert "WEB1" in systems.system("zvma").directory.source
    assert not compute.is_on(web1)
    compute.power_on(web1)
    assert compute.is_on(web1)


def test_announced_nics_stand_in_the_switch_table(compute: Compute, systems: Systems, web1: str) -> None:
    compute.announce(web1, "zhcp", NICS)
    first, second = rows(systems, "switch")
    assert first.endswith(f"node=web1 port={NICS[0].port_id} interface=1000 comments=zhcp")
    assert second.endswith(f"node=web1 port={NICS[1].port_id} interface=1003 comments=zhcp")
    (mac,) = rows(systems, "mac")
    assert "mac=02:00:00:00:00:02" in mac, "of several NICs the last one's MAC stays, as the driver had it"
    assert "ip=10.1.0.5" in rows(systems, "hosts")[0]


def test_a_guest_is_plugged_when_all_its_nics_are_noted_and_defined(
    compute: Compute, systems: Systems, web1: str
) -> None:
    compute.announce(web1, "zhcp", NICS)
    assert not compute.is_plugged(web1)
    for nic in NICS:
        compute._tabch("switch", f"port={nic.port_id} switch.switch=XCATVSW2")
    plug(systems, "WEB1", "1000")
    assert not compute.is_plugged(web1)
    plug(systems, "WEB1", "1003")
    assert compute.is_plugged(web1)


def test_one_nic_can_be_forgotten(compute: Compute, systems: Systems, web1: str) -> None:
    compute.announce(web1, "zhcp", NICS)
    compute.forget_nic(web1, NICS[0].port_id)
    (left,) = rows(systems, "switch")
    assert NICS[1].port_id in left


def test_nothing_of_a_destroyed_guest_is_left(compute: Compute, systems: Systems) -> None:
    before = systems.facts()
    compute.define("web9", "zhcp.example.com")
    compute.announce("web9", "zhcp", NICS)
    plug(systems, "WEB9", "1000")
    compute.destroy("web9")
    assert systems.facts() == before


def test_xcats_errors_are_errors_and_name_the_call_but_no_password(compute: Compute) -> None:
    with pytest.raises(XcatError, match="Invalid nodes and/or groups in noderange: nobody") as caught:
        compute.power_on("nobody")
    assert "PUT /nodes/nobody/power" in str(caught.value)
    assert XCAT_PASSWORD not in str(caught.value)


def test_calls_are_counted(compute: Compute, web1: str) -> None:
    before = compute.reads, compute.changes
    compute.is_on(web1)
    compute.power_on(web1)
    assert (compute.reads, compute.changes) == (before[0] + 1, before[1] + 1)
