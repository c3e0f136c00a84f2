"""MAC addresses of one system: VMLAN prefixes and the pool CP draws from.

Source: VMLAN statement of SYSTEM CONFIG; QUERY VMLAN 5.1 (vm.ibm.com mntlvl); vm.ibm.com hintdet: a NIC
takes its MAC when it is created; pysmapi captures: vswitches and NICs draw from one counter, MACID goes
behind the user prefix.
"""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class MacPool:
    """Prefixes of 6 hex digits, the id to try next, and the addresses in use ("02-00-01-00-00-05")."""

    system_prefix: str
    user_prefix: str
    next_id: int = 1
    used: Counter[str] = field(default_factory=Counter)

    def assign(self) -> str:
        """Take the next free address of the SYSTEM range and mark it used."""
        for _ in range(0xFFFFFF):
            mac = assemble(self.system_prefix, f"{self.next_id:06X}")
            self.next_id = self.next_id % 0xFFFFFF + 1
            if mac not in self.used:
                return self.take(mac)
        raise RuntimeError("the MAC id range is used up")

    def user_mac(self, mac_id: str) -> str:
        """The address that a MACID of 6 hex digits stands for."""
        return assemble(self.user_prefix, mac_id)

    def in_use(self, mac: str) -> bool:
        """Whether a NIC or vswitch has this address now."""
        return mac in self.used

    def take(self, mac: str) -> str:
        """Mark an address used once more and return it."""
        self.used[mac] += 1
        return mac

    def release(self, mac: str) -> None:
        """A NIC or vswitch with this address is gone."""
        self.used[mac] -= 1
        if not self.used[mac]:
            del self.used[mac]

    def restart(self) -> None:
        """IPL: nothing is in use, counting begins anew (Guess: the count is not kept over an IPL)."""
        self.used.clear()
        self.next_id = 1


def assemble(prefix: str, mac_id: str) -> str:
    """"020001" and "00002A" make "02-00-01-00-00-2A"."""
    digits = (prefix + mac_id).upper()
    return "-".join(digits[at : at + 2] for at in range(0, 12, 2))
