"""Which guests serve the networks, and by which NICs."""

from collections.abc import Collection, Iterable

from networking_zvm import errors, model
from networking_zvm.conf.values import Values
from networking_zvm.settings import ServiceGuest


def read_service_guests(values: Values, networks: Collection[str]) -> tuple[ServiceGuest, ...]:
    """The service guests. networks: the physical networks of this z/VM; problems go to values.problems."""
    where, guests = values.where("service_guests"), list[ServiceGuest]()
    for entry in values.zvm("service_guests"):
        try:
            guest = _parse(entry, networks)
            _refuse_shared(guest, guests)
        except errors.InvalidValue as error:
            problem = f"{where}: {entry!r}: {error}; write userid:vdev:physical_network"
            values.problems.errors.append(problem)
        else:
            guests.append(guest)
    return tuple(guests)


def _parse(entry: str, networks: Collection[str]) -> ServiceGuest:
    """A userid may hold a colon itself."""
    parts = [part.strip() for part in entry.rsplit(":", 2)]
    if len(parts) < 3:
        raise errors.InvalidValue("a guest, its NIC and a physical network are wanted")
    userid, vdev, network = parts
    address = model.NicAddress(model.Userid(userid), model.Vdev(vdev))
    if network not in networks:
        known = ", ".join(sorted(networks)) or "none"
        raise errors.InvalidValue(f"{network!r} is no physical network of this z/VM (known: {known})")
    return ServiceGuest(address, network)


def _refuse_shared(guest: ServiceGuest, others: Iterable[ServiceGuest]) -> None:
    for other in others:
        if other.address == guest.address:
            raise errors.InvalidValue(f"NIC {guest} serves {other.physical_network} already")
        if (other.address.userid, other.physical_network) == (guest.address.userid, guest.physical_network):
            raise errors.InvalidValue(f"NIC {other} of this guest serves {guest.physical_network} already")
