"""The agents inside the embedded cloud's process: each with threads and a log file of its own."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, TypeVar

from zvmlab.cloud.errors import CloudError
from zvmlab.cloud.thread_families import ThreadFamilies

T = TypeVar("T")
LOG = logging.getLogger(__name__)
LOG_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s %(message)s"
START_TIMEOUT_S: Final = 30.0
STOP_TIMEOUT_S: Final = 30.0


class Agent(Protocol):
    """What the cloud asks of an agent: both come back, and the agent lives in its threads between them."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


@dataclass(frozen=True)
class _Life:
    """One agent from its start to its end. Its thread family is not shared with the agent's next life."""

    family: str
    agent: Agent
    log: logging.Handler


class EmbeddedAgents:
    """The agents by name. make: makes an agent from its configuration files."""

    def __init__(self, make: Callable[[Sequence[str]], Agent]) -> None:
        self._make = make
        self._families = ThreadFamilies()
        self._lives: dict[str, _Life] = {}
        self._lives_so_far = 0

    def start(self, name: str, config_files: Sequence[str], log: Path) -> None:
        """Raises CloudError, with the agent's own reason, if it does not start."""
        if self.alive(name):
            raise CloudError(f"agent {name} is alive already")
        self._lives_so_far += 1
        family = f"agent-{name}-{self._lives_so_far}"
        handler = self._open_log(family, log)

        def begin() -> Agent:
            agent = self._make(config_files)
            agent.start()
            return agent

        begun = self._in_family(family, begin)
        reason = _failure(begun, START_TIMEOUT_S, family)
        if reason is not None:
            self._end(family, handler)
            raise CloudError(f"agent {name} did not start: {reason}; see {log}")
        self._lives[name] = _Life(family, begun.result(), handler)

    def alive(self, name: str) -> bool:
        return name in self._lives and self._families.alive(self._lives[name].family)

    def stop(self, name: str) -> None:
        """Raises CloudError if the agent does not end; it is killed then."""
        life = self._lives.pop(name, None)
        if life is None:
            return
        reason = _failure(self._in_family(life.family, life.agent.stop), STOP_TIMEOUT_S, life.family)
        self._end(life.family, life.log)
        if reason is not None:
            raise CloudError(f"agent {name} did not stop: {reason}; see its log")

    def kill(self, name: str) -> None:
        """End the agent where it stands; see ThreadFamilies.crash."""
        life = self._lives.pop(name, None)
        if life is not None:
            self._end(life.family, life.log)

    def names(self) -> list[str]:
        return list(self._lives)

    def _in_family(self, family: str, work: Callable[[], T]) -> Future[T]:
        """Do the work in a new thread of that family."""
        pool = ThreadPoolExecutor(1, family, initializer=self._families.adopt, initargs=(family,))
        future = pool.submit(work)
        pool.shutdown(wait=False)
        return future

    def _open_log(self, family: str, log: Path) -> logging.Handler:
        """What the family's threads log goes there too, and what is logged about it with `extra`."""

        def belongs(record: logging.LogRecord) -> bool:
            return family in (self._families.of_current_thread(), getattr(record, "family", None))

        handler = logging.FileHandler(log)
        handler.setFormatter(logging.Formatter(LOG_FORMAT))
        handler.addFilter(belongs)
        logging.getLogger().addHandler(handler)
        return handler

    def _end(self, family: str, log: logging.Handler) -> None:
        self._families.crash(family)
        logging.getLogger().removeHandler(log)
        log.close()


def _failure(future: Future[T], timeout: float, family: str) -> str | None:
    """Why the work failed, or did not end within `timeout` seconds; None if all is well."""
    if not wait([future], timeout).done:
        return f"no end after {timeout:g} s"
    error = future.exception()
    if error is None:
        return None
    LOG.error("%s failed", family, exc_info=error, extra={"family": family})
    return f"{type(error).__name__}: {error}"
