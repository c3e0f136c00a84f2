"""Nova through Feilong's REST API, with the requests of Nova's own z/VM driver (nova/virt/zvm of Nova 34).

That one makes all NICs of a guest by guest_create_network_interface, which also puts the network's files into
the guest's reader, and leaves the device numbers to Feilong. It cannot detach; one that can would delete the
NIC. And it cannot send a token, as this does.
"""

import ipaddress
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import requests

from networking_zvm import errors, model
from networking_zvm.hypervisor import feilong_readings
from zvmlab.compute.base import Compute, ComputeError, PluggedNic

OS_VERSION: Final = "rhel8.4"
REQUEST_TIMEOUT_S: Final = 60.0


class FeilongCompute(Compute):
    """The Feilong of one system."""

    def __init__(self, url: str, ca_file: Path, admin_token_file: Path) -> None:
        super().__init__()
        self._url = url
        self._admin_token_file = admin_token_file
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(ca_file)

    def close(self) -> None:
        self._session.close()

    def define(self, guest: str) -> None:
        body = {"userid": guest.upper(), "vcpus": 1, "memory": 1024, "disk_list": []}
        self._ask("POST", "/guests", {"guest": body})

    def plug(self, guest: str, nics: Sequence[PluggedNic]) -> None:
        networks = [_guest_network(nic) for nic in nics]
        interface = {"os_version": OS_VERSION, "guest_networks": networks, "active": False}
        self._ask("POST", f"/guests/{guest.upper()}/interface", {"interface": interface})

    def is_plugged(self, guest: str) -> bool:
        output = self._ask("GET", f"/guests/{guest.upper()}/user_direct")
        try:
            nics = feilong_readings.read_directory(model.Userid(guest), output)
        except errors.Untrusted as error:
            raise ComputeError(str(error)) from error
        return bool(nics) and all(nic.vswitch for nic in nics.values())

    def unplug(self, guest: str, nic: PluggedNic) -> None:
        body = {"active": self.is_on(guest)}
        self._ask("DELETE", f"/guests/{guest.upper()}/nic/{nic.vdev}", body)

    def power_on(self, guest: str) -> None:
        self._ask("POST", f"/guests/{guest.upper()}/action", {"action": "start"})

    def is_on(self, guest: str) -> bool:
        return bool(self._ask("GET", f"/guests/{guest.upper()}/power_state_real") == "on")

    def destroy(self, guest: str) -> None:
        self._ask("DELETE", f"/guests/{guest.upper()}")

    def rows(self) -> list[dict[str, Any]]:
        """Feilong's own table: which NIC is which port."""
        nics: list[dict[str, Any]] = self._ask("GET", "/guests/nics")
        return nics

    def guests(self) -> list[str]:
        """The guests that Feilong has made."""
        userids: list[str] = self._ask("GET", "/guests")
        return userids

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        """The output. Raises ComputeError unless Feilong says that all went well."""
        if method == "GET":
            self.reads += 1
        else:
            self.changes += 1
        if "X-Auth-Token" not in self._session.headers:
            self._session.headers["X-Auth-Token"] = self._token()
        url = self._url + path
        response = self._session.request(method, url, json=body, timeout=REQUEST_TIMEOUT_S)
        answer = response.json()
        if answer["overallRC"]:
            raise ComputeError(f"{method} {path}: HTTP {response.status_code} {answer['errmsg']}")
        return answer["output"]

    def _token(self) -> str:
        """Good for an hour, which no story lasts."""
        headers = {"X-Admin-Token": self._admin_token_file.read_text()}
        response = self._session.post(f"{self._url}/token", headers=headers, timeout=REQUEST_TIMEOUT_S)
        if not response.ok:
            raise ComputeError(f"Feilong gives no token: HTTP {response.status_code}")
        return response.headers["X-Auth-Token"]


def _guest_network(nic: PluggedNic) -> dict[str, str]:
    """What Nova's driver sends of one NIC (_setup_network)."""
    return {
        "ip_addr": nic.address,
        "gateway_addr": str(ipaddress.ip_network(nic.cidr)[1]),
        "cidr": nic.cidr,
        "mac_addr": nic.mac,
        "nic_id": nic.port_id,
    }
