"""The NICs of a guest together with what the guest is told of them, through Feilong. No Nova here.

Feilong's interface call makes NICs and writes the guest's files in one go; NICs that get no files are made by
the network operations, which also look whether all are as wanted, and take back what was made when something
fails. Source: zVMCloudConnector 1.6.3, POST and DELETE /guests/{userid}/interface (zvmsdk networkops.py).
"""

import collections
import dataclasses
import threading
import urllib.parse
from collections.abc import Iterable, Sequence

from oslo_log import log

from networking_zvm import errors, model
from networking_zvm.compute import nics as matching
from networking_zvm.compute import vdevs
from networking_zvm.compute.failures import ContradictionError, OperationFailedError
from networking_zvm.compute.guestnet import feilong, plan
from networking_zvm.compute.guestnet.distributions import distribution
from networking_zvm.compute.guestnet.feilong import FeilongNetwork
from networking_zvm.compute.guestnet.networks import GuestNetwork
from networking_zvm.compute.guestnet.plan import Plan
from networking_zvm.compute.guestnet.refusals import CannotConfigure
from networking_zvm.compute.networkop import NetworkOperations
from networking_zvm.compute.nics import DefinedNic, Nic
from networking_zvm.hypervisor import base
from networking_zvm.hypervisor.feilong_client import FeilongClient

LOG = log.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class Guest:
    """A guest and the Linux in it. os_distro: as its image says. config_drive: whether it boots with one."""

    userid: model.Userid
    os_distro: str
    config_drive: bool


class GuestNics:
    """Makes and removes NICs of guests. Safe to use from several threads; each guest has one at a time.

    The methods that change something raise OperationFailedError, ContradictionError for what cannot be, and
    CannotConfigure for what the guest could not be told of.
    """

    def __init__(
        self,
        hypervisor: base.Hypervisor,
        client: FeilongClient,
        first_vdev: model.Vdev,
        user_prefix: model.MacPrefix | None,
    ) -> None:
        """first_vdev: of a guest's NICs. user_prefix: z/VM's, None if the operator has not named it."""
        self._hypervisor = hypervisor
        self._client = client
        self._operations = NetworkOperations(hypervisor, first_vdev)
        self._first_vdev = first_vdev
        self._user_prefix = user_prefix
        self._turns: dict[model.Userid, threading.Lock] = collections.defaultdict(threading.Lock)

    def check(self, guest: Guest, nets: Sequence[GuestNetwork]) -> tuple[str, ...]:
        """Notes on a guest that is to be created with these NICs; asks z/VM nothing.

        Raises ContradictionError, CannotConfigure, InvalidValue if it cannot be.
        """
        if self._user_prefix:
            _check_macs(nets, self._user_prefix)
        intended = self._plan(guest, _placed(nets, vdevs.allocate(len(nets), (), self._first_vdev)))
        feilong.requests(guest.userid, guest.os_distro, intended.items)
        return intended.notes

    def create(self, guest: Guest, nets: Sequence[GuestNetwork]) -> None:
        """Give a guest that is off its first NICs, all of them or none."""
        with self._turns[guest.userid]:
            view = self._look(guest.userid)
            _check_macs(nets, view.mac_prefix)
            placed = _placed(nets, vdevs.allocate(len(nets), vdevs.taken(view), self._first_vdev))
            intended = self._plan(guest, placed)
            try:
                self._call(guest, intended.items, active=False)
                _log(self._operations.define(guest.userid, _nics(placed)))
            except errors.ZvmError:
                self._take_back(guest.userid, placed, live=False)
                raise

    def confirm(self, userid: model.Userid, nets: Sequence[GuestNetwork]) -> None:
        """Let the guest have these NICs just before it logs on.

        While the first is coupled and the next one made, Feilong may undo the latter: it writes the directory
        entry as it was when it began to couple (zvmsdk smtclient.py, couple_nic_to_vswitch).
        """
        with self._turns[userid]:
            self._operations.define(userid, _nics(nets))

    def attach(self, guest: Guest, net: GuestNetwork, present: Sequence[GuestNetwork]) -> tuple[str, ...]:
        """Give a guest, on or off, one more NIC; returns notes for the operator. present: the others.

        One that it has already, left behind when it could not be taken back, becomes this one.
        """
        with self._turns[guest.userid]:
            view = self._look(guest.userid)
            _check_macs([net], view.mac_prefix)
            (placed,) = _placed([net], vdevs.allocate(1, vdevs.taken(view), self._first_vdev))
            intended = plan.attach(placed, present, guest.os_distro)
            try:
                if not matching.of_port(_nic(placed), view):
                    self._call(guest, intended.items, active=view.logged_on)
                _log([self._operations.plug(guest.userid, _nic(placed), live=view.logged_on)])
            except errors.ZvmError:
                self._take_back(guest.userid, [placed], live=True)
                raise
            differences = self._operations.verify(guest.userid, [_nic(placed)])
        return (*intended.notes, *(difference.reason for difference in differences))

    def detach(self, guest: Guest, net: GuestNetwork) -> None:
        """Take a NIC away, and the guest's files for it; a NIC or guest that is gone already is as good."""
        with self._turns[guest.userid]:
            if _takes_files_later(guest.os_distro):
                self._withdraw(guest, net)
            self._operations.unplug(guest.userid, _nic(net), live=True)

    def repair(self, userid: model.Userid, nets: Sequence[GuestNetwork]) -> None:
        """Define anew those NICs that the directory has lost; what is right sees no change."""
        with self._turns[userid]:
            self._operations.repair(userid, _nics(nets))

    def remove(self, userid: model.Userid, nets: Sequence[GuestNetwork]) -> None:
        """Take all these NICs from a guest that is off or gone."""
        with self._turns[userid]:
            self._operations.undefine_all(userid, _nics(nets))

    def _look(self, userid: model.Userid) -> model.GuestView:
        try:
            return self._hypervisor.look_at(userid)
        except errors.HypervisorError as cause:
            raise OperationFailedError(f"look at {userid}", cause) from cause

    def _plan(self, guest: Guest, nets: Sequence[GuestNetwork]) -> Plan:
        intended = plan.boot(nets, guest.os_distro, guest.config_drive)
        if intended.before_deploy:
            raise CannotConfigure(
                f"Feilong deploys {guest.os_distro} from an Ignition file, which Nova cannot give it",
                "install RHCOS in another way, or use another distribution",
            )
        return intended

    def _call(self, guest: Guest, items: Sequence[FeilongNetwork], *, active: bool) -> None:
        """Let Feilong make the NICs and write their files. Raises OperationFailedError, CannotConfigure."""
        for networks in feilong.requests(guest.userid, guest.os_distro, items, active):
            interface = {"os_version": guest.os_distro, "guest_networks": networks, "active": active}
            try:
                self._client.write("POST", _path(guest.userid), {"interface": interface})
            except errors.HypervisorError as cause:
                raise OperationFailedError(f"make NICs of {guest.userid}", cause) from cause

    def _withdraw(self, guest: Guest, net: GuestNetwork) -> None:
        """Let Feilong remove the NIC and the guest's files; if it cannot, the files stay."""
        view = self._look_if_there(guest.userid)
        for nic in view.nics.values() if view else ():
            if net.port_id not in nic.port_ids:
                continue
            which = {"os_version": guest.os_distro, "vdev": nic.address.vdev.lower()}
            try:
                body = {"interface": {**which, "active": nic.live is not None}}
                self._client.write("DELETE", _path(guest.userid), body)
            except errors.HypervisorError as error:
                LOG.warning("the Linux of %s keeps its files of NIC %s: %s", guest.userid, nic.address, error)

    def _look_if_there(self, userid: model.Userid) -> model.GuestView | None:
        try:
            return self._look(userid)
        except OperationFailedError as error:
            if isinstance(error.cause, errors.Gone):
                return None
            raise

    def _take_back(self, userid: model.Userid, nets: Sequence[GuestNetwork], *, live: bool) -> None:
        """Leave none of the NICs behind; what cannot be removed is told to the operator."""
        for nic in _nics(nets):
            try:
                self._operations.unplug(userid, nic, live)
            except errors.ZvmError as error:
                LOG.warning("NIC of port %s stays with guest %s: %s", nic.port_id, userid, error)


