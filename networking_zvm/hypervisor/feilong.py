"""z/VM through Feilong, the z/VM Cloud Connector (PyPI zVMCloudConnector 1.6.x), by its REST API.

Feilong's table of NICs tells which NIC is which port and costs no z/VM command, but is no picture of z/VM:
what is live and granted is read vswitch by vswitch, the directory guest by guest (`feilong_guests`). NICs are
made by Nova, through Feilong; here they are coupled. Feilong makes every grant persistent. It does not lock
directory entries against itself, so one guest's changes wait for each other here.
"""

import collections
import threading
import time
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from oslo_log import log

from networking_zvm import errors, model
from networking_zvm.hypervisor import base, feilong_readings, guest_view, side_by_side, smapi_codes
from networking_zvm.hypervisor.feilong_changes import GuestChanger, merge, refusal
from networking_zvm.hypervisor.feilong_client import FeilongClient
from networking_zvm.hypervisor.feilong_guests import Guests
from networking_zvm.hypervisor.feilong_host import HostKeeper, PrefixKeeper
from networking_zvm.settings import FeilongSettings

LOG = log.getLogger(__name__)

_STRANGERS = 8  # guests that are not Feilong's, asked in one look for what shows the user prefix

_NIC_CHANGES = base.DefineNic | base.RemoveNic | base.Couple | base.Uncouple | base.Record

Thing = TypeVar("Thing")
_Rows = Mapping[model.NicAddress, feilong_readings.Row]
_VSwitches = dict[model.VSwitchName, model.VSwitch]
_Live = dict[model.NicAddress, model.LiveNic]


