"""Carries out the changes of one guest through Feilong, around the traps of its couple and uncouple.

- A couple is skipped, with 200, if the NIC's record holds "LAN SYSTEM" and a name that begins with the
  vswitch's: no other VLAN, no live connection. The planner uncouples first; where only the live half is
  missing, it is done here.
- There is no live half alone: to couple or uncouple live does it in the directory too.
- The directory comes first. A guest that turns out to be off is an error after it has been written.
- A live couple that fails takes the directory's half back. So whether the running guest has the NIC at all
  is asked before.

Source: zVMCloudConnector 1.6.3, zvmsdk smtclient.py (couple_nic_to_vswitch, uncouple_nic_from_vswitch).
"""

import contextlib
import dataclasses
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping, Sequence

from networking_zvm import errors, model
from networking_zvm.hypervisor import base, feilong_readings, smapi_codes
from networking_zvm.hypervisor.feilong_answer import GuestIsOff
from networking_zvm.hypervisor.feilong_client import FeilongClient
from networking_zvm.hypervisor.feilong_readings import Row

_NO_LIVE_DEVICE: smapi_codes.Codes = (204, 8)
_NOT_COUPLED_DM: smapi_codes.Codes = (412, 16)


def refusal(change: base.GuestChange) -> errors.Refused | None:
    """Why Feilong has no means for this change, None if it has."""
    if isinstance(change, base.PortChange | base.Record):
        return errors.Refused(f"{change}: Feilong cannot")
    if isinstance(change, base.Couple) and change.port:
        return errors.Refused(f"{change}: Feilong knows no port numbers")
    if isinstance(change, base.Couple | base.Authorize) and len(change.vlans) > 1:
        return errors.Refused(f"{change}: Feilong takes one VLAN and no more")
    if isinstance(change, base.Authorize) and change.port_type is model.PortType.TRUNK:
        return errors.Refused(f"{change}: Feilong cannot say that a guest's port is a trunk")
    return None


def merge(changes: Sequence[base.GuestChange]) -> Iterator[tuple[int, base.GuestChange]]:
    """The changes with their positions; a NIC's two halves of coupling are one, at the first one's.

    That is what one request does. Only other NICs' couplings may stand between the two.
    """
    done: set[int] = set()
    for position, change in enumerate(changes):
        if position in done:
            continue
        if isinstance(change, base.Couple) and change.directory and not change.live:
            other = _live_half(change, changes, position)
            if other is not None:
                done.add(other)
                change = dataclasses.replace(change, live=True)
        yield position, change


def _live_half(half: base.Couple, changes: Sequence[base.GuestChange], position: int) -> int | None:
    for number in range(position + 1, len(changes)):
        change = changes[number]
        if not isinstance(change, base.Couple):
            return None
        if change == dataclasses.replace(half, directory=False, live=True):
            return number
    return None