def _takes_files_later(os_distro: str) -> bool:
    """Whether Feilong can change the Linux's files once it is deployed."""
    try:
        return distribution(os_distro).attach_refused is None
    except CannotConfigure:
        return False


def _check_macs(nets: Sequence[GuestNetwork], prefix: model.MacPrefix) -> None:
    """z/VM gives every NIC its own prefix, whatever MAC is asked for. Raises ContradictionError."""
    if outside := [net for net in nets if net.mac.prefix != prefix]:
        raise ContradictionError(
            f"port {net.port_id} has MAC {net.mac}, outside {prefix}, the user prefix of this z/VM: set "
            f"base_mac = {prefix}:00:00:00 in neutron.conf and create the port again"
            for net in outside
        )


def _log(nics: Iterable[DefinedNic]) -> None:
    """Nova's API has no room for device numbers."""
    for nic in nics:
        LOG.info("port %s with MAC %s is NIC %s", nic.port_id, nic.mac, nic.address)


def _placed(nets: Sequence[GuestNetwork], numbers: Iterable[model.Vdev]) -> list[GuestNetwork]:
    return [dataclasses.replace(net, vdev=vdev) for net, vdev in zip(nets, numbers, strict=True)]


def _nics(nets: Iterable[GuestNetwork]) -> list[Nic]:
    return [_nic(net) for net in nets]


def _nic(net: GuestNetwork) -> Nic:
    return Nic(net.port_id, net.mac, net.vdev)


def _path(userid: model.Userid) -> str:
    return f"/guests/{urllib.parse.quote(userid, safe='')}/interface"
