"""Glance 33, which keeps images, here in files."""

from collections.abc import Mapping

from zvmlab.cloud.neutron_conf import Sections
from zvmlab.openstack.service import Service


class Glance(Service):
    name = "glance"
    module = "glance.wsgi.api"

    def sections(self) -> Sections:
        paste = self._environment / "etc/glance/glance-api-paste.ini"
        return {
            "DEFAULT": {
                "enabled_backends": "files:file",
                "node_staging_uri": f"file://{self.folder}/staging",
            },
            "glance_store": {"default_backend": "files"},
            "files": {"filesystem_store_datadir": str(self.folder / "images")},
            "database": self.site.database("glance"),
            "paste_deploy": {"flavor": "keystone", "config_file": str(paste)},
            "keystone_authtoken": self.site.token_check("glance"),
            "oslo_messaging_notifications": {"driver": "noop"},
            "oslo_concurrency": {"lock_path": str(self.site.folder / "lock")},
        }

    def make_tables(self) -> None:
        for place in ("images", "staging"):
            (self.folder / place).mkdir()
        (self.folder / "glance-api.conf").symlink_to(self.conf.name)
        self._manage("glance-manage", "db_sync")

    def found_by(self) -> Mapping[str, str]:
        """The application insists on the name glance-api.conf."""
        return {"OS_GLANCE_CONFIG_DIR": str(self.folder)}
