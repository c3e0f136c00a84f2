"""Neutron's API and RPC side in this very process, on SQLite and `fake://`.

What Neutron does in several processes is done here by threads: the WSGI application is loaded as
`neutron.server.api` does and served by waitress, the RPC listeners are started as `neutron.service.RpcWorker`
does. Neutron's configuration is a global of oslo.config, so there is one such Neutron to a process.
"""

import threading
from collections.abc import Sequence
from typing import Any, Final

import waitress
from neutron.api import wsgi
from neutron.common import config
from neutron.conf import service as service_conf
from neutron.conf.agent import common as agent_conf
from neutron.conf.plugins.ml2.drivers import agent as l2_agent_conf
from neutron.db.migration.models import head
from neutron_lib.callbacks import events, registry, resources
from neutron_lib.db import api as db_api
from neutron_lib.plugins import directory
from oslo_config import cfg

from zvmlab.cloud.embedded_bus import behave_like_a_real_bus

API_THREADS: Final = 4
SQLITE_SETTINGS: Final = ("journal_mode = WAL", "synchronous = OFF", "busy_timeout = 60000")


class EmbeddedNeutron:
    def __init__(self, config_files: Sequence[str]) -> None:
        behave_like_a_real_bus()
        _configure(config_files)
        _create_tables()
        application = config.load_paste_app("neutron")
        registry.publish(resources.PROCESS, events.BEFORE_SPAWN, wsgi.WorkerService)
        self._listeners = [
            listener
            for plugin in directory.get_unique_plugins()
            if hasattr(plugin, "start_rpc_listeners")
            for listener in plugin.start_rpc_listeners()
        ]
        registry.publish(resources.PROCESS, events.AFTER_INIT, wsgi.WorkerService)
        self._server = waitress.create_server(application, host="127.0.0.1", port=0, threads=API_THREADS)
        self.endpoint = f"http://127.0.0.1:{self._server.effective_port}"
        threading.Thread(target=self._server.run, name="neutron-api", daemon=True).start()


def _configure(config_files: Sequence[str]) -> None:
    """Load Neutron's configuration, agents' options included: its agent library reads the global ones."""
    config.register_common_config_options()
    service_conf.register_service_opts(service_conf.RPC_EXTRA_OPTS, cfg.CONF)
    l2_agent_conf.register_agent_opts()
    agent_conf.register_agent_state_opts_helper(cfg.CONF)
    config.init([word for file in config_files for word in ("--config-file", file)])
    config.setup_logging()
    config.set_config_defaults()


def _create_tables() -> None:
    """Build the schema from the models: Neutron's migrations do not run on SQLite."""
    with db_api.get_writer_session() as session:
        engine = session.connection().engine
    db_api.sqla_listen(engine, "connect", _set_up_connection)
    db_api.sqla_listen(engine, "do_execute", _begin_by_locking)
    engine.dispose()
    head.get_metadata().create_all(engine)


def _set_up_connection(connection: Any, _record: object) -> None:
    for setting in SQLITE_SETTINGS:
        connection.execute(f"PRAGMA {setting}")


def _begin_by_locking(cursor: Any, statement: str, _parameters: object, _context: object) -> bool:
    """Take SQLite's write lock when a transaction begins; True tells SQLAlchemy that the statement is done.

    A transaction that reads first and writes later fails at once with "database is locked" if another wrote
    in between, and no timeout helps. oslo.db emits the BEGIN itself, so it is replaced rather than added.
    """
    if statement.strip().upper() != "BEGIN":
        return False
    cursor.execute("BEGIN IMMEDIATE")
    return True
