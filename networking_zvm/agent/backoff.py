"""How long a port that failed waits before its next try. Pure but for the clock it is given."""

import dataclasses
from collections.abc import Callable, Iterable

_FIRST_SECONDS = 2.0
_LONGEST_SECONDS = 300.0


@dataclasses.dataclass(frozen=True, slots=True)
class _Hold:
    failures: int
    until: float


class Backoff:
    """Waiting times per port: 2 s, doubling to 5 minutes, forgotten with the first success."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._holds: dict[str, _Hold] = {}

    def failed(self, port_id: str) -> None:
        """Note a failure."""
        before = self._holds.get(port_id)
        failures = before.failures + 1 if before else 1
        delay = min(_FIRST_SECONDS * 2.0 ** (failures - 1), _LONGEST_SECONDS)
        self._holds[port_id] = _Hold(failures, self._clock() + delay)

    def keep(self, port_ids: Iterable[str]) -> None:
        """Forget every port but these: the others are right or gone."""
        wanted = set(port_ids)
        self._holds = {i: hold for i, hold in self._holds.items() if i in wanted}

    def held(self) -> frozenset[str]:
        """The ports that must not be tried yet."""
        now = self._clock()
        return frozenset(i for i, hold in self._holds.items() if hold.until > now)

    def failing(self) -> frozenset[str]:
        """The ports whose last try failed."""
        return frozenset(self._holds)

    def next_due(self) -> float | None:
        """Seconds until some port may be tried again; None when nothing waits."""
        if not self._holds:
            return None
        return min(self.due(port_id) for port_id in self._holds)

    def due(self, port_id: str) -> float:
        """Seconds until this failing port may be tried again."""
        return max(0.0, self._holds[port_id].until - self._clock())
