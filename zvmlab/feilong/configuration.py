"""The files that Feilong reads: zvmsdk.conf, and what the kernel of a Linux on Z says about its machine."""

import configparser
from pathlib import Path
from typing import Final, Literal

Auth = Literal["token", "none"]

USER_PROFILE: Final = "OSDFLT"
DISK_POOL: Final = "ECKD:POOL1"

_SEARCHED_FIRST: Final = (Path("/etc/zvmsdk/zvmsdk.conf"), Path("/etc/zvmsdk.conf"))
"""Feilong reads these before the one in HOME (zvmsdk config.py, _get_config_dirs)."""


def files_in_the_way() -> list[Path]:
    """Configuration files of the machine that would win over ours."""
    return [path for path in _SEARCHED_FIRST if path.exists()]


def write_zvmsdk_conf(home: Path, port: int, auth: Auth, token_file: Path, token_seconds: int) -> None:
    """Write the configuration, every path of it below `home`."""
    sections = {
        "database": {"dir": f"{home}/database"},
        "logging": {"log_dir": f"{home}/log", "log_level": "logging.INFO"},
        "image": {"sdk_image_repository": f"{home}/images"},
        "file": {"file_repository": f"{home}/files"},
        "network": {"my_ip": "127.0.0.1"},
        "sdkserver": {"bind_addr": "127.0.0.1", "bind_port": str(port)},
        "wsgi": {"auth": auth, "token_path": str(token_file), "token_validation_period": str(token_seconds)},
        "zvm": {"user_profile": USER_PROFILE, "disk_pool": DISK_POOL},
    }
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_dict(sections)
    with (home / "zvmsdk.conf").open("w") as file:
        parser.write(file)


def write_sysinfo(home: Path, system: str, level: int) -> None:
    """Write what Feilong takes from /proc/sysinfo.

    level: SMAPI's, 710 = z/VM 7.1. Source: smtLayer getHost.py; Linux arch/s390 kernel sysinfo.c.
    """
    version, release = divmod(level // 10, 10)
    (home / "sysinfo").write_text(
        "Manufacturer:         IBM\n"
        "Type:                 8561\n"
        f"LPAR Name:            {system}\n"
        "LPAR CPUs Total:      4\n"
        "LPAR CPUs Configured: 4\n"
        f"VM00 Control Program: z/VM    {version}.{release}.0\n"
    )
