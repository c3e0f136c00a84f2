"""The agent as a process: `neutron-zvm-agent`, and `quantum-zvm-agent` for old unit files.

One process, no fork and no eventlet: the agent owns its threads and this module only waits for a signal.
Neutron's RPC reads the global configuration, so that is set up here; the agent itself gets its settings as
a value.
"""

import warnings

# futurist, a library of Neutron's, imports eventlet wherever it is installed; nobody uses it here.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")

# oslo.service falls back to eventlet unless a backend is chosen before anything of it is imported.
from oslo_service import backend  # noqa: E402

backend.init_backend(backend.BackendType.THREADING)

import os  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
import threading  # noqa: E402
from collections.abc import Sequence  # noqa: E402

from neutron.common import config as neutron_config  # noqa: E402
from neutron.conf import service as neutron_service_conf  # noqa: E402
from neutron.conf.agent import common as neutron_agent_conf  # noqa: E402
from neutron.conf.plugins.ml2.drivers import agent as neutron_l2_conf  # noqa: E402
from oslo_config import cfg  # noqa: E402
from oslo_log import log as logging  # noqa: E402

from networking_zvm import conf, errors  # noqa: E402
from networking_zvm.agent.agent import ZvmAgent  # noqa: E402
from networking_zvm.hypervisor.connect import connect  # noqa: E402

LOG = logging.getLogger(__name__)

_EXIT_BAD_CONFIGURATION = 2


def create_agent(config_files: Sequence[str]) -> ZvmAgent:
    """An agent for a process whose Neutron RPC is set up already. Raises ConfigurationError."""
    settings = conf.load([arg for path in config_files for arg in ("--config-file", path)])
    return ZvmAgent(settings, connect(settings))


def main() -> int:
    """Run one agent until SIGTERM or SIGINT. Returns the exit code."""
    argv = sys.argv[1:]
    try:
        parsed = conf.parse(argv)
        _set_up_neutron(argv)
        settings = conf.settings_from(parsed)
        hypervisor = connect(settings)
    except errors.ConfigurationError as error:
        for fault in error.errors:
            print(f"neutron-zvm-agent: {fault}", file=sys.stderr)
        return _EXIT_BAD_CONFIGURATION
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    agent = ZvmAgent(settings, hypervisor)
    agent.start()
    stopping.wait()
    agent.stop()
    # Threads of the messaging library, or a call to a slow control point, must not hold up a stop.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _set_up_neutron(argv: Sequence[str]) -> None:
    """Give Neutron's RPC its global configuration, and logging its own."""
    neutron_config.register_common_config_options()
    neutron_service_conf.register_service_opts(neutron_service_conf.RPC_EXTRA_OPTS)
    neutron_l2_conf.register_agent_opts()
    neutron_agent_conf.register_agent_state_opts_helper(cfg.CONF)
    neutron_config.init(list(argv), default_config_files=conf.default_files())
    neutron_config.setup_logging()


if __name__ == "__main__":
    sys.exit(main())
