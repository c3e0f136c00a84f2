"""From a command line to parsed files. What is wrong with them becomes a ConfigurationError."""

import os
from collections.abc import Sequence

from oslo_config import cfg
from oslo_log import log as logging

from networking_zvm import errors
from networking_zvm.conf import files, options

USUAL_FILES = (
    "/etc/neutron/neutron.conf",
    "/etc/neutron/plugins/ml2/ml2_conf.ini",
    "/etc/neutron/plugins/zvm/neutron_zvm_plugin.ini",
)


def default_files() -> list[str]:
    """The files read when the command line names none: the usual ones that exist."""
    return [path for path in USUAL_FILES if os.path.exists(path)]


def parse(argv: Sequence[str]) -> cfg.ConfigOpts:
    """Read the files that the command line names (--config-file, --config-dir); logging options pass.

    Raises ConfigurationError for files that cannot be read, SystemExit for an argument nobody knows.
    """
    conf = cfg.ConfigOpts()
    logging.register_options(conf)
    options.register(conf)
    try:
        conf(list(argv), project="neutron", default_config_files=default_files())
    except cfg.ConfigFileParseError as error:
        files.read_file(error.config_file)
        raise errors.ConfigurationError([f"{error.config_file}: cannot be read"]) from None
    except (cfg.ConfigFilesNotFoundError, cfg.ConfigFilesPermissionDeniedError) as error:
        raise errors.ConfigurationError([_unreadable(path) for path in error.config_files]) from error
    except cfg.ConfigDirNotFoundError as error:
        raise errors.ConfigurationError([_unreadable(error.config_dir)]) from error
    except UnicodeDecodeError:
        raise errors.ConfigurationError(["a configuration file is not UTF-8 text"]) from None
    return conf


def _unreadable(path: str) -> str:
    why = "this user may not read it" if os.path.exists(path) else "there is no such file or directory"
    return f"{path}: {why}"
