"""Whether Nova will find the driver in this Python environment and, if not, what to do about it.

Nova looks below nova.virt only, so a file of ours has to be there. The distribution networking-zvm-nova
brings it for a Nova that is installed as a wheel or package. Beside an editable Nova it does harm: the folder
nova that it makes in site-packages comes first, and Nova itself is not found any more.
"""

import importlib.metadata
import importlib.util
import json
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from networking_zvm import errors
from networking_zvm.compute import intree

DRIVER = "zvm_network.ZVMNetworkDriver"
SHIM = "networking-zvm-nova"
_IMPORT = "from networking_zvm.compute.driver import ZVMNetworkDriver"


def problems() -> Iterator[str]:
    """What keeps Nova from loading the driver, with the commands that mend it; nothing if it will."""
    spec = importlib.util.find_spec("nova")
    if spec is None or not any(importlib.metadata.distributions(name="nova")):
        yield f"Nova is not installed in this environment\n  pip install {SHIM}"
    elif spec.origin is None:
        (hiding, *_) = spec.submodule_search_locations or ("",)
        remove = f"  pip uninstall {SHIM}\n  find {hiding} -type d -empty -delete"
        yield f"{hiding} hides Nova: it comes with {SHIM}, and pip leaves the empty folder\n{remove}"
        yield from _missing(editable_source())
    elif importlib.util.find_spec("nova.virt.zvm_network") is None:
        yield from _missing(editable_source())
    else:
        yield from _unfit()


def editable_source() -> Path | None:
    """The source tree of an editable Nova, None if Nova is no such. Source: PEP 610, direct_url.json."""
    origin = json.loads(importlib.metadata.distribution("nova").read_text("direct_url.json") or "{}")
    if not origin.get("dir_info", {}).get("editable"):
        return None
    return Path(urllib.parse.unquote(urllib.parse.urlparse(origin["url"]).path))


def _missing(source: Path | None) -> Iterator[str]:
    if source is None:
        yield f"Nova does not see the driver\n  pip install {SHIM}"
    else:
        folder = source / "nova" / "virt" / "zvm_network"
        commands = f"  mkdir -p {folder}\n  echo '{_IMPORT}' > {folder}/__init__.py"
        yield f"Nova is editable, in {source}, and needs a file there\n{commands}"


def _unfit() -> Iterator[str]:
    try:
        intree.check()
    except errors.ConfigurationError as error:
        yield from error.errors
