"""What every service of one cloud must know: where the others answer, and who it is to them."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from zvmlab.cloud.mariadb import MariaDb
from zvmlab.cloud.neutron_conf import Sections
from zvmlab.cloud.ports import free_ports
from zvmlab.cloud.rabbitmq import RabbitMq

REGION: Final = "RegionOne"
SERVICE_PROJECT: Final = "service"
DOMAIN: Final = "Default"
ADMIN: Final = "admin"
SERVICES: Final = ("keystone", "placement", "glance", "neutron", "nova")
DATABASES: Final = ("keystone", "placement", "glance", "neutron", "nova_api", "nova", "nova_cell0")
LOOPBACK_ONLY: Final = {"no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}
"""For processes: a proxy from the environment does not know our loopback."""


@dataclass(frozen=True)
class Site:
    """Addresses and secrets of one cloud, made up for it.

    folder: of all its files. ports: of the APIs, by service. passwords: of Keystone's users, hexadecimal.
    """

    folder: Path
    ports: Mapping[str, int]
    passwords: Mapping[str, str] = field(repr=False)
    rabbitmq: RabbitMq
    mariadb: MariaDb

    @classmethod
    def make_up(cls, folder: Path) -> Self:
        amqp, dist, epmd, sql, *apis = free_ports(4 + len(SERVICES))
        return cls(
            folder=folder,
            ports=dict(zip(SERVICES, apis, strict=True)),
            passwords={user: secrets.token_hex() for user in (ADMIN, *SERVICES)},
            rabbitmq=RabbitMq(folder / "rabbitmq", amqp, dist, epmd, secrets.token_hex()),
            mariadb=MariaDb(folder / "mariadb", sql, secrets.token_hex(), DATABASES),
        )

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[service]}"

    @property
    def identity_url(self) -> str:
        return f"{self.url('keystone')}/v3"

    def login(self, user: str) -> Mapping[str, str]:
        """Who a service is to Keystone. Options: keystoneauth's plugin "password"."""
        return {
            "auth_url": self.identity_url,
            "auth_type": "password",
            "username": user,
            "password": self.passwords[user],
            "project_name": SERVICE_PROJECT,
            "user_domain_name": DOMAIN,
            "project_domain_name": DOMAIN,
            "region_name": REGION,
        }

    def token_check(self, user: str) -> Mapping[str, str]:
        """How a service has Keystone check the tokens of its clients. Options: keystonemiddleware."""
        return {
            **self.login(user),
            "www_authenticate_uri": self.identity_url,
            "interface": "internal",
            "service_token_roles": "service",
            "service_token_roles_required": "true",
        }

    def messaging(self) -> Sections:
        """How a service speaks to its other processes, and that it tells nobody else."""
        return {
            "DEFAULT": {"transport_url": self.rabbitmq.url},
            "oslo_messaging_rabbit": {"rabbit_quorum_queue": "false"},
            "oslo_messaging_notifications": {"driver": "noop"},
            "oslo_concurrency": {"lock_path": str(self.folder / "lock")},
        }

    def database(self, name: str) -> Mapping[str, str]:
        return {"connection": self.mariadb.url_of(name)}