class FeilongHypervisor:
    """One z/VM system as its Feilong server shows it; fulfils `base.Hypervisor`."""

    capabilities = base.Capabilities(
        ways=frozenset({model.Way.GRANT, model.Way.DIRECTORY}), defines_nics=False, records=True
    )

    def __init__(
        self,
        settings: FeilongSettings,
        parallelism: int = 6,
        user_prefix: model.MacPrefix | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """parallelism: requests under way at once. user_prefix: z/VM's, None to learn it from live NICs.

        clock: in seconds. Raises ConfigurationError.
        """
        self._client = FeilongClient(settings, parallelism)
        self._parallelism = parallelism
        self._changer = GuestChanger(self._client)
        self._guests = Guests(self._client, parallelism, clock)
        self._host = HostKeeper(self._client, clock)
        self._prefix = PrefixKeeper(user_prefix)
        self._looking = threading.Lock()
        self._serial: dict[model.Userid, threading.Lock] = collections.defaultdict(threading.Lock)
        self._rows: _Rows = {}
        self._complaints: frozenset[str] = frozenset()

    def describe(self) -> model.SystemInfo:
        """Who answers. Raises Unreachable, Untrusted, Unknown."""
        with self._looking:
            version = feilong_readings.read_version(_trusted(lambda: self._client.read("/")))
            host = _trusted(self._host.ask)
        prefix = self._prefix.prefix or self.observe().mac_prefix
        return model.SystemInfo(host.name, host.version, host.ipl_time, prefix, f"Feilong {version}")

    def observe(self) -> model.System:
        """One look at the system: a request per vswitch, and some for guests. Raises as describe()."""
        with self._looking:
            try:
                return self._look()
            except errors.HypervisorError:
                self._host.forget()
                raise

    def look_at(self, userid: model.Userid) -> model.GuestView:
        """One guest alone: two z/VM commands, and one look at the system if nothing has told its prefix.

        Raises Gone, and as describe().
        """
        rows = self._rows_of(userid)
        entry = self._entry_of(userid)
        running = _trusted(lambda: self._changer.running_nics(userid))
        prefix = self._prefix.prefix or self.observe().mac_prefix
        port_ids = {row.address: frozenset({row.port}) for row in rows.values() if row.port}
        return guest_view.assemble(userid, prefix, entry, running, port_ids, rows)

    def port_records(self) -> tuple[model.PortRecord, ...]:
        """Which NIC is which port, from Feilong's table: no z/VM command. Raises as describe()."""
        rows = self._read_rows().values()
        return tuple(model.PortRecord(row.port, row.address, row.vswitch) for row in rows if row.port)

    def change(self, changes: Sequence[base.GuestChange]) -> None:
        """Carry out changes of one guest in order. Raises ChangeFailed."""
        for position, change in enumerate(changes):
            if error := refusal(change):
                raise base.ChangeFailed(position, error)
        if changes:
            userid = _userid(changes[0])
            with self._serial[userid]:
                self._guests.note_change(userid)
                try:
                    self._carry_out(userid, changes)
                finally:
                    self._guests.note_change(userid)

    def create_vswitch(self, spec: model.VSwitchSpec) -> None:
        """Create the vswitch, to last beyond an IPL; one that is there and as wanted is accepted.

        Raises Refused, Busy, Unknown, Unreachable.
        """
        vswitch = {"name": str(spec.name), "vid": "AWARE" if spec.vlan_aware else "UNAWARE", "gvrp": "NOGVRP"}
        if spec.rdevs:
            vswitch["rdev"] = " ".join(spec.rdevs)
        try:
            self._client.write("POST", "/vswitches", {"vswitch": vswitch})
        except errors.Refused as error:
            if (error.rc, error.rs) != smapi_codes.VSWITCH_EXISTS:
                raise
        self._prove(spec)

    def maintain(self) -> None:
        """Raises ConfigurationError if user_prefix is not what live NICs show; sends nothing."""
        self._prefix.check()

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _look(self) -> model.System:
        rows = self._read_rows()
        vswitches, live = self._network()
        host = _trusted(lambda: self._host.get(vswitches, live.values()))
        picture = self._guests.look(rows.values(), live.values())
        self._prefix.learn(live.values(), picture.directory)
        if self._prefix.prefix is None:
            self._ask_strangers(host.feilong, live, picture.directory)
        return model.System(
            ipl_time=host.ipl_time,
            mac_prefix=self._known_prefix(),
            vswitches=vswitches,
            directory=picture.directory,
            live=live,
            logged_on=picture.logged_on | {address.userid for address in live},
            directory_authorizes=host.directory_authorizes,
        )

    def _read_rows(self) -> _Rows:
        rows = feilong_readings.read_rows(_trusted(lambda: self._client.read("/guests/nics")))
        for complaint in sorted(rows.complaints - self._complaints):
            LOG.warning("A row of Feilong's table of NICs is left out: %s", complaint)
        self._complaints = rows.complaints
        self._rows = rows.of
        return rows.of

    def _rows_of(self, userid: model.Userid) -> _Rows:
        path = f"/guests/nics?userid={urllib.parse.quote(userid, safe='')}"
        rows = feilong_readings.read_rows(_trusted(lambda: self._client.read(path))).of
        return {address: row for address, row in rows.items() if address.userid == userid}

    def _entry_of(self, userid: model.Userid) -> guest_view.Entry:
        try:
            return self._guests.entry_of(userid)
        except errors.Gone:
            raise
        except (errors.Refused, errors.Busy) as error:
            raise errors.Untrusted(str(error)) from error

    def _network(self) -> tuple[_VSwitches, _Live]:
        """All vswitches and all NICs coupled to one."""
        names = feilong_readings.read_vswitch_names(_trusted(lambda: self._client.read("/vswitches")))
        answers = side_by_side.each(self._read_vswitch, names, self._parallelism)
        vswitches: _VSwitches = {}
        live: _Live = {}
        for name in names:
            answer = answers[name]
            if isinstance(answer, errors.Gone):
                continue  # it has been deleted meanwhile
            if isinstance(answer, errors.HypervisorError):
                raise answer if isinstance(answer, errors.Unknown) else errors.Untrusted(str(answer))
            vswitches[name], nics = answer
            if twice := live.keys() & nics.keys():
                raise errors.Untrusted(f"NIC {min(twice)} is on two vswitches: it was moved meanwhile")
            live |= nics
        return vswitches, live

    def _read_vswitch(self, name: model.VSwitchName) -> tuple[model.VSwitch, _Live]:
        output = self._client.read(f"/vswitches/{urllib.parse.quote(name, safe='')}")
        return feilong_readings.read_vswitch(name, output)

    def _ask_strangers(
        self,
        feilong: model.Userid,
        live: _Live,
        directory: Mapping[model.NicAddress, model.DirectoryNic],
    ) -> None:
        """Learn the user prefix from live guests that are not in Feilong's table, its own first."""
        others = {a.userid for a in live} - {address.userid for address in directory}
        some = sorted(others, key=lambda userid: (userid != feilong, userid))[:_STRANGERS]
        for nics in side_by_side.each(self._guests.directory_of, some, self._parallelism).values():
            if not isinstance(nics, errors.HypervisorError):
                self._prefix.learn(live.values(), nics)

    def _known_prefix(self) -> model.MacPrefix:
        if self._prefix.prefix is None:
            raise errors.Untrusted(
                "Feilong does not tell z/VM's user prefix for MACs and no live NIC shows it: set user_prefix "
                "in [zvm] to what CP's QUERY VMLAN gives as USER prefix"
            )
        return self._prefix.prefix

    def _carry_out(self, userid: model.Userid, changes: Sequence[base.GuestChange]) -> None:
        try:
            rows = dict(self._rows_for(userid, changes))
        except errors.HypervisorError as error:
            raise base.ChangeFailed(0, error) from error
        uncoupled: set[model.NicAddress] = set()
        for position, change in merge(changes):
            try:
                if isinstance(change, base.Couple) and change.directory:
                    self._refuse_leftovers(change, change.address in uncoupled)
                self._changer.carry_out(change, rows)
            except errors.HypervisorError as error:
                raise base.ChangeFailed(position, error) from error
            if isinstance(change, base.Uncouple):
                uncoupled.add(change.address)
            if isinstance(change, base.RemoveNic):
                rows.pop(change.address, None)

    def _refuse_leftovers(self, change: base.Couple, was_uncoupled_now: bool) -> None:
        """Whether an uncoupled record keeps its VLANs is not documented; Feilong could not remove them."""
        read = self._guests.directory_of if was_uncoupled_now else self._guests.known_of
        nic = read(change.address.userid).get(change.address)
        if nic and nic.vswitch is None and (nic.port or not nic.vlans <= change.vlans):
            kept = f"VLAN {', '.join(map(str, sorted(nic.vlans)))}" if nic.vlans else f"port {nic.port}"
            raise errors.Refused(
                f"{change}: its NICDEF still names {kept} although it is uncoupled, and Feilong cannot take "
                "that away: take it out of the user directory"
            )

    def _rows_for(self, userid: model.Userid, changes: Sequence[base.GuestChange]) -> _Rows:
        """Feilong's rows, read anew if they lack a NIC, or if it depends on them what is to be done.

        Raises Busy for a guest of which nothing is known.
        """
        if trouble := self._guests.trouble(userid):
            raise errors.Busy(f"guest {userid} cannot be read: {trouble}")
        if any(isinstance(change, base.DefineNic | base.RemoveNic) for change in changes):
            return self._rows_of(userid)
        nics = {change.address for change in changes if isinstance(change, _NIC_CHANGES)}
        return self._rows if nics <= self._rows.keys() else self._read_rows()

    def _prove(self, spec: model.VSwitchSpec) -> None:
        """Raise Unknown if the vswitch is not there, Refused if it is of another kind."""
        try:
            vswitch, _ = self._read_vswitch(spec.name)
        except (errors.Untrusted, errors.Gone) as error:
            raise errors.Unknown(f"create vswitch {spec.name}: {error}") from error
        if vswitch.layer is not model.Layer.ETHERNET or vswitch.vlan_aware != spec.vlan_aware:
            raise errors.Refused(f"vswitch {spec.name} exists already, but with other properties")


def _trusted(ask: Callable[[], Thing]) -> Thing:
    """What a read gives. Where it fails for a reason of its own, nothing may be concluded from it."""
    try:
        return ask()
    except (errors.Refused, errors.Busy, errors.Gone) as error:
        raise errors.Untrusted(str(error)) from error


def _userid(change: base.GuestChange) -> model.Userid:
    return change.address.userid if isinstance(change, _NIC_CHANGES) else change.userid
