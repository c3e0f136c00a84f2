"""The file that makes a shell the cloud's administrator."""

import sys
from pathlib import Path

from zvmlab.cloud.neutron_conf import write_private
from zvmlab.openstack.site import ADMIN, DOMAIN, REGION, Site


def write_openrc(path: Path, site: Site) -> Path:
    """To be sourced; it also brings the openstack client into the PATH. Only its owner may read it."""
    variables = {
        "OS_AUTH_URL": site.identity_url,
        "OS_IDENTITY_API_VERSION": "3",
        "OS_USERNAME": ADMIN,
        "OS_PASSWORD": site.passwords[ADMIN],
        "OS_PROJECT_NAME": ADMIN,
        "OS_USER_DOMAIN_NAME": DOMAIN,
        "OS_PROJECT_DOMAIN_NAME": DOMAIN,
        "OS_REGION_NAME": REGION,
        "OS_COMPUTE_API_VERSION": "2.96",
        "no_proxy": "127.0.0.1",
        "PATH": f"{Path(sys.executable).parent}:$PATH",
    }
    return write_private(path, "".join(f'export {name}="{value}"\n' for name, value in variables.items()))
