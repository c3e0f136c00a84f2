"""The management node's own NIC on the first flat network (xcat_mgt_ip): virtual device 0800.

It exists only in the running guest, so a restart of the MN takes it away. Each look costs one call; what is
missing is made. Source: networking-zvm 34adeab~1 (zvm_network, xcatutils); xCAT's sspqeth2.pl sets up the
interface.
"""

import re

from oslo_log import log

from networking_zvm import errors, model, settings
from networking_zvm.hypervisor.xcat_answer import Section
from networking_zvm.hypervisor.xcat_client import XcatClient

LOG = log.getLogger(__name__)

_VDEV = "0800"
_INTERFACE = "enccw0.0.0800"
_LOOK = (("vmcp", "q", "v", "nic", _VDEV), ("ifconfig", _INTERFACE))
_INET = re.compile(r"\binet (?:addr:)?([0-9.]+)")


class ManagementNicKeeper:
    """Keeps the NIC as the settings want it."""

    def __init__(
        self, client: XcatClient, wanted: settings.ManagementNic, vswitch: model.VSwitchName
    ) -> None:
        self._client = client
        self._wanted = wanted
        self._vswitch = vswitch
        self._node: str | None = None

    def ensure(self) -> None:
        """Define, couple and configure the NIC as far as it is not.

        Raises ConfigurationError if it has another address, Untrusted, Unreachable, Unknown; Refused if it
        is not right afterwards.
        """
        self._node = self._node or self._find_node()
        missing = self._missing(self._client.query(self._node, _LOOK))
        if not missing:
            return
        LOG.info("Setting up NIC %s of the management node on %s", _VDEV, self._vswitch)
        output = self._client.run(self._node, missing)
        if self._missing(self._client.query(self._node, _LOOK)):
            said = " ".join(" ".join([s.text for s in output.sections] + [*output.complaints]).split())
            raise errors.Refused(f"NIC {_VDEV} of the management node cannot be set up: {said[:200]!r}")

    def _missing(self, sections: list[Section]) -> list[tuple[str, ...]]:
        """The commands that are still needed."""
        nic, interface = (section.text for section in sections)
        coupled = "VSWITCH: SYSTEM" in nic
        inet = _INET.search(interface)
        if coupled and inet and inet[1] != self._wanted.ip:
            fault = f"xcat_mgt_ip {self._wanted.ip}: the management node's NIC {_VDEV} has address {inet[1]}"
            raise errors.ConfigurationError([fault])
        needed: list[tuple[str, ...]] = []
        if "does not exist" in nic:
            needed.append(("vmcp", "define", "nic", _VDEV, "type", "qdio"))
        elif not coupled and "LAN: *" not in nic:
            raise errors.Untrusted(f"QUERY NIC {_VDEV} answered {nic.strip()[:120]!r}")
        if not coupled:
            needed.append(("vmcp", "couple", _VDEV, "system", self._vswitch))
        if not inet or not coupled:
            needed.append(self._configuration())
        return needed

    def _configuration(self) -> tuple[str, ...]:
        """Its gateway is its own address, as of old."""
        ip, mask = self._wanted.ip, self._wanted.mask
        options = f"-a {ip} -d 0800 0801 0802 -e {_INTERFACE} -m {mask} -g {ip}"
        return ("/usr/bin/perl", "/usr/sbin/sspqeth2.pl", *options.split())

    def _find_node(self) -> str:
        """The MN's own name: the node whose address is the site's master."""
        site = self._client.table("site", ("key", "value"))
        master = next((row["value"] for row in site if row["key"] == "master"), None)
        hosts = self._client.table("hosts", ("node", "ip"))
        node = next((row["node"] for row in hosts if row["ip"] == master), None)
        if not node:
            raise errors.Untrusted(f"xCAT's table hosts has no node with the address {master} of the master")
        return node
