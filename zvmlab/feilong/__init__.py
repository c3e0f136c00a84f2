"""The real Feilong server (PyPI zVMCloudConnector 1.6.3), unmodified, on a simulated z/VM.

    with Feilong(simulator, "ZVMA") as feilong:
        requests.get(f"{feilong.url}/guests", verify=feilong.ca_file, headers=...)

It has a virtual environment of its own (`environment`), as it needs a PyJWT that Neutron does not bear. There
`run-feilong` runs as two processes, whose commands `zvmsim.dialects.commands` answers: no root, no sudo, no
file outside its folder.
"""

from zvmlab.feilong.server import Feilong

__all__ = ["Feilong"]
