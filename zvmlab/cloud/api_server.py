"""Neutron's API as a process: `python -m zvmlab.cloud.api_server PORT`, for where uWSGI is not installed.

Configuration: OS_NEUTRON_CONFIG_DIR and OS_NEUTRON_CONFIG_FILES, as for any WSGI server.
"""

import sys
from typing import Final

import waitress

THREADS: Final = 8


def main() -> None:
    port = int(sys.argv[1])
    sys.argv = ["neutron-api"]  # neutron.wsgi.api takes the command line for Neutron's when it is imported
    from neutron.wsgi.api import application

    waitress.serve(application, host="127.0.0.1", port=port, threads=THREADS)


if __name__ == "__main__":
    main()
