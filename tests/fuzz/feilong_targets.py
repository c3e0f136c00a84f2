"""Feilong's answers: their form, its own table, vswitches, directory entries, adapters, the host."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from networking_zvm import errors, model
from networking_zvm.hypervisor import feilong_answer, feilong_readings
from tests.fuzz import judge, mutations, plain, seeds
from tests.fuzz.target import Target, demand

_REPLIES: list[Any] = [
    {"overallRC": 0, "modID": None, "rc": 0, "rs": 0, "errmsg": "", "output": ["VSW1"]},
    {"overallRC": 8, "modID": 1, "rc": 212, "rs": 40, "errmsg": "z/VM said no", "output": ""},
    {"overallRC": 300, "modID": 40, "rc": 300, "rs": 9, "errmsg": "lock user entry failed", "output": ""},
    {"overallRC": 404, "modID": 10, "rc": 404, "rs": 1, "errmsg": "Guest device 1000 does not exist",
     "output": ""},
]  # fmt: skip
_DIRECTORY = {"user_direct": [*seeds.ENTRY, ""]}
_ADAPTERS = {
    "adapters": [
        {"adapter_address": "1000", "adapter_status": "02", "lan_owner": "SYSTEM", "lan_name": "VSW1"},
        {"adapter_address": "0800", "adapter_status": "00", "lan_owner": "", "lan_name": ""},
    ]
}
_HOST = {
    "zvm_host": "ZVMA",
    "zcc_userid": "OPNCLOUD",
    "hypervisor_version": 710,
    "ipl_time": "IPL at 03/13/14 21:43:12 EDT",
    "hypervisor_type": "zvm",
}
_USER = model.Userid("LINUX02")
_VSW1 = model.VSwitchName("VSW1")


def targets() -> Iterator[Target]:
    yield Target("Feilong reply", [json.dumps(reply).encode() for reply in _REPLIES], mutations.data, reply)
    yield Target("Feilong reply's JSON", _REPLIES, mutations.document, reply_document)
    yield Target("Feilong rows", [seeds.FEILONG_ROWS], mutations.document, rows)
    yield Target("Feilong vswitch names", [["VSW1", "VSW2", "GT@VSW1"]], mutations.document, names)
    yield Target("Feilong vswitch", [seeds.FEILONG_VSWITCH], mutations.document, vswitch)
    yield Target("Feilong directory entry", [_DIRECTORY], _entry, directory)
    yield Target("Feilong adapters", [_ADAPTERS], mutations.document, adapters)
    yield Target("Feilong host", [_HOST], mutations.document, host)
    yield Target("Feilong power", ["on", "off"], mutations.document, power)


def _entry(chance: random.Random, seed: Any) -> Any:
    if chance.random() < 0.3:
        return mutations.document(chance, seed)
    return {"user_direct": mutations.text(chance, "\n".join(seed["user_direct"])).split("\n")}


def _refused(read: Callable[[], object]) -> tuple[bool, Any]:
    try:
        return False, read()
    except errors.Untrusted:
        return True, None


def reply_document(document: Any) -> bool:
    return reply(json.dumps(document).encode())


def reply(content: bytes) -> bool:
    found = feilong_answer.read_reply(content)
    if found is None:
        return False
    document = json.loads(content)
    demand(found.overall == document["overallRC"], "overallRC")
    demand(not isinstance(document["overallRC"], bool), "overallRC is no number")
    for changing in (True, False):
        error = feilong_answer.failure("PUT /x", found, found.text, changing)
        demand((error is None) == (found.overall == 0), f"overallRC {found.overall}: {error!r}")
    return True


def rows(output: Any) -> bool:
    refused, found = _refused(lambda: feilong_readings.read_rows(output))
    if refused:
        return False
    for address, row in found.of.items():
        judge.name(address.userid)
        demand(row.address == address, f"{row.address} under {address}")
        same = [
            item
            for item in output
            if str(item.get("userid")).strip().upper() == address.userid
            and item.get("interface") == row.spelling
            and (item.get("port") or None) == row.port
        ]
        demand(same, f"{row} is in no row")
        demand(plain.vdev(row.spelling) == address.vdev, row.spelling)
        demand(any(row.coupled == bool(item.get("switch")) for item in same), f"{row}: coupled")
    return True


def names(output: Any) -> bool:
    refused, found = _refused(lambda: feilong_readings.read_vswitch_names(output))
    if refused:
        return False
    demand(found == [plain.name(name) for name in output], f"{found}")
    demand(len(set(found)) == len(found), "a vswitch is listed twice")
    return True


def vswitch(output: Any) -> bool:
    refused, found = _refused(lambda: feilong_readings.read_vswitch(_VSW1, output))
    if refused:
        return False
    vswitch, live = found
    judge.whole_vswitch(vswitch)
    texts = {key: value.strip() for key, value in output.items() if isinstance(value, str)}
    judge.attributes(vswitch, texts)
    aware = vswitch.vlan_aware
    listed = output["authorized_users"].items()
    users = [(plain.name(u), [vid.strip() for vid in user["vlan_ids"]]) for u, user in listed]
    demand(len({userid for userid, _ in users}) == len(users), "a user is listed twice")
    read = plain.grants((userid, [vid for vid in vids if vid]) for userid, vids in users)
    judge.grants(vswitch.grants, read if aware else dict.fromkeys(read, frozenset()))
    ends = [(key.rpartition("_"), adapter["mac"]) for key, adapter in output["adapters"].items()]
    nics = {(plain.name(owner), plain.vdev(vdev)): (plain.mac(mac), "VSW1") for (owner, _, vdev), mac in ends}
    demand(len(nics) == len(ends), "a NIC is listed twice")
    judge.nics(live, nics)
    return True


def directory(output: Any) -> bool:
    refused, found = _refused(lambda: feilong_readings.read_directory(_USER, output))
    if refused:
        return False
    judge.directory(found, [(_USER, line) for line in output["user_direct"]])
    return True


def adapters(output: Any) -> bool:
    refused, found = _refused(lambda: feilong_readings.read_running_nics(output))
    if refused:
        return False
    read = [(plain.vdev(adapter["adapter_address"].strip()), _lan(adapter)) for adapter in output["adapters"]]
    demand(len(dict(read)) == len(read), "a NIC is listed twice")
    same = {str(vdev): nic.vswitch and str(nic.vswitch) for vdev, nic in found.items()}
    demand(dict(read) == same, f"{read} read as {same}")
    return True


def _lan(adapter: Any) -> str | None:
    owner, name = adapter.get("lan_owner"), adapter.get("lan_name")
    return plain.name(name.strip()) if owner == "SYSTEM" and isinstance(name, str) and name.strip() else None


def host(output: Any) -> bool:
    refused, found = _refused(lambda: feilong_readings.read_host(output))
    if refused:
        return False
    demand(plain.name(output["zcc_userid"].strip()) == found.feilong, found.feilong)
    demand(plain.name(output["zvm_host"].strip()) == found.name, found.name)
    demand(found.level == output["hypervisor_version"], f"{found.level}")
    demand(found.ipl_time == output["ipl_time"].strip(), found.ipl_time)
    return True


def power(output: Any) -> bool:
    refused, found = _refused(lambda: feilong_readings.read_power(_USER, output))
    demand(refused or found == (output == "on"), f"{output!r}")
    return not refused
