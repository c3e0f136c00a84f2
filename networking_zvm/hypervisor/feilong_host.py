"""What changes only with an IPL: who the host is, since when it runs, and the prefix of its guests' MACs.

GET /host costs some seven z/VM commands, so it is asked rarely: every ten minutes, and where something hints
at an IPL. Feilong runs in a guest of the system, so during one it cannot be reached; afterwards a vswitch
that was defined by command alone is missing, and guests are off.

Feilong does not tell the user prefix. It is what the operator says or, failing that, what shows on a live NIC
whose MACID from the directory is in its MAC. Nothing else will do: the MACs of vswitches have the system
prefix, which need not be the same.
"""

import collections
import time
from collections.abc import Callable, Iterable, Mapping

from networking_zvm import errors, model
from networking_zvm.hypervisor import feilong_readings
from networking_zvm.hypervisor.feilong_client import FeilongClient

_SECONDS = 600.0  # how old it may become
_SECONDS_IN_DOUBT = 60.0  # the same when something hints at an IPL: often it is only a guest that logs off


class HostKeeper:
    """Remembers the host. To be used by one thread at a time."""

    def __init__(self, client: FeilongClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._host: feilong_readings.Host | None = None
        self._read_at = 0.0
        self._lasting: frozenset[str] = frozenset()
        self._in_doubt = False

    def forget(self) -> None:
        """Feilong could not be reached, or not be understood: it may have been an IPL."""
        self._host = None

    def ask(self) -> feilong_readings.Host:
        """The host as it is now. Raises as FeilongClient.read(), and Untrusted."""
        self._host, self._read_at = feilong_readings.read_host(self._client.read("/host")), self._clock()
        self._in_doubt = False
        return self._host

    def get(
        self, vswitches: Iterable[model.VSwitchName], live: Iterable[model.LiveNic]
    ) -> feilong_readings.Host:
        """The host, asked anew if it is time, or if what is to be seen hints at an IPL. Raises as ask()."""
        before = self._lasting
        self._lasting = frozenset(vswitches) | {f"guest {nic.address.userid}" for nic in live}
        self._in_doubt = self._in_doubt or not before <= self._lasting
        age = self._clock() - self._read_at
        if self._host is None or age >= (_SECONDS_IN_DOUBT if self._in_doubt else _SECONDS):
            return self.ask()
        return self._host


class PrefixKeeper:
    """Learns the user prefix from what is seen. To be used by one thread at a time."""

    def __init__(self, told: model.MacPrefix | None) -> None:
        """told: by the operator."""
        self._told = told
        self._witness: model.LiveNic | None = None

    @property
    def prefix(self) -> model.MacPrefix | None:
        """The prefix, None if nobody has told it and nothing has shown it."""
        seen = self._witness.mac.prefix if self._witness else None
        return self._told or seen

    def learn(
        self, live: Iterable[model.LiveNic], directory: Mapping[model.NicAddress, model.DirectoryNic]
    ) -> None:
        """Look for live NICs that show it; where they disagree, most are right."""
        witnesses = [nic for nic in live if _shows_prefix(nic, directory.get(nic.address))]
        votes = collections.Counter(nic.mac.prefix for nic in witnesses)
        if votes:
            ((elected, _),) = votes.most_common(1)
            self._witness = next(nic for nic in witnesses if nic.mac.prefix == elected)

    def check(self) -> None:
        """Raises ConfigurationError if the operator says one thing and the NICs another."""
        seen = self._witness
        if self._told and seen and seen.mac.prefix != self._told:
            raise errors.ConfigurationError(
                [
                    f"user_prefix = {self._told}: NIC {seen.address}, whose MACID is {seen.mac.macid}, is "
                    f"live with MAC {seen.mac}: set user_prefix = {seen.mac.prefix} in [zvm], or leave it out"
                ]
            )


def _shows_prefix(live: model.LiveNic, nic: model.DirectoryNic | None) -> bool:
    return nic is not None and nic.macid == live.mac.macid
