"""Open vSwitch in a machine: its database and its switch, all in user space, and what is plugged into it.

Sources: ovsdb-server(1), ovs-vswitchd(8), ovs-vsctl(8); Documentation/topics/datapath.rst of Open vSwitch for
the user-space datapath, "netdev".
"""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from zvmlab.cloud.errors import CloudError
from zvmlab.cloud.processes import Processes
from zvmlab.cloud.programs import find_program
from zvmlab.neutron_api import Port
from zvmsim.dataplane.machine import Machine

INTEGRATION_BRIDGE: Final = "br-int"
DATABASE: Final = "tcp:127.0.0.1:6640"
"""Where Neutron's agents look for it; it listens in the machine's own network alone."""

_LISTEN: Final = "ptcp:6640:127.0.0.1"
_SCHEMA: Final = "/usr/share/openvswitch/vswitch.ovsschema"
_TIMEOUT_S: Final = 60


class OpenVswitch:
    """The two daemons are among `processes`, and log like these.

    folder: where database and sockets are; it must not be there yet.
    """

    def __init__(self, machine: Machine, processes: Processes, folder: Path) -> None:
        self._machine = machine
        self._processes = processes
        self._folder = folder

    def start(self, bridge: str, interface: str) -> None:
        """Start it, with that bridge around an interface of the machine. Raises CloudError."""
        self._folder.mkdir()
        database, socket = self._folder / "conf.db", self._folder / "db.sock"
        self._processes.run("ovsdb-tool", ["ovsdb-tool", "create", str(database), _SCHEMA], _TIMEOUT_S)
        remotes = (f"--remote=punix:{socket}", "--remote=db:Open_vSwitch,Open_vSwitch,manager_options")
        self._start("ovsdb-server", [str(database), *remotes])
        self.vsctl("--no-wait", "init", "--", "set-manager", _LISTEN)
        self._start("ovs-vswitchd", [f"unix:{socket}"])
        self.vsctl(
            *("add-br", bridge, "--", "set", "Bridge", bridge, "datapath_type=netdev", "fail_mode=secure"),
            *("--", "add-port", bridge, interface),
        )

    def plug(self, port: Port, device: str) -> None:
        """Plug a new device into the integration bridge as that port, as os-vif does for Nova.

        Source: os-vif, vif_plug_ovs/ovsdb/ovsdb_lib.py, create_ovs_vif_port. Raises CloudError.
        """
        words = {
            "iface-id": port.id,
            "iface-status": "active",
            "attached-mac": port.mac_address,
            "vm-uuid": port.device_id,
        }
        facts = [f'external_ids:{key}="{word}"' for key, word in words.items()]
        add = ("add-port", INTEGRATION_BRIDGE, device)
        self.vsctl(*add, "--", "set", "Interface", device, "type=internal", *facts)

    def vsctl(self, *words: str) -> str:
        """What ovs-vsctl prints; it returns when the switch has done as told. Raises CloudError."""
        command = self.command(["ovs-vsctl", f"--timeout={_TIMEOUT_S}", "--retry", *words])
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CloudError(f"ovs-vsctl {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def command(self, argv: Sequence[str]) -> list[str]:
        """A command in the machine, for which this Open vSwitch is the host's."""
        return self._machine.command(["env", f"OVS_RUNDIR={self._folder}", *argv], own_run=True)

    def _start(self, name: str, words: Sequence[str]) -> None:
        files = (f"--unixctl={self._folder / name}.ctl", f"--pidfile={self._folder / name}.pid")
        self._processes.start(name, self.command([find_program(name) or name, *words, *files]))
