"""How many REST calls an agent in this process makes: Feilong itself does not write down all of them."""

import logging
import re
from types import TracebackType
from typing import NamedTuple, Self

_LOG = logging.getLogger("urllib3.connectionpool")
_REQUEST = re.compile(r' "([A-Z]+) /')


class Counted(NamedTuple):
    """reads: with the requests for a token, which change nothing on z/VM."""

    reads: int
    changes: int


class RestCalls(logging.Handler):
    """Counts, while entered, by what urllib3 logs of each request it has sent."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.counted = Counted(0, 0)
        self._level = _LOG.level

    def __enter__(self) -> Self:
        _LOG.addHandler(self)
        _LOG.setLevel(logging.DEBUG)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _LOG.removeHandler(self)
        _LOG.setLevel(self._level)

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage()
        request = _REQUEST.search(line)
        if request:
            reads = request[1] == "GET" or "POST /token" in line
            self.counted = Counted(self.counted.reads + reads, self.counted.changes + (not reads))
