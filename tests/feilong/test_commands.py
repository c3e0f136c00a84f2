"""How many z/VM commands each request costs: as many as were counted with Feilong on a stand-in for z/VM."""

from collections.abc import Callable

import pytest

from tests.feilong.site import VSWITCH, Site

Request = Callable[[Site, str], object]


def couple(**more: object) -> Request:
    return lambda site, userid: site.couple(userid, **more)


def uncouple(**more: object) -> Request:
    return lambda site, userid: site.change_nic(userid, couple=False, **more).output


def delete_nic(vdev: str = "1000", **body: object) -> Request:
    return lambda site, userid: site.rest.call("DELETE", f"/guests/{userid}/nic/{vdev}", body).output


def interface(active: bool) -> Request:
    network = {"ip_addr": "10.0.0.2", "cidr": "10.0.0.0/24"}
    body = {"interface": {"os_version": "rhel8.4", "guest_networks": [network], "active": active}}
    return lambda site, userid: site.rest.call("POST", f"/guests/{userid}/interface", body).output


def get(path: str) -> Request:
    return lambda site, userid: site.rest.get(path.format(userid=userid))


def with_nic(site: Site) -> str:
    userid = site.create_guest()
    site.create_nic(userid)
    return userid


def coupled(site: Site) -> str:
    userid = with_nic(site)
    site.couple(userid, vlan_id=100)
    return userid


def running(site: Site) -> str:
    userid = site.create_guest()
    site.start(userid)
    return userid


def running_with_nic(site: Site) -> str:
    userid = running(site)
    site.create_nic(userid, active=True)
    site.set_vswitch(grant_userid=userid)
    return userid


def running_and_coupled(site: Site) -> str:
    userid = coupled(site)
    site.start(userid)
    return userid


@pytest.mark.parametrize(
    ("number", "guest", "request_"),
    [
        (0, with_nic, get("/guests/nics?userid={userid}")),
        (0, with_nic, get("/guests")),
        (4, running, get("/guests/{userid}/power_state")),
        (1, running, get("/guests/{userid}/power_state_real")),
        (1, running, get("/guests/{userid}/user_direct")),
        (2, running, get("/vswitches")),
        (2, running, get(f"/vswitches/{VSWITCH}")),
        (7, running, get("/host")),
        (4, running, lambda site, userid: site.set_vswitch(grant_userid=userid).output),
        (4, running, lambda site, user: site.set_vswitch(user_vlan_id={"userid": user, "vlanid": 9}).output),
        (2, running, lambda site, userid: site.set_vswitch(revoke_userid=userid).output),
        (3, Site.create_guest, lambda site, userid: site.create_nic(userid)),
        (5, running, lambda site, userid: site.create_nic(userid, active=True)),
        (5, with_nic, couple()),
        (7, running_with_nic, couple(active=True)),
        (3, coupled, couple()),
        (3, coupled, uncouple()),
        (5, running_and_coupled, uncouple(active=True)),
        (3, coupled, delete_nic()),
        (5, running_and_coupled, delete_nic(active=True)),
        (2, with_nic, delete_nic("2000")),
        (6, Site.create_guest, interface(active=False)),
        (9, running, interface(active=True)),
        (3, Site.create_guest, lambda site, userid: site.start(userid)),
        (10, running_and_coupled, lambda site, userid: site.rest.call("DELETE", f"/guests/{userid}").output),
    ],
)
def test_commands_per_request(
    site: Site, number: int, guest: Callable[[Site], str], request_: Request
) -> None:
    userid = guest(site)
    mark = site.world.journal.mark()
    request_(site, userid)
    assert len(ran := site.commands(mark)) == number, [entry.call.function for entry in ran]
