"""z/VM through its own SMAPI server over TCP, with nothing in between.

One look is four calls side by side, whatever the size of the system. SMAPI tells neither the system's name,
for which the server's address stands, nor its user prefix (see smapi_prefix). NICs are known by their MACs.
"""

import datetime
from collections.abc import Iterator, Sequence

from networking_zvm import errors, model
from networking_zvm.hypervisor import (
    base,
    guest_view,
    side_by_side,
    smapi_changes,
    smapi_codes,
    smapi_guest,
    smapi_queries,
    smapi_vswitches,
)
from networking_zvm.hypervisor.smapi_client import SmapiClient
from networking_zvm.hypervisor.smapi_directory import NicRecords
from networking_zvm.hypervisor.smapi_prefix import UserPrefix
from networking_zvm.hypervisor.smapi_trunks import TrunkPorts
from networking_zvm.hypervisor.smapi_wire import Answer, Call
from networking_zvm.settings import SmapiSettings


class SmapiHypervisor:
    """One z/VM system as its SMAPI server shows it; fulfils `base.Hypervisor`."""

    capabilities = base.Capabilities(
        ways=frozenset(model.Way), defines_nics=False, records=False, trunks=True
    )

    def __init__(
        self, settings: SmapiSettings, persistent: bool, user_prefix: model.MacPrefix | None = None
    ) -> None:
        """persistent: authorizations and created vswitches shall survive an IPL. user_prefix: z/VM's, if the
        operator names it. Raises ConfigurationError.
        """
        self._client = SmapiClient(settings)
        self._caller = self._client.username
        self._host = settings.host
        self._persistent = persistent
        self._prefix = UserPrefix(user_prefix)
        self._records = NicRecords(self._client)
        self._trunks = TrunkPorts(self._client, persistent)

    def describe(self) -> model.SystemInfo:
        """Who answers. Raises Unreachable, Untrusted, Unknown."""
        level = self._client.query(smapi_queries.functional_level(self._caller)).rs
        asked = datetime.datetime.now(datetime.UTC)
        answer = self._client.query(smapi_queries.system_information(self._caller))
        half_way = asked + (datetime.datetime.now(datetime.UTC) - asked) / 2
        times = smapi_queries.read_identity(answer).times
        return model.SystemInfo(
            name=self._host,
            version=times.version,
            ipl_time=times.ipl_time,
            mac_prefix=self._prefix.known or self.observe().mac_prefix,
            control_point_version=f"SMAPI level {level}",
            clock_skew=times.clock_skew(half_way),
        )

    def observe(self) -> model.System:
        """One look at the system. Raises as describe().

        The IPL time is asked for each time: nothing cheaper tells of an IPL.
        """
        pending, added = self._records.pending(), self._trunks.pending()
        vswitches, statements, names, information = self._ask(
            smapi_queries.vswitches(self._caller),
            smapi_queries.nic_statements(self._caller),
            smapi_queries.logged_on(),
            smapi_queries.system_information(self._caller),
        )
        listing = smapi_vswitches.read_vswitches(vswitches)
        directory = smapi_queries.read_nic_statements(statements)
        logged_on = smapi_queries.read_logged_on(names)
        identity = smapi_queries.read_identity(information)
        self._records.judge(pending, directory)
        self._trunks.judge(added, listing.vswitches)
        return model.System(
            ipl_time=identity.times.ipl_time,
            mac_prefix=self._prefix.learn(directory, listing.live),
            vswitches=listing.vswitches,
            directory=directory,
            live=listing.live,
            logged_on=logged_on,
            directory_authorizes=identity.directory_authorizes,
        )

    def look_at(self, userid: model.Userid) -> model.GuestView:
        """One guest alone: two calls, and one look at the system if nothing has told its prefix before.

        Raises Gone, and as describe().
        """
        entry_of, nics_of = smapi_queries.directory_entry(userid), smapi_guest.running_nics(userid)
        answers = side_by_side.each(self._client.query, (entry_of, nics_of), limit=2)
        statements = smapi_guest.read_statements(userid, answers[entry_of])
        running = smapi_guest.read_running(answers[nics_of])
        prefix = self._prefix.known or self.observe().mac_prefix
        entry = guest_view.read_entry(userid, statements)
        return guest_view.assemble(userid, prefix, entry, running, {})

    def port_records(self) -> tuple[model.PortRecord, ...]:
        """Nothing: SMAPI knows no Neutron ports."""
        return ()

    def change(self, changes: Sequence[base.GuestChange]) -> None:
        """Carry out changes of one guest in order. Raises ChangeFailed."""
        for position, change in enumerate(changes):
            if isinstance(change, base.Record):
                raise base.ChangeFailed(position, errors.Refused(f"{change}: SMAPI has no place for it"))
        for position, change in enumerate(changes):
            try:
                self._carry_out(change)
            except errors.HypervisorError as error:
                raise base.ChangeFailed(position, error) from error

    def create_vswitch(self, spec: model.VSwitchSpec) -> None:
        """Create the vswitch; one that exists already and is as wanted is accepted.

        Raises Refused, Busy, Unknown, Unreachable.
        """
        request = smapi_changes.create_vswitch(spec, self._caller, self._persistent)
        try:
            self._client.change(request.call)
        except errors.Refused as error:
            if (error.rc, error.rs) not in request.already:
                raise
            self._compare(spec)

    def maintain(self) -> None:
        """Compare the operator's user prefix with what the last look has shown: no call.

        Raises ConfigurationError if they differ.
        """
        self._prefix.verify()

    def close(self) -> None:
        """Nothing to give back: connections do not outlive their calls."""

    def _ask(self, *calls: Call) -> Iterator[Answer]:
        """The answers to calls made side by side. Raises as describe()."""
        answers = side_by_side.each(self._client.query, calls, limit=len(calls))
        for answer in map(answers.__getitem__, calls):
            if isinstance(answer, errors.HypervisorError):
                raise answer
            yield answer

    def _carry_out(self, change: base.GuestChange) -> None:
        match change:
            case base.DefineNic():
                self._define(change)
            case base.RemoveNic():
                for request in smapi_changes.remove(change):
                    self._send(request)
            case base.Couple():
                self._couple(change)
            case base.Uncouple():
                self._uncouple(change)
            case base.Authorize():
                self._authorize(change)
            case base.Deauthorize():
                self._send(smapi_changes.deauthorize(change, self._caller, self._persistent))
            case base.AssignPort() | base.ReleasePort() | base.AllowVlan() | base.DenyVlan():
                self._change_port(change)

    def _change_port(self, change: base.PortChange) -> None:
        match change:
            case base.AssignPort():
                self._send(smapi_changes.assign_port(change, self._caller, self._persistent))
            case base.ReleasePort():
                self._send(smapi_changes.release_port(change, self._caller, self._persistent))
            case base.AllowVlan():
                self._trunks.allow(change)
            case base.DenyVlan():
                self._trunks.deny(change)

    def _authorize(self, change: base.Authorize) -> None:
        """Where z/VM refuses to grant again, what is to be replaced is taken back first."""
        grant = smapi_changes.authorize(change, self._caller, self._persistent)
        try:
            self._send(grant)
        except errors.Refused as refusal:
            if not change.replaces or (refusal.rc, refusal.rs) != smapi_codes.ALREADY_GRANTED:
                raise
            revoke = base.Deauthorize(change.userid, change.vswitch)
            self._send(smapi_changes.deauthorize(revoke, self._caller, self._persistent))
            self._send(grant)

    def _define(self, change: base.DefineNic) -> None:
        self._send(smapi_changes.define(change))
        if not change.live:
            return
        try:
            self._send(smapi_changes.make_live(change.address))
        except errors.Refused as error:
            if (error.rc, error.rs) != smapi_codes.NIC_EXISTS or not self._has_live_nic(change.address):
                raise

    def _has_live_nic(self, address: model.NicAddress) -> bool:
        """Whether the device that exists is a NIC."""
        try:
            self._client.query(smapi_queries.live_nic(address))
        except errors.HypervisorError:
            return False
        return True

    def _couple(self, change: base.Couple) -> None:
        """The directory comes first: a live coupling goes by the record (Feilong PR 810)."""
        if change.directory:
            self._records.couple(change)
        if change.live:
            self._send(smapi_changes.couple_live(change))

    def _uncouple(self, change: base.Uncouple) -> None:
        if change.directory:
            self._records.uncouple(change.address)
        if change.live:
            self._send(smapi_changes.uncouple_live(change.address))

    def _send(self, request: smapi_changes.Request) -> None:
        """Raises Unreachable, Refused, Busy, Gone, Unknown."""
        try:
            self._client.change(request.call)
        except errors.HypervisorError as error:
            if not self._holds_already(request, error):
                raise

    def _holds_already(self, request: smapi_changes.Request, error: errors.HypervisorError) -> bool:
        if (error.rc, error.rs) not in request.already:
            return False
        if request.couples is None:
            return True
        try:
            answer = self._client.query(smapi_queries.live_nic(request.couples.address))
            return smapi_queries.is_coupled_to(answer, request.couples.vswitch)
        except errors.HypervisorError:
            return False

    def _compare(self, spec: model.VSwitchSpec) -> None:
        """Raise Unknown if the vswitch is not there, Refused if it is of another kind."""
        try:
            answer = self._client.query(smapi_queries.vswitches(self._caller, spec.name))
            vswitch = smapi_vswitches.read_vswitches(answer).vswitches.get(spec.name)
        except errors.Untrusted as error:
            raise errors.Unknown(f"create vswitch {spec.name}: {error}") from error
        if vswitch is None:
            raise errors.Unknown(f"vswitch {spec.name} exists already, but is not shown")
        if vswitch.layer is not model.Layer.ETHERNET or vswitch.vlan_aware != spec.vlan_aware:
            raise errors.Refused(f"vswitch {spec.name} exists already, but with other properties")
