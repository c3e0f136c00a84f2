"""Writing the coupling of NICs into the user directory, with VLANs and port numbers.

Plain couplings have functions of their own. VLANs and port numbers go by Image_Definition_Update_DM, which
is one call; whether a server takes their keywords there, and whether Disconnect_DM takes them out again, no
source tells. Where one does not, the entry is locked, read, edited and replaced, as Feilong does it, which
are three calls: from then on always.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping

from oslo_log import log

from networking_zvm import errors, model
from networking_zvm.hypervisor import (
    base,
    smapi_changes,
    smapi_codes,
    smapi_queries,
    smapi_records,
    smapi_wire,
)
from networking_zvm.hypervisor.smapi_client import SmapiClient
from networking_zvm.hypervisor.smapi_wire import Call

LOG = log.getLogger(__name__)

_Nics = Mapping[model.NicAddress, model.DirectoryNic]
_Edit = Callable[[list[bytes]], list[bytes]]

_LOCKED = (400, 12)
_BAD_KEYWORD = 8  # return code, with reason codes 3002, 3003, 3032 and others
_WHOLE_ENTRY = smapi_wire.text("")


class NicRecords:
    """Couples and uncouples NICs in the directory of one system. Safe to use from several threads."""

    def __init__(self, client: SmapiClient) -> None:
        self._client = client
        self._mutex = threading.Lock()
        self._seen: dict[model.NicAddress, model.DirectoryNic] = {}
        self._written: dict[model.NicAddress, base.Couple] = {}
        self._editing: set[model.Userid] = set()
        self._takes_vlans = True
        self._forgets_vlans: bool | None = None

    def couple(self, change: base.Couple) -> None:
        """Have the record name the vswitch, and exactly these VLANs and port.

        Raises Unreachable, Refused, Busy, Gone, Unknown.
        """
        if not (change.vlans or change.port):
            with self._touching(change.address):
                self._client.change(smapi_changes.couple_record(change).call)
        elif not (self._takes_vlans and self._write(change)):
            with self._touching(change.address):
                self._edit(change.address.userid, lambda records: smapi_records.coupled(records, change))

    def uncouple(self, address: model.NicAddress) -> None:
        """Have the record name no vswitch, no VLAN and no port. Raises as couple()."""
        before = self._seen.get(address)
        carries = address in self._written or bool(before and (before.vlans or before.port))
        may_carry = carries or before is None
        with self._touching(address):
            if may_carry and self._forgets_vlans is False:
                self._edit_out(address)
                return
            self._disconnect(address)
            if may_carry and self._forgets_vlans is None:
                self._clean(address, carries)

    def pending(self) -> Mapping[model.NicAddress, base.Couple]:
        """The records written since they were last judged; to be asked for before a look."""
        with self._mutex:
            return dict(self._written)

    def judge(self, pending: Mapping[model.NicAddress, base.Couple], directory: _Nics) -> None:
        """Compare what was written before a look with what the look shows."""
        for address, change in pending.items():
            nic = directory.get(address)
            if nic and nic.vswitch == change.vswitch and (nic.vlans, nic.port) != (change.vlans, change.port):
                self._distrust("leaves out VLAN or PORTNUMBER")
        with self._mutex:
            self._written = {a: c for a, c in self._written.items() if pending.get(a) is not c}
            self._seen = {a: nic for a, nic in directory.items() if a not in self._written}

    def _write(self, change: base.Couple) -> bool:
        """Write the record by its own function; False if the server does not take it. Raises as couple()."""
        with self._touching(change.address):
            try:
                self._client.change(smapi_changes.write_record(change).call)
            except errors.Refused as refusal:
                if refusal.rc != _BAD_KEYWORD:
                    raise
                self._distrust(f"refuses it ({refusal})")
                return False
        with self._mutex:
            self._written[change.address] = change
        return True

    def _distrust(self, what: str) -> None:
        if self._takes_vlans:
            LOG.info("Image_Definition_Update_DM %s: entries are locked and replaced from now on", what)
        self._takes_vlans = False

    def _disconnect(self, address: model.NicAddress) -> None:
        request = smapi_changes.uncouple_record(address)
        try:
            self._client.change(request.call)
        except errors.HypervisorError as error:
            if (error.rc, error.rs) not in request.already:
                raise

    def _clean(self, address: model.NicAddress, carried: bool) -> None:
        """Edit the record if VLANs or a port are left in it. carried: whether it surely had some."""
        try:
            records = self._read(address.userid)
        except errors.Gone:
            return
        if smapi_records.couples(records, address.vdev):
            LOG.info("Virtual_Network_Adapter_Disconnect_DM leaves VLANs: entries are replaced from now on")
            self._forgets_vlans = False
            self._edit_out(address)
        elif carried:
            self._forgets_vlans = True

    def _edit_out(self, address: model.NicAddress) -> None:
        with contextlib.suppress(errors.Gone):
            self._edit(address.userid, lambda records: smapi_records.uncoupled(records, address))

    def _edit(self, userid: model.Userid, edit: _Edit) -> None:
        """Replace the entry by its edited records, under its lock. Raises as couple()."""
        with self._locked(userid):
            records = smapi_wire.array(edit(self._read(userid)))
            self._client.change(Call("Image_Replace_DM", userid, records))

    def _read(self, userid: model.Userid) -> list[bytes]:
        """The records of an entry. Raises Unreachable, Gone, Refused, Busy, Unknown."""
        call = smapi_queries.directory_entry(userid)
        try:
            return smapi_queries.read_directory_entry(self._client.query(call))
        except errors.Untrusted as error:
            failure = smapi_codes.failure(str(call), error.rc, error.rs) if error.rc else None
            raise failure or errors.Unknown(str(error)) from None

    @contextlib.contextmanager
    def _locked(self, userid: model.Userid) -> Iterator[None]:
        """Hold the entry's lock, which Image_Replace_DM releases; give it back if that does not come about.

        A lock that is ours already was left by an agent that died: it is as good as a new one.
        """
        with self._mutex:
            if userid in self._editing:
                raise errors.Busy(f"the directory entry of {userid} is being edited")
            self._editing.add(userid)
        try:
            self._lock(userid)
            try:
                yield
            except errors.HypervisorError:
                with contextlib.suppress(errors.HypervisorError):
                    self._client.change(Call("Image_Unlock_DM", userid, _WHOLE_ENTRY))
                raise
        finally:
            with self._mutex:
                self._editing.discard(userid)

    def _lock(self, userid: model.Userid) -> None:
        try:
            self._client.change(Call("Image_Lock_DM", userid, _WHOLE_ENTRY))
        except errors.Busy as busy:
            if (busy.rc, busy.rs) != _LOCKED or not self._is_ours(userid):
                raise
            LOG.warning("The directory entry of %s was still locked by %s", userid, self._client.username)

    def _is_ours(self, userid: model.Userid) -> bool:
        try:
            answer = self._client.query(smapi_queries.directory_lock(userid))
            return smapi_queries.read_lock_owner(answer) == self._client.username
        except errors.HypervisorError:
            return False

    @contextlib.contextmanager
    def _touching(self, address: model.NicAddress) -> Iterator[None]:
        """Forget what was known of the record, whatever becomes of the change."""
        try:
            yield
        finally:
            with self._mutex:
                self._seen.pop(address, None)
                self._written.pop(address, None)
