"""The seam between the story and the cloud it is told on."""

import abc
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from zvmlab.cloud.neutron_conf import NeutronSettings
from zvmlab.cloud.place import Place
from zvmlab.cloud.processes import Processes

PRODUCT_AGENT = "networking_zvm.agent.main"


class Cloud(abc.ABC):
    """A Neutron 29 and its agents, alive within a `with` block.

    endpoint: URL of the Neutron API, on loopback, open to everybody on this machine (no Keystone).
    state_dir: holds every file of the cloud. Left out, it is a new private directory that ends with the
    cloud; given, it must be empty or absent, and stays, with the logs, when the cloud has ended.
    agent_module: dotted name of the agent's module. `python -m` with `--config-file` options runs it as a
    process; its `create_agent(config_files)` makes an object with start() and stop().
    """

    endpoint: str
    state_dir: Path

    def __init__(
        self, settings: NeutronSettings, state_dir: Path | None = None, agent_module: str = PRODUCT_AGENT
    ) -> None:
        self.settings = settings
        self.agent_module = agent_module
        self._given_state_dir = state_dir

    def __enter__(self) -> Self:
        """Start the cloud; raises CloudError, with nothing left running, if it does not."""
        self.state_dir = self._given_state_dir or Path(tempfile.mkdtemp(prefix="zvmlab-"))
        for directory in ("log", "state", "lock", "tmp"):
            (self.state_dir / directory).mkdir(parents=True)
        ours_to_remove = None if self._given_state_dir else self.state_dir
        self._processes = Processes(self.state_dir / "log", remove=ours_to_remove)
        try:
            self._start()
        except BaseException:
            self._processes.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self._stop()
        finally:
            self._processes.close()

    @abc.abstractmethod
    def start_agent(self, name: str, config_file: Path) -> None:
        """Start an agent under that name; the cloud adds what makes it part of this cloud.

        It returns when the agent is launched, not when Neutron knows it (`NeutronApi.wait_for_agent`).
        Raises CloudError if one of that name is alive, or this one is not able to start.
        """

    @abc.abstractmethod
    def start_agent_in(self, place: Place, name: str, program: str, config_file: Path) -> None:
        """Start an agent of Neutron's own somewhere else, under that name; see start_agent.

        program: "neutron-dhcp-agent", for instance. Raises OSError, too, if the place has no such port free.
        """

    @abc.abstractmethod
    def stop_agent(self, name: str) -> None:
        """Let the agent end in its own way. Raises CloudError if that takes it too long."""

    @abc.abstractmethod
    def kill_agent(self, name: str) -> None:
        """End the agent at once, wherever it stands, without leave to clean up."""

    @abc.abstractmethod
    def agent_alive(self, name: str) -> bool:
        """True from start_agent until the agent has ended, by itself or not."""

    @abc.abstractmethod
    def logs(self) -> Mapping[str, Path]:
        """The log files by what writes them; those of agents are called `agent-<name>`."""

    @abc.abstractmethod
    def _start(self) -> None:
        """Start everything but agents; set `endpoint`."""

    @abc.abstractmethod
    def _stop(self) -> None:
        """End what deserves an orderly end; the rest is killed afterwards."""
