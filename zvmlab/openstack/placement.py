"""Placement 16, which counts what hosts have and what servers use."""

from collections.abc import Mapping

from zvmlab.cloud.neutron_conf import Sections
from zvmlab.openstack.service import Service


class Placement(Service):
    name = "placement"
    module = "placement.wsgi.api"

    def sections(self) -> Sections:
        return {
            "api": {"auth_strategy": "keystone"},
            "placement_database": self.site.database("placement"),
            "keystone_authtoken": self.site.token_check("placement"),
        }

    def make_tables(self) -> None:
        self._manage("placement-manage", "db", "sync")

    def found_by(self) -> Mapping[str, str]:
        return {"OS_PLACEMENT_CONFIG_DIR": str(self.folder)}
