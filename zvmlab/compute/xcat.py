"""Nova through xCAT's REST interface, version 1.

Requests, their order and the way answers are judged are those of the retired driver, nova-zvm-virt-driver
before August 2017 (networkutils.py, vmops.py, instance.py, utils.py); but user and password travel in
headers, which xCAT takes as well, for a URL ends up in logs.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import requests

from zvmlab.compute.base import Compute, ComputeError, PluggedNic
from zvmsim.dialects.xcat.config import Zhcp

PROFILE: Final = "osdflt"
REQUEST_TIMEOUT_S: Final = 60.0


class XcatCompute(Compute):
    """One zHCP of a management node. A guest goes by its node name there."""

    def __init__(self, url: str, ca_file: Path, user: str, password: str, zhcp: Zhcp) -> None:
        super().__init__()
        self._base = f"{url}/xcatws"
        self._zhcp = zhcp
        self._session = requests.Session()
        self._session.headers.update({"userName": user, "password": password, "Content-Type": "text/plain"})
        self._session.trust_env = False
        self._session.verify = str(ca_file)

    def close(self) -> None:
        self._session.close()

    def define(self, guest: str) -> None:
        """The guest's node and its user directory entry; xCAT lets it onto the zHCP's own vswitches."""
        attributes = [f"userid={guest}", f"hcp={self._zhcp.hostname}", "mgt=zvm", "groups=all"]
        self._call("POST", f"/nodes/{guest}", attributes)
        entry = ["cpu=1", "memory=1024m", "privilege=G", "password=LBYONLY", "ipl=0100"]
        self._call("POST", f"/vms/{guest}", [f"profile={PROFILE}", *entry])

    def plug(self, guest: str, nics: Sequence[PluggedNic]) -> None:
        """Announced in xCAT's tables: the agent will define them."""
        zhcp = self._zhcp.node
        self._tabch("mac", f"mac.node={guest} mac.mac=00:00:00:00:00:00 mac.interface=fake")
        self._tabch("hosts", f"node={guest} hosts.ip={nics[0].address} hosts.hostnames={guest}")
        self._call("PUT", "/networks/makehosts")
        for nic in nics:
            self._tabch("mac", f"-d node={guest} mac")
            row = f"mac.node={guest} mac.mac={nic.mac} mac.interface={nic.vdev} mac.comments={zhcp}"
            self._tabch("mac", row)
            where = f"switch.interface={nic.vdev} switch.comments={zhcp}"
            self._tabch("switch", f"switch.node={guest} switch.port={nic.port_id} {where}")

    def is_plugged(self, guest: str) -> bool:
        """The agent has noted a vswitch for each in the switch table, and the directory has them."""
        (table,) = self._call("GET", "/tables/switch")
        rows = [line.replace('"', "").split(",") for line in table["data"][1:]]
        vswitch_of = {row[4]: row[1] for row in rows if row[0] == guest}
        noted = bool(vswitch_of) and all(vswitch_of.values())
        return noted and all(self._has_nic(guest, vdev) for vdev in vswitch_of)

    def power_on(self, guest: str) -> None:
        self._call("PUT", f"/nodes/{guest}/power", ["on"])

    def is_on(self, guest: str) -> bool:
        (answer,) = self._call("GET", f"/nodes/{guest}/power")
        return bool(answer["info"][0] == f"{guest}: on")

    def unplug(self, guest: str, nic: PluggedNic) -> None:
        """Delete its row. The retired driver knew only whole guests; so would one that detaches."""
        self._tabch("switch", f"-d node={guest},port={nic.port_id} switch")

    def destroy(self, guest: str) -> None:
        """Forget the guest's NICs, then the guest: off it goes, and out of the directory."""
        for table in ("mac", "switch", "hosts"):
            self._tabch(table, f"-d node={guest} {table}")
        self._call("DELETE", f"/vms/{guest}")

    def _has_nic(self, guest: str, vdev: str) -> bool:
        try:
            answer = self._call("GET", f"/vms/{guest}", checknics=vdev)
        except ComputeError:
            return False
        return not any("errorcode" in message for message in answer)

    def _tabch(self, table: str, words: str) -> None:
        self._call("PUT", f"/tables/{table}", [words])

    def _call(
        self, method: str, path: str, body: Sequence[str] | None = None, **parameters: str
    ) -> list[Mapping[str, Any]]:
        """The messages of xcatd's answer. Raises ComputeError if it says anything of an error."""
        if method == "GET":
            self.reads += 1
        else:
            self.changes += 1
        response = self._session.request(
            method,
            self._base + path,
            params={"format": "json", **parameters},
            data=json.dumps(body) if body else None,
            timeout=REQUEST_TIMEOUT_S,
        )
        if response.status_code != (201 if method == "POST" else 200):
            raise ComputeError(f"{method} {path}: {response.status_code} {response.text.strip()}")
        messages: list[Mapping[str, Any]] = response.json()["data"]
        errors = [text for message in messages for text in message.get("error", ())]
        if errors:
            raise ComputeError(f"{method} {path}: {'; '.join(map(str, errors))}")
        return messages
