"""The user prefix of a z/VM system, which SMAPI does not tell: its bytes come before every NICDEF's MACID.

A live NIC with the MACID of its directory record shows it. Source: VMLAN USERPREFIX, CP Planning and
Administration; pysmapi capture of a vswitch with a MACID.
"""

import collections
from collections.abc import Mapping

from networking_zvm import errors, model


class UserPrefix:
    """What is known of one system's prefix. configured: what the operator says."""

    def __init__(self, configured: model.MacPrefix | None) -> None:
        self._configured = configured
        self._learned: model.MacPrefix | None = None

    @property
    def known(self) -> model.MacPrefix | None:
        """The operator's word, or else what live NICs have shown."""
        return self._configured or self._learned

    def learn(
        self,
        directory: Mapping[model.NicAddress, model.DirectoryNic],
        live: Mapping[model.NicAddress, model.LiveNic],
    ) -> model.MacPrefix:
        """The prefix after one more look. Raises Untrusted where nothing tells it."""
        seen = collections.Counter(
            nic.mac.prefix
            for address, nic in live.items()
            if address in directory and directory[address].macid == nic.mac.macid
        )
        if seen:
            self._learned = seen.most_common(1)[0][0]
        if self.known is None:
            raise errors.Untrusted(
                "no NIC shows the MAC prefix of this z/VM: set user_prefix in [zvm] to the USER Prefix that "
                "the CP command QUERY VMLAN displays (to its MACADDR Prefix if there is none)"
            )
        return self.known

    def verify(self) -> None:
        """Raises ConfigurationError if live NICs contradict the operator."""
        if self._configured and self._learned and self._configured != self._learned:
            fault = (
                f"user_prefix {self._configured}: the live NICs of this z/VM have {self._learned}; set it to "
                "the USER Prefix that the CP command QUERY VMLAN displays"
            )
            raise errors.ConfigurationError([fault])
