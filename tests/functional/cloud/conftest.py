"""Clouds to test: each backend, with the stand-in agent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.cloud.remains import processes_of
from zvmlab.cloud.base import Cloud
from zvmlab.cloud.embedded import EmbeddedCloud
from zvmlab.cloud.full import FullCloud
from zvmlab.cloud.neutron_conf import NeutronSettings
from zvmlab.cloud.programs import missing_packages
from zvmlab.neutron_api import NeutronApi, wait_for

ROOT = Path(__file__).parents[3]
STANDIN = "tests.functional.cloud.standin_agent"
SETTINGS = NeutronSettings(
    flat_networks=("physnet2",),
    vlan_ranges=("physnet1:100:199",),
    agent_down_time=15,
    report_interval=1,
)
BACKENDS = [
    pytest.param(EmbeddedCloud, id="embedded"),
    pytest.param(
        FullCloud,
        id="full",
        marks=[
            pytest.mark.long,
            pytest.mark.skipif(
                bool(missing_packages()), reason=f"not installed: {', '.join(missing_packages())}"
            ),
        ],
    ),
]


@pytest.fixture(scope="module", autouse=True)
def _agents_of_the_tests_can_be_imported() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTHONPATH", str(ROOT))
        yield


@pytest.fixture(scope="module", params=BACKENDS)
def cloud(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with request.param(SETTINGS, tmp_path_factory.mktemp("cloud") / "state", STANDIN) as cloud:
        yield cloud
        assert processes_of(cloud.state_dir)
    wait_for(lambda: processes_of(cloud.state_dir), lambda left: not left, "all processes to end", timeout=20)


@pytest.fixture
def api(cloud: Cloud) -> Iterator[NeutronApi]:
    api = NeutronApi(cloud.endpoint)
    yield api
    api.close()
