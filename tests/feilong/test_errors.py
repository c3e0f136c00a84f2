"""What Feilong answers when something is wrong, and what is left behind then."""

import time

import requests

from tests.feilong.site import Rest, Site, mint_token

GUEST_MODULE, NETWORK_MODULE, WSGI_MODULE = 10, 20, 120
UNAUTHORIZED = (401, 400, 400, 401)


def lock(site: Site, userid: str) -> None:
    """As an administrator at a terminal does."""
    with site.world.lock:
        site.system.directory.lock(userid, "", "MAINT")


def test_a_guest_that_feilong_does_not_know(site: Site) -> None:
    answer = site.rest.call("POST", "/guests/NOBODY/nic", {"nic": {}})
    assert answer.codes == (404, 404, 404, 1)
    assert answer.body["modID"] == GUEST_MODULE


def test_values_that_no_schema_admits(site: Site) -> None:
    answer = site.rest.call("POST", "/guests/FLG/nic", {"nic": {"vdev": "12345"}})
    assert answer.codes == (400, 400, 400, 400)
    assert "ValidationError" in answer.body["errmsg"]
    assert site.rest.call("POST", "/guests/FLG/nic", {"nic": {"colour": "blue"}}).status == 400


def test_a_body_that_is_no_json_is_answered_with_json_that_says_it_is_html(site: Site) -> None:
    headers = {"X-Auth-Token": site.rest.user_token or "", "Content-Type": "application/json"}
    url, ca_file = f"{site.feilong.url}/guests", str(site.feilong.ca_file)
    response = requests.post(url, data="{", headers=headers, verify=ca_file, timeout=10)
    assert (response.status_code, response.json()["rs"]) == (400, 400)
    assert response.headers["Content-Type"].startswith("text/html")


def test_tokens(site: Site) -> None:
    rest = Rest(site.feilong)
    assert site.feilong.admin_token_file
    admin_token = site.feilong.admin_token_file.read_text()
    expired = mint_token(admin_token, exp=int(time.time()) - 2)
    for bad in (None, "garbage", f"{rest.user_token}x", expired, mint_token("guessed", exp=2**31)):
        rest.user_token = bad
        answer = rest.call("GET", "/guests")
        assert answer.codes == UNAUTHORIZED
        assert answer.body["modID"] == WSGI_MODULE
    rest.user_token = rest.fetch_token(admin_token)
    assert rest.call("GET", "/guests").status == 200
    rest.close()


def test_whoever_has_the_admin_token_needs_no_token_from_feilong(site: Site) -> None:
    rest = Rest(site.feilong)
    assert site.feilong.admin_token_file
    rest.user_token = mint_token(site.feilong.admin_token_file.read_text())
    assert rest.call("GET", "/guests").status == 200
    rest.close()


def test_a_vdev_that_is_taken(site: Site) -> None:
    userid = site.create_guest()
    site.create_nic(userid)
    answer = site.rest.call("POST", f"/guests/{userid}/nic", {"nic": {"vdev": "1000"}})
    assert (answer.status, answer.body["modID"], answer.body["rs"]) == (409, NETWORK_MODULE, 6)


def test_a_locked_directory_is_a_conflict(site: Site) -> None:
    userid = site.create_guest()
    site.create_nic(userid)
    site.couple(userid)
    before = site.nicdefs(userid)
    lock(site, userid)
    uncouple = site.change_nic(userid, couple=False)
    assert (uncouple.status, uncouple.body["modID"], uncouple.body["rs"]) == (409, NETWORK_MODULE, 13)
    delete = site.rest.call("DELETE", f"/guests/{userid}/nic/1000", {})
    assert (delete.status, delete.body["modID"], delete.body["rs"]) == (409, NETWORK_MODULE, 9)
    assert site.nicdefs(userid) == before


def test_a_lock_does_not_stop_feilong_from_trying_to_couple(site: Site) -> None:
    """It takes another's lock for its own, and fails at the change itself with a misleading text."""
    userid = site.create_guest()
    site.create_nic(userid)
    lock(site, userid)
    answer = site.change_nic(userid, couple=True, vswitch="DATANET1")
    assert (answer.codes[:2], answer.body["rs"]) == ((500, 300), 10)
    assert len(site.nicdefs(userid)) == 1


def test_a_fault_in_the_middle_of_a_couple(site: Site) -> None:
    """The directory is as before and unlocked; the next try succeeds."""
    userid = site.create_guest()
    site.create_nic(userid)
    site.world.faults.add(
        {"function": "Image_Replace_DM", "object": userid, "count": 1, "reply": {"rc": 596, "rs": 3543}}
    )
    answer = site.change_nic(userid, couple=True, vswitch="DATANET1")
    assert (answer.codes[:2], answer.body["modID"], answer.body["rs"]) == ((500, 300), GUEST_MODULE, 10)
    assert len(site.nicdefs(userid)) == 1
    assert site.system.directory.lock_info(userid).owner == ""
    assert [nic["switch"] for nic in site.rest.get(f"/guests/nics?userid={userid}")] == [None]
    site.couple(userid)


def test_a_refused_live_couple_leaves_neither_connection_nor_directory(site: Site) -> None:
    userid = site.create_guest()
    site.start(userid)
    site.create_nic(userid, active=True)
    site.world.faults.add(
        {"function": "*_Adapter_Connect_Vswitch", "object": userid, "reply": {"rc": 212, "rs": 8}}
    )
    answer = site.change_nic(userid, couple=True, vswitch="DATANET1", active=True)
    assert (answer.status, answer.body["modID"], answer.body["rs"]) == (409, NETWORK_MODULE, 10)
    assert not site.system.nic(userid, "1000").coupled
    assert len(site.nicdefs(userid)) == 1


def test_a_lost_answer_of_smapi(site: Site) -> None:
    """The NIC is in the directory; Feilong says 500 and has it not in its table."""
    userid = site.create_guest()
    site.world.faults.add(
        {"function": "*_Create_Extended_DM", "object": userid, "when": "after", "reply": "drop"}
    )
    answer = site.rest.call("POST", f"/guests/{userid}/nic", {"nic": {"vdev": "1000"}})
    assert answer.codes[:2] == (500, 500)
    assert len(site.nicdefs(userid)) == 1
    assert site.rest.get(f"/guests/nics?userid={userid}") == []


def test_an_unknown_vswitch_is_noticed_only_by_a_running_guest(site: Site) -> None:
    userid = site.create_guest()
    site.create_nic(userid)
    assert site.change_nic(userid, couple=True, vswitch="NOSUCH").output == ""
    assert site.change_nic(userid, couple=False).output == ""
    site.start(userid)
    answer = site.change_nic(userid, couple=True, vswitch="NOSUCH", active=True)
    assert answer.codes[:2] == (404, 404)
    assert len(site.nicdefs(userid)) == 1


def test_a_request_of_more_than_4096_bytes_is_lost(site: Site) -> None:
    userid = site.create_guest()
    networks = [{"ip_addr": f"10.0.0.{n}", "cidr": "10.0.0.0/24", "nic_id": "x" * 100} for n in range(2, 32)]
    body = {"interface": {"os_version": "rhel8.4", "guest_networks": networks}}
    answer = site.rest.call("POST", f"/guests/{userid}/interface", body)
    assert answer.codes[:2] in ((500, 101), (500, 500))
    assert site.nicdefs(userid) == []