class GuestChanger:
    """Makes single changes. Safe to use from several threads, but not for one guest at a time.

    Each method raises Refused, Busy, Gone, Unknown, Unreachable.
    """

    def __init__(self, client: FeilongClient) -> None:
        self._client = client

    def carry_out(self, change: base.GuestChange, rows: Mapping[model.NicAddress, Row]) -> None:
        """Make the change. rows: Feilong's, which tell how it spells the NIC's device."""
        match change:
            case base.Couple():
                self._couple(change, rows)
            case base.Uncouple():
                path = _path(change.address, rows)
                self._uncouple(change.address, path, change.directory, change.live)
            case base.Authorize():
                self._authorize(change)
            case base.Deauthorize():
                self._set_vswitch(change.vswitch, {"revoke_userid": change.userid})
            case base.DefineNic():
                self._define(change, rows)
            case base.RemoveNic():
                self._remove(_path(change.address, rows), change.live)
            case _:
                raise errors.Refused(f"{change}: Feilong cannot")

    def _couple(self, change: base.Couple, rows: Mapping[model.NicAddress, Row]) -> None:
        path, lan = _path(change.address, rows), _lan(change.vswitch, change.vlans)
        running = self.running_nics(change.address.userid) if change.live else None
        vdev = change.address.vdev
        if running is None or vdev not in running or running[vdev].vswitch == change.vswitch:
            if change.directory:
                self._put(path, couple=True, active=False, **lan)
            if running is not None and vdev not in running:
                raise _not_live(change.address)
            return
        if not change.directory:
            self._uncouple(change.address, path, directory=True, live=False)
        with contextlib.suppress(GuestIsOff):  # what it will find at its next logon is written then
            self._put(path, couple=True, active=True, **lan)

    def running_nics(self, userid: model.Userid) -> dict[model.Vdev, model.RunningNic] | None:
        """The NICs of the running guest, None if the guest is off. Raises as FeilongClient.read()."""
        try:
            output = self._client.read(f"/guests/{_quoted(userid)}/adapters")
        except errors.Gone as error:
            return None if (error.rc, error.rs) in smapi_codes.NO_GUEST else {}
        except errors.Refused as error:
            if (error.rc, error.rs) not in smapi_codes.NO_NIC_AT_ALL:
                raise
            return {}
        return feilong_readings.read_running_nics(output)

    def _uncouple(self, address: model.NicAddress, path: str, directory: bool, live: bool) -> None:
        """Of the codes for a NIC that is not coupled Feilong tolerates one and gives up at the other."""
        try:
            self._put(path, couple=False, active=live)
        except GuestIsOff:
            if directory:
                self._uncouple(address, path, directory=True, live=False)
        except errors.HypervisorError as error:
            if (error.rc, error.rs) == _NOT_COUPLED_DM and live:
                self._uncouple_live_alone(address, path)
            elif (error.rc, error.rs) not in smapi_codes.NOT_COUPLED or live:
                raise

    def _uncouple_live_alone(self, address: model.NicAddress, path: str) -> None:
        """The directory's half is not there: it is given one, so that both can be taken away."""
        nic = (self.running_nics(address.userid) or {}).get(address.vdev)
        if nic and nic.vswitch:
            self._put(path, couple=True, active=False, **_lan(nic.vswitch, ()))
            self._put(path, couple=False, active=True)

    def _authorize(self, change: base.Authorize) -> None:
        """Guess: a port type cannot be given, so the guest gets the vswitch's: it ought to be ACCESS."""
        (vlan,) = change.vlans or (None,)
        in_vlan = {"userid": change.userid, "vlanid": int(vlan)} if vlan else None
        grant = {"user_vlan_id": in_vlan} if in_vlan else {"grant_userid": change.userid}
        try:
            self._set_vswitch(change.vswitch, grant)
        except errors.HypervisorError as error:
            if (error.rc, error.rs) != smapi_codes.ALREADY_GRANTED:
                raise
            if change.replaces:
                self._set_vswitch(change.vswitch, {"revoke_userid": change.userid})
                self._set_vswitch(change.vswitch, grant)

    def _define(self, change: base.DefineNic, rows: Mapping[model.NicAddress, Row]) -> None:
        if change.address not in rows:
            self._create(change)
        elif change.live:
            running = self.running_nics(change.address.userid)
            if running is not None and change.address.vdev not in running:
                raise _not_live(change.address)
        if change.vswitch:
            path = _path(change.address, rows)
            self._put(path, couple=True, active=False, **_lan(change.vswitch, ()))

    def _create(self, change: base.DefineNic) -> None:
        """Without a row Feilong makes the NIC, in both places or in none; with one it would refuse."""
        nic = {"vdev": str(change.address.vdev), "mac_addr": str(change.mac)}
        if change.port_id:
            nic["nic_id"] = change.port_id
        path = f"/guests/{_quoted(change.address.userid)}/nic"
        try:
            self._client.write("POST", path, {"nic": {**nic, "active": change.live}})
        except GuestIsOff:
            self._client.write("POST", path, {"nic": {**nic, "active": False}})

    def _remove(self, path: str, live: bool) -> None:
        try:
            self._client.write("DELETE", path, {"active": live})
        except GuestIsOff:
            self._client.write("DELETE", path, {"active": False})

    def _put(self, path: str, **info: object) -> None:
        self._client.write("PUT", path, {"info": info})

    def _set_vswitch(self, name: model.VSwitchName, what: Mapping[str, object]) -> None:
        self._client.write("PUT", f"/vswitches/{_quoted(name)}", {"vswitch": what})


def _not_live(address: model.NicAddress) -> errors.Gone:
    text = f"NIC {address} is not in the running guest: it comes with the next logon"
    return errors.Gone(text, *_NO_LIVE_DEVICE)


def _lan(vswitch: model.VSwitchName, vlans: Iterable[model.VlanId]) -> dict[str, object]:
    """At most one VLAN; without, Feilong writes none (0 would be written)."""
    lan: dict[str, object] = {"vswitch": str(vswitch)}
    for vlan in vlans:
        lan["vlan_id"] = int(vlan)
    return lan


def _path(address: model.NicAddress, rows: Mapping[model.NicAddress, Row]) -> str:
    """Feilong finds its row by the very spelling it was made with."""
    row = rows.get(address)
    return f"/guests/{_quoted(address.userid)}/nic/{_quoted(row.spelling if row else address.vdev)}"


def _quoted(name: str) -> str:
    return urllib.parse.quote(name, safe="")
