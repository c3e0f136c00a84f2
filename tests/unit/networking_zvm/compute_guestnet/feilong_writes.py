"""Under Feilong's own Python: what Feilong 1.6.3 makes of interface calls, by its schema and its dist.py.

Reads a call (os_version, guest_networks, active, first) in JSON from each line of standard input, and
answers in a line: files by path, and the script that puts them in place; or kernel parameters; or the
error. z/VM is not asked: of Feilong, only SMTClient is left out.
"""

import json
import sys
import tarfile
import tempfile
from unittest import mock

from zvmsdk import networkops, smtclient
from zvmsdk.sdkwsgi.schemas import guest
from zvmsdk.sdkwsgi.validation import _SchemaValidator

Call = dict[str, object]


def answer(call: Call) -> dict[str, object]:
    interface = {key: call[key] for key in ("os_version", "guest_networks", "active")}
    try:
        _SchemaValidator(guest.create_network_interface).validate({"interface": interface})
        if str(call["os_version"]).lower().startswith("rhcos"):
            return {"parameters": kernel_parameters(call)}
        return punched(call)
    except Exception as error:  # noqa: BLE001 - all that can go wrong in a foreign program is an answer
        return {"error": f"{type(error).__name__}: {error}"}


def kernel_parameters(call: Call) -> str:
    distribution = networkops.dist.LinuxDistManager().get_linux_dist(call["os_version"])()
    return str(distribution.create_coreos_parameter(call["guest_networks"], "ZVM00001"))


def punched(call: Call) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        doscript, command = networkops.NetworkOPS()._generate_network_doscript(
            "ZVM00001", call["os_version"], call["guest_networks"], folder, call["first"], call["active"]
        )
        with tarfile.open(doscript) as tar:
            texts = {name: tar.extractfile(name).read().decode() for name in tar.getnames()}
    script = texts["invokeScript.sh"]
    moves = [line.split() for line in script.splitlines() if line.startswith("cat ")]
    return {"files": {words[3]: texts[words[1]] for words in moves}, "script": script, "command": command}


if __name__ == "__main__":
    with mock.patch.object(smtclient, "get_smtclient", mock.MagicMock()):
        for line in sys.stdin:
            print(json.dumps(answer(json.loads(line))), flush=True)
