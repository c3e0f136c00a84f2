"""The z/VM behind Nova: one simulator and one Feilong for all tests, emptied between them."""

import contextlib
import io
import itertools
import json
import tarfile
from collections.abc import Iterator
from typing import Any

import requests

from zvmlab.feilong import Feilong
from zvmsim.journal import Entry
from zvmsim.server import Simulator, inventory_text
from zvmsim.world.system import System

SYSTEM = "ZVMA"
PREFIX = "02:00:00"
_INVENTORY = "two-systems"
_ANSWER_SECONDS = 60.0


class Site:
    """What Nova's doings have come to on z/VM."""

    def __init__(self, simulator: Simulator, feilong: Feilong) -> None:
        self.simulator = simulator
        self.feilong = feilong
        self._foreign = self.userids

    @property
    def system(self) -> System:
        return self.simulator.world.systems[SYSTEM]

    @property
    def userids(self) -> set[str]:
        """All users in the directory."""
        return set(self.system.directory.source)

    @property
    def guests(self) -> set[str]:
        """Those that Nova has made."""
        return self.userids - self._foreign

    @property
    def running(self) -> set[str]:
        return set(self.system.guests) & self.guests

    def nics(self, userid: str) -> dict[str, str]:
        """The directory's NICs: MACID by device number."""
        records = (record.split() for record in self.system.directory.source[userid])
        nicdefs = {words[1]: dict(itertools.pairwise(words)) for words in records if words[0] == "NICDEF"}
        return {vdev: operands["MACID"] for vdev, operands in nicdefs.items()}

    def live_nics(self, userid: str) -> set[str]:
        return set(self.system.guests[userid].nics)

    def scripts(self, userid: str) -> list[dict[str, str]]:
        """What Feilong has sent to configure the guest's network: the files of each archive."""
        sent = (file for file in self.system.spool.files(userid) if file.name == "network.doscript")
        return [_unpacked(file.content) for file in sent]

    def deletion_scripts(self, userid: str) -> list[str]:
        return [file.name for file in self.system.spool.files(userid) if file.name.startswith("DEL")]

    def config_drive(self, userid: str, name: str = "network_data.json") -> Any:
        """A file of the config drive in the guest's reader."""
        (drive,) = (file for file in self.system.spool.files(userid) if file.name == "cfgdrive.iso")
        return json.loads(_unpacked(drive.content)[f"./openstack/latest/{name}"])

    def rows(self) -> list[dict[str, str]]:
        """Feilong's table of NICs."""
        return self._rest("GET", "/guests/nics")

    def fail(self, function: str, rc: int, rs: int, **more: Any) -> None:
        """Let a z/VM function fail."""
        reply = {"rc": rc, "rs": rs}
        self.simulator.control.add_fault({"function": function, "system": SYSTEM, "reply": reply, **more})

    def mend(self) -> None:
        self.simulator.control.clear_faults()

    def mark(self) -> int:
        return self.simulator.world.journal.mark()

    def mutations(self, since: int) -> list[Entry]:
        return self.simulator.world.journal.entries(since, system=SYSTEM, mutating=True)

    def clear(self) -> None:
        """As it was in the beginning."""
        self.mend()
        for userid in self._rest("GET", "/guests"):
            self._rest("DELETE", f"/guests/{userid}")
        self.simulator.replace_inventory(inventory_text(_INVENTORY))

    def _rest(self, method: str, path: str) -> Any:
        answer = requests.request(method, self.feilong.url + path, timeout=_ANSWER_SECONDS).json()
        assert answer["overallRC"] == 0, answer
        return answer["output"]


def _unpacked(archive: bytes) -> dict[str, str]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        files = {member.name: tar.extractfile(member) for member in tar.getmembers()}
        return {name: file.read().decode() for name, file in files.items() if file}


@contextlib.contextmanager
def running_site() -> Iterator[Site]:
    """Over plain HTTP: Nova's fixtures put themselves in the way of TLS connections (wsgi-intercept)."""
    with (
        Simulator.from_inventory(_INVENTORY) as simulator,
        Feilong(simulator, SYSTEM, auth="none", tls=False) as feilong,
    ):
        yield Site(simulator, feilong)


site: Site
"""Set by __main__ before any test runs."""
