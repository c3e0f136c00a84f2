"""Neutron 29 as sites run it, with Keystone before it; it tells Nova what becomes of Nova's ports."""

from collections.abc import Mapping
from pathlib import Path

from zvmlab.cloud.neutron_conf import NeutronSettings, Sections, server_sections
from zvmlab.cloud.processes import Processes
from zvmlab.openstack.service import Service
from zvmlab.openstack.site import Site


class Neutron(Service):
    """API and RPC server."""

    name = "neutron"
    module = "neutron.wsgi.api"

    def __init__(
        self, site: Site, processes: Processes, environment: Path, settings: NeutronSettings
    ) -> None:
        super().__init__(site, processes, environment)
        self._settings = settings

    def sections(self) -> Sections:
        """As for a Neutron alone, but for Keystone and Nova."""
        alone = server_sections(
            self._settings, self.site.folder, self.site.rabbitmq.url, self.site.mariadb.url_of("neutron")
        )
        together = {
            "auth_strategy": "keystone",
            "notify_nova_on_port_status_changes": "true",
            "notify_nova_on_port_data_changes": "true",
        }
        return {
            **alone,
            "DEFAULT": {**alone["DEFAULT"], **together},
            "keystone_authtoken": self.site.token_check("neutron"),
            "nova": {**self.site.login("nova"), "endpoint_type": "internal"},
            "placement": self.site.login("placement"),
        }

    def make_tables(self) -> None:
        self._manage("neutron-db-manage", "upgrade", "head")

    def found_by(self) -> Mapping[str, str]:
        return {"OS_NEUTRON_CONFIG_DIR": str(self.folder), "OS_NEUTRON_CONFIG_FILES": self.conf.name}

    def start(self) -> None:
        super().start()
        rpc = [str(self._program("neutron-rpc-server")), "--config-file", str(self.conf)]
        self._launch("neutron-rpc-server", rpc, {})
