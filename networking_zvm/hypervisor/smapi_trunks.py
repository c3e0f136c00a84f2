"""VLANs of numbered trunk ports, one by one, through SMAPI.

SET VSWITCH VLANID adds a port to a VLAN, or takes it out of one, and touches nothing else. The bulk query has
one list of VLANs for each port, but no source shows whether VLANs that came by VLANID are in it. Where they
are seen not to be, what was done could never be verified: from then on the port's own list is set instead
(PORTNUMBER MODIFY), which holds no more than one call can name. So it is for a VLAN to be taken away that
VLANID does not know.
Source: Virtual_Network_Vswitch_Set_Extended (SMAPI 7.1), vlan_port_add, vlan_port_remove, portnum_modify.
"""

import contextlib
import threading
from collections.abc import Mapping

from oslo_log import log

from networking_zvm import errors, model
from networking_zvm.hypervisor import base, smapi_changes, smapi_codes
from networking_zvm.hypervisor.smapi_client import SmapiClient

LOG = log.getLogger(__name__)

_Port = tuple[model.VSwitchName, int]
_Vlans = frozenset[model.VlanId]
_NONE: _Vlans = frozenset()


class TrunkPorts:
    """The trunk ports of one system. Safe to use from several threads."""

    def __init__(self, client: SmapiClient, persistent: bool) -> None:
        self._client = client
        self._persistent = persistent
        self._mutex = threading.Lock()
        self._listed: dict[_Port, _Vlans] = {}
        self._added: dict[_Port, _Vlans] = {}
        self._lists_vlanid = True

    def allow(self, change: base.AllowVlan) -> None:
        """Let the port into the VLAN. Raises Unreachable, Refused, Busy, Gone, Unknown."""
        port = (change.vswitch, change.port)
        listed, added = self._known(port)
        if self._lists_vlanid:
            self._send(smapi_changes.allow_vlan(change, self._client.username, self._persistent))
            self._note(port, listed, added | {change.vlan})
            return
        try:
            self._modify(port, listed | {change.vlan})
        finally:  # what the attempt has left behind would be seen by nobody
            with contextlib.suppress(errors.HypervisorError):
                self._send(smapi_changes.deny_vlan(change, self._client.username, self._persistent))
        self._note(port, listed | {change.vlan}, added - {change.vlan})

    def deny(self, change: base.DenyVlan) -> None:
        """Take the port out of the VLAN. Raises as allow()."""
        port = (change.vswitch, change.port)
        listed, added = (vlans - {change.vlan} for vlans in self._known(port))
        try:
            self._send(smapi_changes.deny_vlan(change, self._client.username, self._persistent))
        except errors.Refused as refusal:
            if (refusal.rc, refusal.rs) != smapi_codes.NO_SUCH_VLAN:
                raise
            if listed | added:  # an empty list cannot be set; whoever empties a port releases it next
                self._modify(port, listed | added)
        self._note(port, listed, added)

    def pending(self) -> Mapping[_Port, _Vlans]:
        """What was added by VLANID and not judged yet; to be asked for before a look."""
        with self._mutex:
            return dict(self._added)

    def judge(
        self, pending: Mapping[_Port, _Vlans], vswitches: Mapping[model.VSwitchName, model.VSwitch]
    ) -> None:
        """Compare what was added before a look with what the look shows."""
        listed = {(name, n): port.vlans for name, v in vswitches.items() for n, port in v.ports.items()}
        unseen = {port: vlans - listed[port] for port, vlans in pending.items() if port in listed}
        if self._lists_vlanid and any(unseen.values()):
            LOG.info("VLANs added by VLANID are not in Vswitch_Query_Extended: lists are set from now on")
            self._lists_vlanid = False
        with self._mutex:
            self._added = {p: vlans for p, vlans in self._added.items() if pending.get(p) != vlans}
            self._listed = listed

    def _known(self, port: _Port) -> tuple[_Vlans, _Vlans]:
        """The VLANs last seen in the port's list, and those added since."""
        with self._mutex:
            return self._listed.get(port, _NONE), self._added.get(port, _NONE)

    def _modify(self, port: _Port, vlans: _Vlans) -> None:
        self._send(smapi_changes.modify_port(*port, vlans, self._client.username, self._persistent))

    def _note(self, port: _Port, listed: _Vlans, added: _Vlans) -> None:
        with self._mutex:
            self._listed[port] = listed
            self._added[port] = added

    def _send(self, request: smapi_changes.Request) -> None:
        self._client.change(request.call)
