"""The log of the night shift: one line per port and change of state, and no other."""

from collections.abc import Mapping

from oslo_log import log as logging

from networking_zvm.agent.backoff import Backoff
from networking_zvm.claims import State, Verdict

LOG = logging.getLogger(__name__)


class PortLog:
    """Remembers what it said of each port, so as to say only what is new."""

    def __init__(self) -> None:
        self._said: dict[str, Verdict] = {}

    def note(self, verdicts: Mapping[str, Verdict], backoff: Backoff) -> None:
        """Log every port whose state or reason is new; a change that is merely under way is not logged."""
        failing = backoff.failing()
        worth = {i: v for i, v in verdicts.items() if v.state is not State.PENDING or i in failing}
        for port_id, verdict in worth.items():
            if self._said.get(port_id) != verdict:
                retry = f", next try in {backoff.due(port_id):.0f} s" if port_id in failing else ""
                level = logging.INFO if verdict.state in (State.UP, State.DOWN) else logging.WARNING
                LOG.log(level, "port %s: %s, %s%s", port_id, verdict.state, verdict.reason, retry)
        for port_id in self._said.keys() - verdicts.keys():
            LOG.info("port %s: no longer on this host", port_id)
        kept = {i: v for i, v in self._said.items() if i in verdicts}
        self._said = {**kept, **worth}
