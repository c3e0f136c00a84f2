"""The driver's side of the helper process (`trunk`): started when it is needed, found again, healed."""

import contextlib
import os
import sys
from pathlib import Path
from typing import Any

import tenacity
from neutron.agent.linux import utils
from neutron_lib import exceptions as n_exc
from oslo_concurrency import lockutils
from oslo_log import log as logging

from networking_zvm import errors
from networking_zvm.dhcp import trunk_control
from networking_zvm.dhcp.attachment import Attachment
from networking_zvm.dhcp.trunk import Files

LOG = logging.getLogger(__name__)

_NOBODY = (ConnectionError, FileNotFoundError)
_ATTEMPTS = 5  # one that ends as we come, one that we start, and what else may go wrong once
_PAUSE_SECONDS = 0.2


class TrunkClient:
    """The helper of one NIC. directory: the agent's, which only its user can enter."""

    def __init__(self, interface: str, directory: Path) -> None:
        self._interface = interface
        self._directory = directory
        self._files = Files(directory, interface)

    def attach(self, attachment: Attachment) -> None:
        """Have a TAP; it is down when it is new. Raises NotPlugged."""
        self._tell({"do": "attach", **attachment.written()})

    def detach(self, device: str) -> bool:
        """Remove a TAP; whether it was one of the helper's. Raises NotPlugged."""
        if not any(attachment.device == device for attachment in self._files.load()):
            return False
        return bool(self._tell({"do": "detach", "device": device})["found"])

    def heal(self) -> None:
        """Start a helper anew that died with TAPs in its care. Raises NotPlugged."""
        if self._files.load():
            self._tell({"do": "status"})

    def _tell(self, question: dict[str, Any]) -> dict[str, Any]:
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(_ATTEMPTS),
            wait=tenacity.wait_fixed(_PAUSE_SECONDS),
            retry=tenacity.retry_if_exception_type(_NOBODY),
            before_sleep=lambda _: self._start(),
            reraise=True,
        )
        try:
            answer = retrying(trunk_control.ask, self._files.socket, question)
        except (OSError, ValueError) as error:
            raise self._failure(f"does not answer: {error}") from error
        except n_exc.ProcessExecutionError as error:
            raise self._failure(f"does not start: {error}") from error
        if answer["error"]:
            raise self._failure(f"refuses {question}: {answer['error']}")
        return answer

    def _start(self) -> None:
        """Returns when the helper listens, or the one that is there already has been left alone."""
        LOG.info("no trunk helper for %s answers: starting one", self._interface)
        command = [sys.executable, "-m", "networking_zvm.dhcp.trunk", "--interface", self._interface]
        where = ["--state", str(self._directory), "--owner", str(os.geteuid())]
        with lockutils.lock(f"zvm-trunk-{self._interface}"):  # it may take its time over a thousand TAPs
            utils.execute([*command, *where], run_as_root=True, privsep_exec=True)

    def _failure(self, what: str) -> errors.NotPlugged:
        return errors.NotPlugged(f"the trunk helper of {self._interface} {what} (its log: {self._files.log})")


def state_directory(state_path: str) -> Path:
    """The directory that agent and helpers share, made if it is missing, closed to others."""
    directory = Path(state_path) / "zvm"
    with contextlib.suppress(FileExistsError):
        directory.mkdir(mode=0o700, parents=True)
    return directory
