"""Per Linux distribution: what Feilong 1.6.3 can write into it, and who else can tell it about its networks.

The facts of Feilong are from zvmsdk/dist.py of zVMCloudConnector 1.6.3, its schema of os_version from
zvmsdk/sdkwsgi/validation/parameter_types.py; what a guest does with files and drive from Feilong's
tools/share/zvmguestconfigure, its page "Image and cloud-init Configuration", and the places named below.
None of it has been seen on a real z/VM.
"""

import dataclasses
import enum
import re

from networking_zvm.compute.guestnet.refusals import CannotConfigure


class Files(enum.StrEnum):
    """Which NICs Feilong writes files for when a guest boots for the first time."""

    EVERY_NIC = (
        "Feilong's files for every NIC with an IPv4 address; the config drive says the same, and all the rest"
    )
    DEFAULT_NIC = (
        "Feilong's file for the NIC with the IPv4 default route, the only one that it can hold; the config "
        "drive says the same, and tells of the other NICs alone"
    )
    KERNEL_PARAMETERS = (
        "refused: Nova deploys a guest before it makes NICs, and gives a config drive where Feilong wants an "
        "Ignition file. By itself Feilong takes kernel parameters, for one NIC with one IPv4 address, a "
        "gateway and an MTU"
    )
    NONE = "the config drive alone"


@dataclasses.dataclass(frozen=True, slots=True)
class Distribution:
    """How one distribution learns its networks.

    names: the values of the image property os_distro. pattern: the same as an expression, case ignored.
    files: at the first boot. attach_refused: why no NIC can be added later, None if it can. short_names:
    whether its NICs are called enc and the device number without leading zeros. online, unknown: for the
    reader of the documentation.
    """

    names: str
    pattern: str
    files: Files
    attach_refused: str | None
    short_names: bool
    online: str
    unknown: str

    @property
    def boot(self) -> str:
        return str(self.files)

    @property
    def attach(self) -> str:
        return f"refused: {self.attach_refused}" if self.attach_refused else _ATTACH

    @property
    def reads_config_drive(self) -> bool:
        return self.files is not Files.KERNEL_PARAMETERS


_ATTACH = "Feilong's file and commands, for one IPv4 address; IPv6 where the guest finds its own address"
_ZNETCONF = "`znetconf -A` in Feilong's script at the first boot, for all NICs at once"
_IMAGE = "the image has to (`chzdev -e`, `rd.znet`); nobody else does"
_CCW_INIT = f"{_ZNETCONF}; later `ccw_init`, by SUBCHANNELS in the ifcfg file"
_TWO_PROFILES = "where cloud-init writes the ifcfg file anew without SUBCHANNELS, who does it at later boots"
_NOTHING_READS = "nothing in the running guest reads a config drive again"
_NO_FILES = f"Feilong 1.6.3 does not know it, and {_NOTHING_READS}"

DISTRIBUTIONS = (
    Distribution(
        names="`rhel7`, `rhel7.0` to `rhel7.9`, `redhat7`",
        pattern=r"(rhel|redhat)7(\.\d)?",
        files=Files.EVERY_NIC,
        attach_refused=None,
        short_names=False,
        online=_CCW_INIT,
        unknown=_TWO_PROFILES,
    ),
    Distribution(
        names="`rhel8`, `rhel9`, `rhel8.0` to `rhel9.9`",
        pattern=r"rhel[89](\.\d)?",
        files=Files.EVERY_NIC,
        attach_refused=None,
        short_names=True,
        online=_CCW_INIT,
        unknown=f"{_TWO_PROFILES}; where it writes a keyfile, which of the two NetworkManager takes",
    ),
    Distribution(
        names="`rhel10`, `rhel10.0` and later",
        pattern=r"rhel10(\.\d+)?",
        files=Files.NONE,
        attach_refused=f"its NetworkManager reads no ifcfg files, and {_NOTHING_READS}",
        short_names=True,
        online=_IMAGE,
        unknown="the image can only be imported by a Feilong newer than 1.6.3",
    ),
    Distribution(
        names="`sles12`, `sles15`, also with `sp1` or `.1`; `suse12`, `suse15`",
        pattern=r"(sles|suse)1[25]((\.|sp)\d)?",
        files=Files.EVERY_NIC,
        attach_refused=None,
        short_names=False,
        online=f"{_ZNETCONF}, `qeth_configure` for each with files; later udev rules, for these alone",
        unknown="whether cloud-init's names and those of Feilong's udev rules agree at the first boot",
    ),
    Distribution(
        names="`sles16`, `sles16.0` and later",
        pattern=r"(sles|suse)16((\.|sp)\d)?",
        files=Files.NONE,
        attach_refused=_NO_FILES,
        short_names=False,
        online=f"{_IMAGE} (Feilong issue 939)",
        unknown="the image can only be imported by a Feilong newer than 1.6.3",
    ),
    Distribution(
        names="`ubuntu20`, `ubuntu22`, also with `.04` and a point release",
        pattern=r"ubuntu2[02](\.\d{2})?(\.\d)?",
        files=Files.DEFAULT_NIC,
        attach_refused="Feilong 1.6.3 writes a netplan file at the first boot only, later it fails",
        short_names=True,
        online=f"{_ZNETCONF}; without a NIC with a file, and at later boots, {_IMAGE}",
        unknown="whether netplan warns of the address that two of its files give one NIC",
    ),
    Distribution(
        names="`ubuntu24`, also with `.04` and a point release",
        pattern=r"ubuntu24(\.\d{2})?(\.\d)?",
        files=Files.NONE,
        attach_refused=_NO_FILES,
        short_names=True,
        online=_IMAGE,
        unknown="the image can only be imported by a Feilong newer than 1.6.3",
    ),
    Distribution(
        names="`rhcos4`, also with release and point release",
        pattern=r"rhcos4(\.\d{1,2})?(\.\d{1,2})?",
        files=Files.KERNEL_PARAMETERS,
        attach_refused="kernel parameters are written at the deployment only",
        short_names=True,
        online="`rd.znet` in the kernel parameters",
        unknown="",
    ),
)


def distribution(os_distro: str) -> Distribution:
    """The one an image names in its property os_distro. Raises CannotConfigure where it is unknown."""
    for each in DISTRIBUTIONS:
        if re.fullmatch(each.pattern, os_distro, re.IGNORECASE):
            return each
    known = "; ".join(each.names.replace("`", "") for each in DISTRIBUTIONS)
    raise CannotConfigure(f"os_distro {os_distro!r} is unknown", f"give the image one of these: {known}")
