"""The cloud: infrastructure first, then services side by side, each told when it is there."""

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import requests
from keystoneauth1.identity import v3
from keystoneauth1.session import Session
from openstack.connection import Connection

from zvmlab.cloud.base import PRODUCT_AGENT
from zvmlab.cloud.errors import CloudError
from zvmlab.cloud.neutron_conf import NeutronSettings, Sections, agent_sections, write_conf
from zvmlab.cloud.processes import Processes
from zvmlab.openstack import catalog, environment
from zvmlab.openstack.glance import Glance
from zvmlab.openstack.keystone import Keystone
from zvmlab.openstack.neutron import Neutron
from zvmlab.openstack.nova import ComputeHost, Nova
from zvmlab.openstack.openrc import write_openrc
from zvmlab.openstack.placement import Placement
from zvmlab.openstack.service import Service
from zvmlab.openstack.site import ADMIN, DOMAIN, LOOPBACK_ONLY, REGION, Site

Told = Callable[[str, float], None]
"""Hears what has been done, and how many seconds it took."""

_PATIENCE_WITH_THE_DYING_S: Final = 0.2


class OpenStack:
    """Alive within a `with` block; without computes and agents at first.

    settings: of Neutron. told: hears of every step. state_dir: holds every file; left out, a new private
    directory that ends with the cloud; given, it must be empty or absent, and stays.
    openrc: a file for a shell to source, with all that the openstack client needs.
    """

    state_dir: Path
    openrc: Path

    def __init__(self, settings: NeutronSettings, told: Told, state_dir: Path | None = None) -> None:
        self._settings = settings
        self._told = told
        self._given_state_dir = state_dir

    def __enter__(self) -> Self:
        """Raises CloudError, with nothing left running, if it does not come up."""
        if missing := environment.missing():
            raise CloudError(f"this needs {', '.join(missing)}")
        given = self._given_state_dir
        self.state_dir = given.absolute() if given else Path(tempfile.mkdtemp(prefix="zvmlab-"))
        for directory in ("log", "state", "lock", "tmp"):
            (self.state_dir / directory).mkdir(parents=True)
        ours_to_remove = None if given else self.state_dir
        self._processes = Processes(self.state_dir / "log", remove=ours_to_remove)
        try:
            self._come_up()
        except BaseException:
            self._processes.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Everything is killed: what the services keep is thrown away."""
        self._processes.close()

    @property
    def logs(self) -> Mapping[str, Path]:
        """The log files by what writes them; of agents agent-<host>, of computes nova-compute-<host>."""
        return self._processes.logs

    def connect(self) -> Any:
        """A connection of openstacksdk as administrator."""
        login = v3.Password(
            auth_url=self.site.identity_url,
            username=ADMIN,
            password=self.site.passwords[ADMIN],
            project_name=ADMIN,
            user_domain_name=DOMAIN,
            project_domain_name=DOMAIN,
        )
        plain = requests.Session()
        plain.trust_env = False  # a proxy from the environment does not know our loopback
        return Connection(session=Session(auth=login, session=plain), region_name=REGION)

    def start_compute(self, compute: ComputeHost) -> None:
        """Launch a nova-compute, again if it runs; Nova knows it a little later."""
        self._nova.start_compute(compute)

    def stop_compute(self, host: str) -> None:
        """End a nova-compute."""
        self._nova.stop_compute(host)

    def instances(self, host: str) -> Path:
        """Where the nova-compute of that host keeps files of its servers."""
        return self._nova.instances(host)

    def start_agent(self, host: str, sections: Sections) -> None:
        """Launch the product's agent with its own sections; Neutron knows it a little later."""
        common = agent_sections(self._settings, self.state_dir, self.site.rabbitmq.url)
        shared = write_conf(self.state_dir / "agents.conf", common)
        own = write_conf(self.state_dir / f"agent-{host}.conf", sections)
        files = ["--config-file", str(shared), "--config-file", str(own)]
        self._processes.start(f"agent-{host}", [sys.executable, "-m", PRODUCT_AGENT, *files], LOOPBACK_ONLY)

    # How it comes up

    def _come_up(self) -> None:
        self.site = Site.make_up(self.state_dir)
        self.openrc = write_openrc(self.state_dir / "openrc", self.site)
        with self._timed("MariaDB, and RabbitMQ on its way"):
            self.site.rabbitmq.start(self._processes)
            self.site.mariadb.start(self._processes)
            self.site.mariadb.wait_ready(self._processes)
        services = self._services()
        with self._side_by_side(self._bring_up, services) as jobs:
            jobs[0].result()
            with self._timed("the catalog in Keystone"):
                catalog.fill(self.connect(), self.site)
        self._nova.start_workers()

    def _services(self) -> Sequence[Service]:
        """Keystone first, as the catalog waits for it; then those with the most tables."""
        beside, own = environment.beside(), environment.own()
        site, processes = self.site, self._processes
        self._nova = Nova(site, processes, own)
        neutron = Neutron(site, processes, own, self._settings)
        return [
            Keystone(site, processes, beside),
            self._nova,
            neutron,
            Glance(site, processes, beside),
            Placement(site, processes, beside),
        ]

    def _bring_up(self, service: Service) -> None:
        with self._timed(f"{service.name.capitalize()}: tables"):
            service.prepare()
        with self._timed(f"{service.name.capitalize()} answers"):
            self.site.rabbitmq.wait_ready(self._processes)
            service.start()
            service.wait_ready()

    @contextlib.contextmanager
    def _side_by_side(
        self, work: Callable[[Service], None], services: Sequence[Service]
    ) -> Iterator[Sequence["Future[None]"]]:
        """As many at a time as there are processors. If one fails, all are ended, and it is raised."""
        pool = ThreadPoolExecutor(os.cpu_count())
        jobs = [pool.submit(work, service) for service in services]
        try:
            yield jobs
            for job in as_completed(jobs):
                job.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            while not all(job.done() for job in jobs):
                for name in list(self.logs):
                    self._processes.stop(name, grace=0)
                wait(jobs, timeout=_PATIENCE_WITH_THE_DYING_S)
            raise
        pool.shutdown()

    @contextlib.contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self._told(what, time.monotonic() - started)
