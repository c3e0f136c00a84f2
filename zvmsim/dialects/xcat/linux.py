"""A Linux guest as xCAT's dsh reaches it: a shell with the few programs that clients run there.

Source: the lines that networking-zvm 34adeab~1 sends (vmcp, ifconfig, sspqeth2.pl, date with /proc/uptime);
s390-tools vmcp for its error text.
"""

import ipaddress
import itertools
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from zvmsim.dialects import smcli
from zvmsim.dialects.program import Program, Result
from zvmsim.dialects.shell import HOME, Shell
from zvmsim.world.gate import DroppedError, HttpFaultError
from zvmsim.world.world import World

BOOT_ID: Final = "/proc/sys/kernel/random/boot_id"


@dataclass(frozen=True, slots=True)
class Address:
    """IPv4 configuration of one interface."""

    ip: str
    mask: str

    @property
    def broadcast(self) -> str:
        return str(ipaddress.ip_network(f"{self.ip}/{self.mask}", strict=False).broadcast_address)


@dataclass(slots=True)
class LinuxNode:
    """One node: where it runs, when it was booted, its files and interfaces (by name, enccw0.0.0800).

    smcli_style: None where smcli is not installed.
    """

    world: World
    name: str
    system: str
    userid: str
    booted: datetime
    smcli_style: smcli.Style | None = None
    files: dict[str, str] = field(default_factory=dict)
    interfaces: dict[str, Address] = field(default_factory=dict)

    def run(self, script: str) -> Result:
        """Run a shell script as root."""
        self.files[BOOT_ID] = f"{self._boot_id()}\n"
        return Shell(self._programs(), self.files).run(script, {"NODE": self.name, "HOME": HOME})

    def reboot(self) -> None:
        """Interfaces that sspqeth2.pl configured are gone; files stay."""
        self.booted = self.world.clock.now()
        self.interfaces.clear()

    def _programs(self) -> Mapping[str, Program]:
        programs: dict[str, Program] = {
            "vmcp": self._vmcp,
            "ifconfig": self._ifconfig,
            "perl": self._perl,
            "awk": self._awk,
            "date": self._date,
        }
        return programs | ({"smcli": self._smcli} if self.smcli_style else {})

    def _smcli(self, arguments: Sequence[str], stdin: str) -> Result:
        def read(source: str) -> str:
            try:
                return stdin if source == "-" else self.files[f"{HOME}/{source}".replace(f"{HOME}//", "/")]
            except KeyError:
                raise FileNotFoundError(source) from None

        style = self.smcli_style or "today"
        return smcli.run(self.world, self.system, self.userid, arguments, style=style, read=read)

    def _vmcp(self, arguments: Sequence[str], _stdin: str) -> Result:
        """CP's output goes to stdout, whatever its return code; unless that is 0, a complaint to stderr."""
        command = " ".join(argument for argument in arguments if not argument.startswith("--"))
        try:
            reply = self.world.cp(self.system, self.userid, command)
        except (DroppedError, HttpFaultError):
            return Result(255)
        text = "".join(f"{line}\n" for line in reply.lines)
        if not reply.rc:
            return Result(0, text)
        complaint = f"Error: non-zero CP response for command '{command.upper()}': #{reply.rc}\n"
        return Result(1, text, complaint)

    def _ifconfig(self, arguments: Sequence[str], _stdin: str) -> Result:
        name = arguments[0] if arguments else ""
        address = self.interfaces.get(name)
        if address is None:
            return Result(1, stderr=f"{name}: error fetching interface information: Device not found\n")
        return Result(
            0,
            f"{name}: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500\n"
            f"        inet {address.ip}  netmask {address.mask}  broadcast {address.broadcast}\n",
        )

    def _perl(self, arguments: Sequence[str], _stdin: str) -> Result:
        """sspqeth2.pl -a address -d three devices -e interface -m mask -g gateway."""
        if not arguments or not arguments[0].endswith("sspqeth2.pl"):
            script = arguments[0] if arguments else "-"
            return Result(2, stderr=f"Can't open perl script \"{script}\": No such file or directory\n")
        options = dict(itertools.pairwise(arguments))
        try:
            address = Address(str(ipaddress.ip_address(options["-a"])), options["-m"])
            self.interfaces[options["-e"]] = address
            return Result(0, f"{options['-e']} {address.broadcast} is configured\n")
        except (KeyError, ValueError) as error:
            return Result(1, stderr=f"sspqeth2.pl: bad or missing option {error}\n")

    def _awk(self, arguments: Sequence[str], _stdin: str) -> Result:
        """Only what asks for the whole seconds of /proc/uptime."""
        if list(arguments) != ["-F.", "{print $1}", "/proc/uptime"]:
            return Result(2, stderr="awk: only /proc/uptime can be read here\n")
        return Result(0, f"{int((self.world.clock.now() - self.booted).total_seconds())}\n")

    def _boot_id(self) -> str:
        """The guest's own; one of the node where the inventory has no such guest."""
        with self.world.lock.reading():
            guest = self.world.systems[self.system].guests.get(self.userid)
        return guest.boot_id if guest else str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.name} {self.booted}"))

    def _date(self, arguments: Sequence[str], _stdin: str) -> Result:
        """`date [-d "N second ago"] [+format]`."""
        words = list(arguments)
        moment = self.world.clock.now()
        if words[:1] == ["-d"]:
            ago = re.fullmatch(r"\s*(\d+) seconds? ago", words[1]) if len(words) > 1 else None
            if not ago:
                return Result(1, stderr=f"date: invalid date '{' '.join(words[1:2])}'\n")
            moment -= timedelta(seconds=int(ago[1]))
            words = words[2:]
        form = words[0][1:] if words and words[0].startswith("+") else "%a %b %d %H:%M:%S %Z %Y"
        return Result(0, moment.strftime(form) + "\n")
