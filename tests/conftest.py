"""What every test needs: Neutron without eventlet, as in production."""

from oslo_service import backend

backend.init_backend(backend.BackendType.THREADING)
