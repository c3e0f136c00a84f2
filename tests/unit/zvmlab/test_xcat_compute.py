"""Nova's part through xCAT, against the simulated management node; see also test_compute."""

from collections.abc import Iterator

import pytest

from zvmlab.compute.base import ComputeError, PluggedNic
from zvmlab.compute.xcat import XcatCompute
from zvmlab.control_points.xcat import PASSWORD, XcatControlPoint
from zvmlab.systems import Systems

NICS = [
    PluggedNic("3f2c0000-0000-0000-0000-01", "1000", "02:00:00:00:00:01", "10.1.0.5", "10.1.0.0/24"),
    PluggedNic("3f2c0000-0000-0000-0000-02", "1003", "02:00:00:00:00:02", "10.2.0.5", "10.2.0.0/24"),
]


@pytest.fixture(scope="module")
def xcat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[XcatControlPoint]:
    with Systems() as systems, XcatControlPoint(systems, tmp_path_factory.mktemp("xcat")) as xcat:
        yield xcat


@pytest.fixture
def compute(xcat: XcatControlPoint) -> Iterator[XcatCompute]:
    compute = xcat.compute("zvma")
    yield compute
    compute.close()


@pytest.fixture
def web1(compute: XcatCompute) -> Iterator[str]:
    compute.define("web1")
    yield "web1"
    compute.destroy("web1")


def rows(xcat: XcatControlPoint, table: str) -> list[str]:
    return sorted(f.text for f in xcat.facts() if f.userid == "WEB1" and f"table {table}:" in f.text)


def test_announced_nics_stand_in_the_switch_table(
    compute: XcatCompute, xcat: XcatControlPoint, web1: str
) -> None:
    compute.plug(web1, NICS)
    first, second = rows(xcat, "switch")
    assert first.endswith(f"node=web1 port={NICS[0].port_id} interface=1000 comments=zhcp")
    assert second.endswith(f"node=web1 port={NICS[1].port_id} interface=1003 comments=zhcp")
    (mac,) = rows(xcat, "mac")
    assert "mac=02:00:00:00:00:02" in mac, "of several NICs the last one's MAC stays, as the driver had it"
    assert "ip=10.1.0.5" in rows(xcat, "hosts")[0]


def test_one_nic_can_be_forgotten(compute: XcatCompute, xcat: XcatControlPoint, web1: str) -> None:
    compute.plug(web1, NICS)
    compute.unplug(web1, NICS[0])
    (left,) = rows(xcat, "switch")
    assert NICS[1].port_id in left


def test_xcats_errors_are_errors_and_name_the_call_but_no_password(compute: XcatCompute) -> None:
    with pytest.raises(ComputeError, match="Invalid nodes and/or groups in noderange: nobody") as caught:
        compute.power_on("nobody")
    assert "PUT /nodes/nobody/power" in str(caught.value)
    assert PASSWORD not in str(caught.value)
