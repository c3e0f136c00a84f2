"""The parts that need no OpenStack to be looked at."""

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from zvmlab.cloud.neutron_conf import write_conf
from zvmlab.cloud.ports import free_ports
from zvmlab.cloud.processes import Processes
from zvmlab.neutron_api import wait_for
from zvmlab.openstack import service
from zvmlab.openstack.nova import ComputeHost, Nova
from zvmlab.openstack.openrc import write_openrc
from zvmlab.openstack.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site.make_up(tmp_path)


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    with contextlib.closing(Processes(tmp_path)) as processes:
        yield processes


def test_secrets_are_not_shown(site: Site) -> None:
    secrets = (*site.passwords.values(), site.rabbitmq.password, site.mariadb.password)
    assert len(set(secrets)) == len(secrets)
    assert not [secret for secret in secrets if secret in repr(site)]


def test_only_its_owner_may_read_the_openrc(site: Site, tmp_path: Path) -> None:
    path = write_openrc(tmp_path / "openrc", site)
    assert path.stat().st_mode & 0o777 == 0o600
    done = subprocess.run(
        ["sh", "-c", f'. {path} && echo "$OS_AUTH_URL" && command -v openstack'],
        env={"PATH": "/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [site.identity_url, str(Path(sys.executable).with_name("openstack"))]


def test_a_nova_compute_knows_no_database(site: Site, processes: Processes, tmp_path: Path) -> None:
    nova = Nova(site, processes, Path(sys.prefix))
    compute = ComputeHost("zvma", "https://127.0.0.1:1", tmp_path / "ca.pem", "020000")
    path = write_conf(tmp_path / "compute.conf", nova.compute_sections(compute))
    assert site.mariadb.password not in path.read_text()
    assert site.mariadb.password in write_conf(tmp_path / "nova.conf", nova.sections()).read_text()


def test_an_application_is_served_and_does_not_see_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "application.py").write_text(
        "import sys\n"
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    return [' '.join(sys.argv).encode()]\n"
    )
    (port,) = free_ports(1)
    with subprocess.Popen(
        [sys.executable, str(service.SERVE_WSGI), "application", str(port)], env={"PYTHONPATH": str(tmp_path)}
    ) as server:
        try:
            wait_for(lambda: _listens(port), bool, what="the server to listen")
            session = requests.Session()
            session.trust_env = False
            assert session.get(f"http://127.0.0.1:{port}", timeout=30).text == "application"
        finally:
            server.kill()


def _listens(port: int) -> bool:
    with contextlib.suppress(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        return True
    return False
