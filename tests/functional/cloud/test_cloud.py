"""What the story may expect of a cloud, whichever backend it has."""

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from tests.functional.cloud.remains import processes_of
from zvmlab.cloud.base import Cloud
from zvmlab.cloud.errors import CloudError
from zvmlab.neutron_api import Network, NeutronApi, NeutronError, NotYet, wait_for

VLANS = count(100)


@pytest.fixture
def config_of(tmp_path: Path) -> Callable[[str], Path]:
    """Writes the configuration file of a host's agent."""

    def write(host: str) -> Path:
        path = tmp_path / f"{host}.conf"
        path.write_text(f"[DEFAULT]\nhost = {host}\n")
        return path

    return write


@pytest.fixture
def agent(cloud: Cloud, api: NeutronApi, config_of: Callable[[str], Path]) -> Iterator[str]:
    """A running agent; its name is its host's."""
    cloud.start_agent("zvm1", config_of("zvm1"))
    api.wait_for_agent("zvm1")
    yield "zvm1"
    cloud.kill_agent("zvm1")


@pytest.fixture
def network(api: NeutronApi) -> Iterator[Network]:
    network = api.create_network("web", "vlan", "physnet1", next(VLANS))
    api.create_subnet(network.id, "192.0.2.0/24")
    yield network
    for port in api.ports(network_id=network.id):
        api.delete_port(port.id)
    api.delete_network(network.id)


def test_networks_of_every_type_can_be_made(api: NeutronApi) -> None:
    made = [
        api.create_network("flat", "flat", "physnet2"),
        api.create_network("vlan", "vlan", "physnet1", next(VLANS)),
        api.create_network("local", "local"),
    ]
    assert [network.network_type for network in made] == ["flat", "vlan", "local"]
    assert {network.id for network in made} <= {network.id for network in api.networks()}
    for network in made:
        api.delete_network(network.id)
    assert not {network.id for network in made} & {network.id for network in api.networks()}


def test_a_port_is_bound_by_the_driver_and_brought_up_by_the_agent(
    api: NeutronApi, agent: str, network: Network
) -> None:
    port = api.create_port(network.id, "nic1", host=agent, device_id="vm1")
    assert port.vif_type == "zvm"
    assert port.mac_address.startswith("02:00:00:")
    assert port.vif_details["vlan"] == str(network.segmentation_id)
    [active] = api.wait_for_status([port.id], "ACTIVE")
    assert active.addresses[0].startswith("192.0.2.")


def test_a_port_changes_and_goes(api: NeutronApi, agent: str, network: Network) -> None:
    port = api.create_port(network.id, host=agent)
    assert api.update_port(port.id, admin_state_up=False).admin_state_up is False
    assert api.update_port(port.id, host="").vif_type == "unbound"
    api.delete_port(port.id)
    with pytest.raises(NeutronError) as caught:
        api.port(port.id)
    assert caught.value.status == 404


def test_many_clients_at_once_are_all_served(api: NeutronApi, agent: str, network: Network) -> None:
    with ThreadPoolExecutor(4) as clients:
        ports = list(clients.map(lambda i: api.create_port(network.id, f"nic{i}", host=agent), range(12)))
    api.wait_for_status([port.id for port in ports], "ACTIVE")
    assert len({port.id for port in ports}) == 12


def test_a_killed_agent_falls_silent_and_can_be_started_again(
    cloud: Cloud, api: NeutronApi, agent: str, network: Network, config_of: Callable[[str], Path]
) -> None:
    cloud.kill_agent(agent)
    assert not cloud.agent_alive(agent)
    port = api.create_port(network.id, host=agent)
    api.wait_for_agent(agent, alive=False)
    assert api.port(port.id).status == "DOWN"
    cloud.start_agent(agent, config_of(agent))
    api.wait_for_agent(agent)
    api.wait_for_status([port.id], "ACTIVE")


def test_a_stopped_agent_leaves_the_other_running(
    cloud: Cloud, api: NeutronApi, agent: str, config_of: Callable[[str], Path]
) -> None:
    cloud.start_agent("zvm2", config_of("zvm2"))
    api.wait_for_agent("zvm2")
    cloud.stop_agent("zvm2")
    assert not cloud.agent_alive("zvm2")
    assert cloud.agent_alive(agent)
    cloud.stop_agent("zvm2")


def test_a_restart_is_told_from_the_echo_of_the_last_life(
    cloud: Cloud, api: NeutronApi, config_of: Callable[[str], Path]
) -> None:
    cloud.start_agent("zvm4", config_of("zvm4"))
    before = api.wait_for_agent("zvm4")
    cloud.kill_agent("zvm4")
    with pytest.raises(NotYet):
        api.wait_for_agent("zvm4", after=before, timeout=1.5)  # Neutron's clock ticks in seconds
    cloud.start_agent("zvm4", config_of("zvm4"))
    assert api.wait_for_agent("zvm4", after=before).alive
    cloud.stop_agent("zvm4")


def test_every_agent_gets_every_push(
    cloud: Cloud, api: NeutronApi, agent: str, network: Network, config_of: Callable[[str], Path]
) -> None:
    cloud.start_agent("zvm3", config_of("zvm3"))
    api.wait_for_agent("zvm3")
    made = {api.create_port(network.id, host=agent).id for _ in range(6)}

    def unheard() -> dict[str, set[str]]:
        agents = [a for a in api.agents() if a.host in {agent, "zvm3"}]
        return {a.host: made - set(a.configurations["pushed"]) for a in agents}

    wait_for(unheard, lambda ports: not any(ports.values()), what="all pushes at all agents", timeout=20)
    cloud.stop_agent("zvm3")


def test_an_agent_is_not_started_twice(cloud: Cloud, agent: str, config_of: Callable[[str], Path]) -> None:
    with pytest.raises(CloudError, match="zvm1 is alive already"):
        cloud.start_agent(agent, config_of(agent))
    assert cloud.agent_alive(agent)


def test_an_agent_without_its_configuration_is_not_alive_and_its_log_says_why(
    cloud: Cloud, tmp_path: Path
) -> None:
    with contextlib.suppress(CloudError):  # a process is only launched, and dies later
        cloud.start_agent("lost", tmp_path / "missing.conf")
    wait_for(lambda: cloud.agent_alive("lost"), lambda alive: not alive, what="the agent to end", timeout=30)
    assert "missing.conf" in cloud.logs()["agent-lost"].read_text()


def test_every_log_exists(cloud: Cloud, agent: str) -> None:
    assert f"agent-{agent}" in cloud.logs()
    assert all(log.is_file() for log in cloud.logs().values())


def test_files_with_passwords_are_private(cloud: Cloud) -> None:
    for path in cloud.state_dir.glob("*.conf"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_password_is_logged(cloud: Cloud) -> None:
    conf = (cloud.state_dir / "neutron.conf").read_text()
    passwords = {url.split(":")[2].split("@")[0] for url in conf.split() if url.count("@") and "://" in url}
    logged = "".join(log.read_text(errors="replace") for log in cloud.logs().values())
    assert not [password for password in passwords if password in logged]


def test_everything_listens_on_loopback_only(cloud: Cloud) -> None:
    files = {
        os.readlink(fd) for process in processes_of(cloud.state_dir) for fd in (process / "fd").iterdir()
    }
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ours = [entry[1] for entry in listening if entry[3] == "0A" and f"socket:[{entry[9]}]" in files]
    assert ours
    assert {address.split(":")[0] for address in ours} == {"0100007F"}
