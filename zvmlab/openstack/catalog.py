"""What Keystone is to know beyond its administrator: the services, their users, and where they answer."""

from typing import Any, Final

from zvmlab.openstack.site import REGION, SERVICE_PROJECT, Site

ENDPOINTS: Final = (
    ("placement", "placement", ""),
    ("glance", "image", ""),
    ("neutron", "network", ""),
    ("nova", "compute", "/v2.1"),
)
"""Service, its type, and the path of its API."""

ROLES: Final = ("admin", "service")


def fill(connection: Any, site: Site) -> None:
    """connection: openstacksdk's, as administrator. Users of services get the roles admin and service."""
    identity = connection.identity
    project = identity.create_project(name=SERVICE_PROJECT, domain_id="default")
    roles = {role.name: role for role in identity.roles()}
    for service, kind, path in ENDPOINTS:
        password = site.passwords[service]
        user = identity.create_user(
            name=service, password=password, domain_id="default", default_project_id=project.id
        )
        for role in ROLES:
            identity.assign_project_role_to_user(project, user, roles[role])
        entry = identity.create_service(name=service, type=kind)
        for interface in ("public", "internal"):
            identity.create_endpoint(
                service_id=entry.id, interface=interface, url=site.url(service) + path, region_id=REGION
            )
