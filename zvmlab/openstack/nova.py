"""Nova 34: API, scheduler, conductor, and a nova-compute for each z/VM system; all with native threads.

Options: docs.openstack.org/nova/latest/configuration; the z/VM driver's own: section [zvm] there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from zvmlab.cloud.neutron_conf import Sections, write_conf
from zvmlab.openstack.service import Service

COMPUTE_DRIVER: Final = "zvm_network.ZVMNetworkDriver"
VIF_PLUGGING_TIMEOUT_S: Final = 60
"""How long Nova waits for Neutron's word that a port has come up, before it gives the server up."""

STOP_TIMEOUT_S: Final = 30.0
_DISCOVERY_INTERVAL_S: Final = 2
_NATIVE_THREADS: Final = {"OS_NOVA_DISABLE_EVENTLET_PATCHING": "1"}


@dataclass(frozen=True, slots=True)
class ComputeHost:
    """One nova-compute and the Feilong of its z/VM system.

    host: its name in OpenStack. user_prefix: six hex digits, with which the system's MACs begin.
    """

    host: str
    feilong_url: str
    feilong_ca_file: Path
    user_prefix: str


class Nova(Service):
    name = "nova"
    module = "nova.wsgi.osapi_compute"

    def sections(self) -> Sections:
        return {
            **self._common(),
            "DEFAULT": {**self._common()["DEFAULT"], "enabled_apis": "osapi_compute"},
            "api_database": self.site.database("nova_api"),
            "database": self.site.database("nova"),
            "scheduler": {"workers": "1", "discover_hosts_in_cells_interval": str(_DISCOVERY_INTERVAL_S)},
            "conductor": {"workers": "1"},
            "wsgi": {"api_paste_config": str(self._paste)},
            "quota": {"driver": "nova.quota.NoopQuotaDriver"},
        }

    def make_tables(self) -> None:
        self._manage("nova-manage", "api_db", "sync")
        cell0 = self.site.mariadb.url_of("nova_cell0")
        self._manage("nova-manage", "cell_v2", "map_cell0", "--database_connection", cell0)
        self._manage("nova-manage", "cell_v2", "create_cell", "--name", "cell1")
        self._manage("nova-manage", "db", "sync")

    def found_by(self) -> Mapping[str, str]:
        """The paste file first: the application reads its pipelines from the first file."""
        files = f"{self._paste};{self.conf.name}"
        return {"OS_NOVA_CONFIG_DIR": str(self.folder), "OS_NOVA_CONFIG_FILES": files}

    def start_workers(self) -> None:
        """Launch scheduler and conductor, which need Placement and the catalog from the first moment."""
        for program in ("nova-conductor", "nova-scheduler"):
            self._launch(program, [str(self._program(program)), "--config-file", str(self.conf)], {})

    def start_compute(self, compute: ComputeHost) -> None:
        """Launch a nova-compute, with a configuration of its own and no database; again if it runs."""
        conf = self.folder / f"{compute.host}.conf"
        for place in (self.instances(compute.host), self._images(compute.host)):
            place.mkdir(parents=True, exist_ok=True)
        write_conf(conf, self.compute_sections(compute))
        command = [str(self._program("nova-compute")), "--config-file", str(conf)]
        self._launch(f"nova-compute-{compute.host}", command, {})

    def stop_compute(self, host: str) -> None:
        """Let it end in its own way, for a while."""
        self._processes.stop(f"nova-compute-{host}", STOP_TIMEOUT_S)

    def instances(self, host: str) -> Path:
        """Where a nova-compute keeps files of its servers, config drives above all."""
        return self.folder / host / "instances"

    def _images(self, host: str) -> Path:
        """Where it puts images on their way to Feilong."""
        return self.folder / host / "images"

    def compute_sections(self, compute: ComputeHost) -> Sections:
        """The configuration of one nova-compute."""
        home = self.folder / compute.host
        driver = {
            "host": compute.host,
            "compute_driver": COMPUTE_DRIVER,
            "instances_path": str(self.instances(compute.host)),
            "state_path": str(home),
            "force_config_drive": "true",
            "default_ephemeral_format": "ext4",
            "vif_plugging_timeout": str(VIF_PLUGGING_TIMEOUT_S),
            "vif_plugging_is_fatal": "true",
        }
        return {
            **self._common(),
            "DEFAULT": {**self._common()["DEFAULT"], **driver},
            "compute": {"provider_config_location": str(home)},
            "zvm": {
                "cloud_connector_url": compute.feilong_url,
                "ca_file": str(compute.feilong_ca_file),
                "image_tmp_path": str(self._images(compute.host)),
                "user_prefix": compute.user_prefix,
            },
        }

    def _common(self) -> Sections:
        """What all of Nova's processes must know."""
        messaging = self.site.messaging()
        default = {
            **messaging["DEFAULT"],
            "my_ip": "127.0.0.1",
            "instance_name_template": "zvm%05x",
            "state_path": str(self.folder),
        }
        to_neutron = {"service_metadata_proxy": "false", "valid_interfaces": "internal"}
        return {
            **messaging,
            "DEFAULT": default,
            "vnc": {"enabled": "false"},
            "keystone_authtoken": self.site.token_check("nova"),
            "service_user": {"send_service_user_token": "true", **self.site.login("nova")},
            "glance": {"valid_interfaces": "internal", **self.site.login("nova")},
            "neutron": {**to_neutron, **self.site.login("nova")},
            "placement": {"valid_interfaces": "internal", **self.site.login("placement")},
        }

    @property
    def _paste(self) -> Path:
        return self._environment / "etc/nova/api-paste.ini"

    def _variables(self) -> Mapping[str, str]:
        return {**super()._variables(), **_NATIVE_THREADS}
