"""A private MariaDB, with one account whose password nobody else knows."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pymysql

from zvmlab.cloud.neutron_conf import write_private
from zvmlab.cloud.processes import Processes
from zvmlab.cloud.programs import program

INSTALL_TIMEOUT_S: Final = 60.0
READY_TIMEOUT_S: Final = 60.0
MOST_CONNECTIONS: Final = 500
ACCOUNT: Final = "openstack"


@dataclass(frozen=True)
class MariaDb:
    """port: where it listens on loopback; password: hexadecimal digits, as it stands in a URL and in SQL."""

    directory: Path
    port: int
    password: str = field(repr=False)
    databases: tuple[str, ...] = ("neutron",)

    def url_of(self, database: str) -> str:
        account = f"{ACCOUNT}:{self.password}"
        return f"mysql+pymysql://{account}@127.0.0.1:{self.port}/{database}?charset=utf8"

    def start(self, processes: Processes) -> None:
        self.directory.mkdir(mode=0o700)
        as_user = ["--user=root"] if os.geteuid() == 0 else []
        data = f"--datadir={self.directory / 'data'}"
        processes.run(
            "mariadb-install-db",
            [
                *(program("mariadb-install-db"), "--no-defaults", data, *as_user),
                *("--auth-root-authentication-method=socket", "--auth-root-socket-user=root"),
                "--skip-test-db",
            ],
            timeout=INSTALL_TIMEOUT_S,
        )
        init_file = write_private(self.directory / "init.sql", self._accounts())
        processes.start(
            "mariadb",
            [
                *(program("mariadbd"), "--no-defaults", data, *as_user, f"--init-file={init_file}"),
                *("--bind-address=127.0.0.1", f"--port={self.port}", "--skip-name-resolve"),
                f"--max-connections={MOST_CONNECTIONS}",
                # Relative to the data directory: a socket's full path may have no more than 107 bytes.
                *("--socket=mariadb.sock", "--pid-file=mariadb.pid"),
                *("--skip-log-bin", "--innodb-flush-log-at-trx-commit=0"),
            ],
        )

    def wait_ready(self, processes: Processes) -> None:
        processes.wait_ready("mariadb", self._answers, READY_TIMEOUT_S)

    def _accounts(self) -> str:
        """SQL that mariadbd runs before it listens, one statement per line."""
        who = f"{ACCOUNT}@'127.0.0.1'"
        statements = [f"CREATE USER {who} IDENTIFIED BY '{self.password}';\n"]
        for name in self.databases:
            statements.append(f"CREATE DATABASE {name} CHARACTER SET utf8mb3;\n")
            statements.append(f"GRANT ALL ON {name}.* TO {who};\n")
        return "".join(statements)

    def _answers(self) -> bool:
        try:
            pymysql.connect(
                host="127.0.0.1", port=self.port, user=ACCOUNT, password=self.password
            ).close()
        except pymysql.OperationalError:
            return False
        return True
