"""Feilong's own client library, as Nova's driver uses it, in Feilong's own environment."""

import json
import subprocess
from collections.abc import Sequence

from tests.feilong.site import VSWITCH, Site
from zvmlab.feilong import environment

SCRIPT = """
import json, sys
from zvmconnector.connector import ZVMConnector

options, calls = json.loads(sys.stdin.read())
token_path = options.get("token_path")
connector = ZVMConnector("127.0.0.1", **options)
if token_path:
    connector.conn.client.auth = "token"  # this version has no other way to say so
for name, arguments, keywords in calls:
    print(json.dumps(connector.send_request(name, *arguments, **keywords)))
"""


Call = tuple[str, list[object], dict[str, object]]


def outputs(options: dict[str, object], calls: Sequence[Call]) -> list[object]:
    """What each call of the connector gives."""
    done = subprocess.run(
        [environment.python(), "-c", SCRIPT],
        input=json.dumps([options, calls]),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["overallRC"] for answer in answers] == [0] * len(calls), answers
    return [answer["output"] for answer in answers]


def test_rest_over_verified_tls_with_a_token(site: Site) -> None:
    userid = site.new_userid()
    options = {
        "port": int(site.feilong.url.rpartition(":")[2]),
        "ssl_enabled": True,
        "verify": str(site.feilong.ca_file),
        "token_path": str(site.feilong.admin_token_file),
    }
    calls: list[Call] = [
        ("guest_create", [userid, 1, 1024], {"disk_list": []}),
        ("guest_create_nic", [userid], {"vdev": "1000", "nic_id": "port-1", "mac_addr": "02:00:00:12:34:58"}),
        ("guest_nic_couple_to_vswitch", [userid, "1000", VSWITCH], {"vlan_id": 100}),
        ("guest_start", [userid], {}),
        ("guests_get_nic_info", [], {"nic_id": "port-1"}),
    ]
    *_, nics = outputs(options, calls)
    assert nics == [
        {"userid": userid, "interface": "1000", "switch": VSWITCH, "port": "port-1", "comments": None}
    ]
    nic = site.system.nic(userid, "1000")
    assert (nic.lan_name, nic.mac) == (VSWITCH, "02-00-00-12-34-58")


def test_the_socket_of_the_sdkserver_knows_no_password(site: Site) -> None:
    userid = site.create_guest()
    options = {"port": site.feilong.sdkserver_port, "connection_type": "socket"}
    calls: list[Call] = [
        ("vswitch_grant_user", [VSWITCH, userid], {}),
        ("vswitch_get_list", [], {}),
    ]
    assert outputs(options, calls)[1] == list(site.system.vswitches)
    assert site.system.vswitches[VSWITCH].grant_of(userid) is not None
