"""Saying a thing once: Neutron tries to bind a port ten times per request, which is one line in the log."""

import threading
from collections import OrderedDict
from collections.abc import Hashable


class News:
    """Remembers what was last said of each subject; the oldest subjects are forgotten beyond the limit."""

    def __init__(self, limit: int = 4096) -> None:
        self._limit = limit
        self._said: OrderedDict[Hashable, str] = OrderedDict()
        self._lock = threading.Lock()

    def is_news(self, subject: Hashable, text: str) -> bool:
        """Whether this differs from what was last said of the subject; from now on this was."""
        with self._lock:
            before = self._said.pop(subject, None)
            self._said[subject] = text
            if len(self._said) > self._limit:
                self._said.popitem(last=False)
        return before != text

    def forget(self, subject: Hashable) -> None:
        """Whatever is said of the subject next is news again."""
        with self._lock:
            self._said.pop(subject, None)
