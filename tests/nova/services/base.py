"""What every test of Nova's services begins with."""

import copy
import io
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import fixtures
import pytest
from nova.conf import CONF
from nova.tests import fixtures as nova_fixtures
from nova.tests.functional import integrated_helpers
from nova.tests.functional.api.client import OpenStackApiException
from oslo_utils.fixture import uuidsentinel

from networking_zvm.compute import novaconf
from tests.nova.services import site as sites
from tests.nova.services.neutron import Neutron

DRIVER = "zvm_network.ZVMNetworkDriver"
IMAGE = uuidsentinel.image
_CONTENT = b"xCAT CKD Disk Image:       10016 CYL HLen: 0055 GZIP: 6"
_MKISOFS = Path(__file__).with_name("mkisofs")
_SECONDS = 60.0


class NoWarnings(fixtures.Fixture):
    """Nova's own turns warnings of SQLAlchemy 2.1, which is newer than Nova's tests, into errors."""


class ZvmCase(integrated_helpers._IntegratedTestBase):
    """Nova with an empty z/VM."""

    ADMIN_API = True
    CAST_AS_CALL = False
    REQUIRES_LOCKING = True
    microversion = "latest"

    options: ClassVar[dict[str, Any]] = {}
    os_distro = "rhel9"

    def setUp(self) -> None:
        self.site = sites.site
        self.stub_modules()
        super().setUp()
        self.addCleanup(self.site.clear)

    def stub_modules(self) -> None:
        nova_fixtures.WarningsFixture = NoWarnings
        nova_fixtures.NeutronFixture = Neutron

    def _setup_services(self) -> None:
        feilong = self.site.feilong
        novaconf.register(CONF)
        self.flags(compute_driver=DRIVER, instance_name_template="zvm%05x", my_ip="127.0.0.1")
        self.flags(force_config_drive=True, mkisofs_cmd=str(_MKISOFS))
        self.flags(instances_path=self.folder("instances"))
        self.flags(cloud_connector_url=feilong.url, user_prefix=sites.PREFIX, group="zvm")
        self.flags(image_tmp_path=self.folder("images"), group="zvm")
        self.flags(api_paste_config=os.path.join(sys.prefix, "etc/nova/api-paste.ini"), group="wsgi")
        self.flags(**self.options)
        self.make_image(IMAGE, self.os_distro)
        super()._setup_services()

    def folder(self, name: str) -> str:
        path = self.site.feilong.state_dir / self.id() / name
        path.mkdir(parents=True)
        return str(path)

    def make_image(self, image_id: str, os_distro: str) -> None:
        image = {**copy.deepcopy(self.glance.image1), "id": image_id, "name": os_distro}
        image |= {"disk_format": "raw", "container_format": "bare", "properties": {"os_distro": os_distro}}
        self.glance.create(None, image, io.BytesIO(_CONTENT))

    def boot(
        self, *ports: str, state: str = "ACTIVE", tag: str = "", image: str = IMAGE
    ) -> dict[str, Any]:
        """A server with these ports, once it has come to the state."""
        networks = [{"port": port, **({"tag": tag} if tag else {})} for port in ports]
        body = self._build_server(image_uuid=image, networks=networks or "none")
        return self.until_state(self.api.post_server({"server": body}), state)

    def until_state(self, server: dict[str, Any], state: str) -> dict[str, Any]:
        return self._wait_for_state_change(server, state, max_retries=int(2 * _SECONDS))

    def delete(self, server: dict[str, Any]) -> None:
        self.api.delete_server(server["id"])
        self.until(lambda: server["id"] not in {each["id"] for each in self.api.get_servers()})

    def userid(self, server: dict[str, Any]) -> str:
        return str(server["OS-EXT-SRV-ATTR:instance_name"]).upper()

    def attach(self, server: dict[str, Any], port: str) -> None:
        self.api.attach_interface(server["id"], {"interfaceAttachment": {"port_id": port}})

    def attach_in_vain(self, server: dict[str, Any], port: str) -> None:
        """The user is told: Nova waits for its compute host here."""
        with pytest.raises(OpenStackApiException):
            self.attach(server, port)

    def attached(self, server: dict[str, Any]) -> set[str]:
        return {each["port_id"] for each in self.api.get_port_interfaces(server["id"])}

    def until(self, true: Callable[[], bool], seconds: float = _SECONDS) -> None:
        pause, tries = threading.Event(), int(seconds / 0.1)
        if not any(true() or pause.wait(0.1) for _ in range(tries)):
            self.fail(f"not so within {seconds} s")

    def drives_left(self) -> list[Path]:
        return list((self.site.feilong.state_dir / self.id()).rglob("cfgdrive.iso"))
