"""Keystone 30, which knows everybody and where everything is; with fernet tokens.

Commands and options: docs.openstack.org/keystone/latest, keystone-manage and configuration.
"""

import getpass
from collections.abc import Mapping
from typing import Final

from zvmlab.cloud.neutron_conf import Sections
from zvmlab.openstack.service import Service
from zvmlab.openstack.site import ADMIN, REGION

LEAST_ROUNDS: Final = 4
"""Of hashing passwords, which costs time at each login; these are long and random."""


class Keystone(Service):
    name = "keystone"
    module = "keystone.wsgi.api"

    def sections(self) -> Sections:
        keys = str(self.folder / "fernet")
        return {
            "database": self.site.database("keystone"),
            "identity": {"password_hash_rounds": str(LEAST_ROUNDS)},
            "token": {"provider": "fernet"},
            "fernet_tokens": {"key_repository": keys},
            "fernet_receipts": {"key_repository": keys},
            "credential": {"key_repository": str(self.folder / "credential")},
            "cache": {"enabled": "false"},
            "oslo_messaging_notifications": {"driver": "noop"},
        }

    def make_tables(self) -> None:
        """And the keys of its tokens, and the first user: the administrator."""
        user = getpass.getuser()
        owner = ("--keystone-user", user, "--keystone-group", user)
        self._manage("keystone-manage", "db_sync")
        self._manage("keystone-manage", "fernet_setup", *owner)
        self._manage("keystone-manage", "credential_setup", *owner)
        urls = [word for kind in ("admin", "internal", "public") for word in self._url(kind)]
        password = {"OS_BOOTSTRAP_PASSWORD": self.site.passwords[ADMIN]}
        self._manage("keystone-manage", "bootstrap", *urls, "--bootstrap-region-id", REGION, **password)

    def found_by(self) -> Mapping[str, str]:
        return {"OS_KEYSTONE_CONFIG_DIR": str(self.folder), "OS_KEYSTONE_CONFIG_FILES": self.conf.name}

    def _url(self, kind: str) -> tuple[str, str]:
        return f"--bootstrap-{kind}-url", self.site.identity_url
