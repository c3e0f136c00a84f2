"""A simulated z/VM with the real Feilong in front of it, and Feilong's REST API as a client sees it."""

import base64
import hashlib
import hmac
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from zvmlab.feilong import Feilong
from zvmsim.journal import Entry
from zvmsim.server import Simulator
from zvmsim.world.system import System

SYSTEM = "ZVMA"
VSWITCH = "DATANET1"
TIMEOUT_S = 60.0

_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Answer:
    """What came back: HTTP status, and the body's six keys."""

    status: int
    body: Mapping[str, Any]

    @property
    def output(self) -> Any:
        assert (self.status, self.body["overallRC"]) == (200, 0), self.body
        return self.body["output"]

    @property
    def codes(self) -> tuple[int, int, int, int]:
        """HTTP status, overallRC, rc, rs."""
        return self.status, self.body["overallRC"], self.body["rc"], self.body["rs"]


def mint_token(admin_token: str, **payload: int) -> str:
    """A user token (JWT, HS256) as anybody can make one who has the admin token."""
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "typ": "JWT"}, payload)]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = hmac.digest(admin_token.encode(), signed, hashlib.sha256)
    return f"{signed.decode()}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def expiry(token: str) -> int:
    """When a user token ends, in seconds since the epoch."""
    payload = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return int(payload["exp"])


class Rest:
    """A client with a token of its own. user_token: to use instead, None for none."""

    def __init__(self, feilong: Feilong) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(feilong.ca_file) if feilong.ca_file else True
        self._url = feilong.url
        self.user_token: str | None = None
        if feilong.admin_token_file:
            self.user_token = self.fetch_token(feilong.admin_token_file.read_text())

    def fetch_token(self, admin_token: str) -> str:
        headers = {"X-Admin-Token": admin_token}
        response = self._session.post(f"{self._url}/token", headers=headers, timeout=TIMEOUT_S)
        response.raise_for_status()
        return response.headers["X-Auth-Token"]

    def call(self, method: str, path: str, body: object = None) -> Answer:
        headers = {"X-Auth-Token": self.user_token} if self.user_token else {}
        response = self._session.request(
            method, self._url + path, json=body, headers=headers, timeout=TIMEOUT_S
        )
        return Answer(response.status_code, response.json())

    def get(self, path: str) -> Any:
        """The output of a GET that succeeds."""
        return self.call("GET", path).output

    def close(self) -> None:
        self._session.close()


class Site:
    """One Feilong on ZVMA; every test makes guests and vswitches of its own."""

    def __init__(self, simulator: Simulator, feilong: Feilong) -> None:
        self.simulator = simulator
        self.feilong = feilong
        self.world = simulator.world
        self.rest = Rest(feilong)

    @property
    def system(self) -> System:
        return self.world.systems[SYSTEM]

    def new_userid(self) -> str:
        return f"FLG{next(_NUMBERS):05}"

    def create_guest(self) -> str:
        """A guest that is off; its userid."""
        userid = self.new_userid()
        guest = {"userid": userid, "vcpus": 1, "memory": 1024, "disk_list": []}
        assert self.rest.call("POST", "/guests", {"guest": guest}).output == []
        return userid

    def start(self, userid: str) -> None:
        assert self.rest.call("POST", f"/guests/{userid}/action", {"action": "start"}).output == ""

    def create_nic(self, userid: str, vdev: str = "1000", **more: object) -> None:
        nic = {"vdev": vdev, **more}
        assert self.rest.call("POST", f"/guests/{userid}/nic", {"nic": nic}).output == vdev

    def change_nic(self, userid: str, vdev: str = "1000", **info: object) -> Answer:
        """Couple or uncouple."""
        return self.rest.call("PUT", f"/guests/{userid}/nic/{vdev}", {"info": info})

    def couple(self, userid: str, vdev: str = "1000", **more: object) -> None:
        answer = self.change_nic(userid, vdev, **{"couple": True, "vswitch": VSWITCH, **more})
        assert answer.output == ""

    def set_vswitch(self, name: str = VSWITCH, **change: object) -> Answer:
        """Grant, revoke or set a VLAN."""
        return self.rest.call("PUT", f"/vswitches/{name}", {"vswitch": change})

    def nicdefs(self, userid: str) -> list[str]:
        """NICDEF records of the directory."""
        records = self.system.directory.source[userid]
        return [record for record in records if record.startswith("NICDEF")]

    def commands(self, since: int) -> list[Entry]:
        """z/VM commands that Feilong has run after a mark of the journal."""
        return self.world.journal.entries(since, system=SYSTEM)
