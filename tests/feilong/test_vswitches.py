"""Vswitches and their authorizations through Feilong's REST API."""

from collections.abc import Iterator

import pytest

from tests.feilong.site import VSWITCH, Site

MISSING = (404, 404, 404, 1)


@pytest.fixture
def name(site: Site) -> Iterator[str]:
    """A VLAN-aware vswitch of the test's own."""
    wanted = {"name": "FLVSW1", "rdev": "A300", "vid": "AWARE", "port_type": "ACCESS"}
    assert site.rest.call("POST", "/vswitches", {"vswitch": wanted}).output == ""
    yield "FLVSW1"
    site.rest.call("DELETE", "/vswitches/FLVSW1")


def test_list_create_delete(site: Site, name: str) -> None:
    vswitch = site.system.vswitches[name]
    assert (vswitch.transport, vswitch.vlan_aware, vswitch.rdevs) == ("ETHERNET", True, ("A300",))
    assert name in site.system.config
    assert site.rest.get("/vswitches") == list(site.system.vswitches)
    assert site.rest.call("DELETE", f"/vswitches/{name}").output == ""
    assert name not in site.system.vswitches
    assert name not in site.system.config


def test_one_that_exists(site: Site, name: str) -> None:
    again = site.rest.call("POST", "/vswitches", {"vswitch": {"name": name}})
    assert again.codes == (409, 8, 212, 36)


def test_deleting_one_that_does_not_exist_is_no_error(site: Site) -> None:
    assert site.rest.call("DELETE", "/vswitches/NOSUCH").output == ""


def test_query_shows_grants_and_couplings(site: Site, name: str) -> None:
    userid = site.create_guest()
    site.create_nic(userid)
    assert site.set_vswitch(name, user_vlan_id={"userid": userid, "vlanid": 100}).output == ""
    site.couple(userid, vswitch=name)
    site.start(userid)
    seen = site.rest.get(f"/vswitches/{name}")
    assert (seen["switch_name"], seen["vlan_awareness"], seen["port_type"]) == (name, "AWARE", "ACCESS")
    assert seen["switch_status"] == "OSA device ready."
    assert seen["real_devices"]["A300"]["dev_status"] == "Device is active."
    assert seen["authorized_users"][userid]["vlan_ids"] == ["100"]
    mac = site.system.nic(userid, "1000").mac
    assert seen["adapters"] == {f"{userid}_1000": {"mac": mac, "type": "QDIO"}}


def test_query_of_a_vlan_unaware_one(site: Site) -> None:
    seen = site.rest.get("/vswitches/XCATVSW2")
    assert (seen["vlan_awareness"], seen["port_type"], seen["vlan_id"]) == ("UNAWARE", "NONE", "0")
    assert seen["authorized_users"]["DBSRV1"]["vlan_ids"] == []


def test_query_of_one_that_does_not_exist(site: Site) -> None:
    assert site.rest.call("GET", "/vswitches/NOSUCH").codes == MISSING


def test_grant_vlan_revoke(site: Site) -> None:
    userid = site.create_guest()
    vswitch = site.system.vswitches[VSWITCH]
    assert site.set_vswitch(grant_userid=userid).output == ""
    assert vswitch.grant_of(userid) is not None
    assert site.set_vswitch(user_vlan_id={"userid": userid, "vlanid": 100}).output == ""
    block = vswitch.grant_of(userid)
    assert block
    assert block.vlans == {100}
    assert site.system.config[VSWITCH].grant_of(userid) == block
    assert site.set_vswitch(revoke_userid=userid).output == ""
    assert vswitch.grant_of(userid) is None


def test_revoke_hides_every_error(site: Site) -> None:
    assert site.set_vswitch("NOSUCH", revoke_userid="NOBODY").output == ""


def test_a_vlan_on_a_vlan_unaware_one(site: Site) -> None:
    userid = site.create_guest()
    answer = site.set_vswitch("XCATVSW2", user_vlan_id={"userid": userid, "vlanid": 100})
    assert answer.codes[:2] == (409, 409)
    assert (answer.body["modID"], answer.body["rs"]) == (20, 5)
