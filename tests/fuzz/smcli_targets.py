"""The texts of smcli and CP."""

import random
import re
from collections.abc import Iterator

from networking_zvm import errors, model
from networking_zvm.hypervisor import (
    base,
    cp_texts,
    nicdef,
    smapi_records,
    smcli,
    smcli_queries,
    vswitch_listing,
    vswitch_users,
)
from tests.fuzz import judge, mutations, plain, seeds
from tests.fuzz.target import Target, demand
from tests.unit.networking_zvm.hypervisor import texts


def targets() -> Iterator[Target]:
    statements = ["\n".join(f"{userid}: {record}" for userid, record in seeds.STATEMENTS)]
    older = [(listing, users) for listing in seeds.listings() for users in seeds.users()]
    yield Target("smcli vswitches", seeds.listings(), mutations.text, vswitches)
    yield Target("smcli vswitch users", older, _either_text, users)
    yield Target("smcli NICDEFs", [texts.NIC_STATEMENTS, *statements], mutations.text, nic_statements)
    yield Target("NICDEF operands", seeds.STATEMENTS, _statement, operands)
    yield Target("smcli logged on", [texts.LOGGED_ON], mutations.text, logged_on)
    yield Target("smcli system info", [texts.SYSTEM_INFO, _system_info()], mutations.text, system_info)
    yield Target("smcli outcome of a change", _outcomes(), mutations.text, outcome)
    yield Target("smcli NIC query", [_COUPLED], mutations.text, coupling)
    yield Target("CP QUERY USERID", [texts.QUERY_USERID], mutations.text, who)
    yield Target("CP QUERY VMLAN", [texts.QUERY_VMLAN], mutations.text, prefix)
    entries = [tuple(record.ljust(72).encode() for record in seeds.ENTRY)]
    yield Target("directory records", entries, _records, records)


_COUPLED = "Adapter:\nAddress: 1000\nPort name:\nAdapter type: QDIO\nLAN owner: SYSTEM\nLAN name: VSW1\n"
_SYSTEM_INFO = ("System_Info_Query",)


def _system_info() -> str:
    return seeds.smcli_text(*_SYSTEM_INFO)


def _outcomes() -> list[str]:
    done = ["Done\n", "Changing virtual switch ...  Done\n", "0 0 0 (details) None\nDone\n"]
    return [*done, texts.failed(212, 40), texts.failed(400, 12, style="today", status="Locking LINUX01..."),
            "Started\n  Return Code: 592\n  Reason Code: 17\n  Description: asynchronous\n"]  # fmt: skip


def _either_text(chance: random.Random, seed: tuple[str, str]) -> tuple[str, str]:
    listing, users = seed
    if chance.random() < 0.2:
        return mutations.text(chance, listing), users
    return listing, mutations.text(chance, users)


def _statement(chance: random.Random, seed: tuple[str, str]) -> list[tuple[str, str]]:
    number = chance.choice((1, 1, 2, 3))
    return [(seed[0], mutations.text(chance, chance.choice(seeds.STATEMENTS)[1])) for _ in range(number)]


def _records(chance: random.Random, seed: tuple[bytes, ...]) -> tuple[bytes, ...]:
    text = "\n".join(record.decode("latin-1").rstrip() for record in seed)
    lines = mutations.text(chance, text).encode("latin-1", "replace").split(b"\n")
    return tuple(line.ljust(72) for line in lines)


def vswitches(text: str) -> bool:
    try:
        found = vswitch_listing.read_listing(text)
    except errors.Untrusted:
        return False
    judge.listing(found)
    read = plain.listing(text)
    demand(read.keys() == found.vswitches.keys(), f"{sorted(read)} read as {sorted(found.vswitches)}")
    for name, vswitch in read.items():
        judge.attributes(found.vswitches[model.VSwitchName(name)], vswitch.attributes)
        judge.grants(found.vswitches[model.VSwitchName(name)].grants, plain.grants(vswitch.users))
        demand(vswitch.cut_short == (name in found.incomplete), f"{name}: cut short")
    judge.nics(found.live, dict(_live(nic, name) for name, v in read.items() for nic in v.nics))
    return True


def _live(nic: dict[str, str], vswitch: str) -> tuple[tuple[str, str], tuple[str, str]]:
    owner, vdev, mac = (nic[f"adapter_{fact}"] for fact in ("owner", "vdev", "macaddr"))
    return (owner, vdev), (mac, vswitch)


def users(both: tuple[str, str]) -> bool:
    try:
        listing = vswitch_listing.read_listing(both[0])
        found = vswitch_users.complete(listing, both[1])
    except errors.Untrusted:
        return False
    judge.listing(found)
    demand(not found.incomplete, "still incomplete")
    for name in listing.incomplete:
        pieces = re.split(rf"Name:[ \t]*{re.escape(name)}\s*\n", both[1], flags=re.IGNORECASE)
        block = pieces[1].split("\nVSWITCH:")[0] if len(pieces) == 2 else ""
        lines = block.partition("Authorized users:")[2].partition("Connections:")[0].split("\n")
        shown = {plain.name(line.partition("User:")[2].strip()) for line in lines if "User:" in line}
        granted = found.vswitches[name].grants.keys()
        demand(shown <= granted, f"{name}: of {sorted(shown)} only {sorted(granted)} may use it")
    return True


def nic_statements(text: str) -> bool:
    try:
        found = smcli_queries.read_nic_statements(text)
    except errors.Untrusted:
        return False
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    pairs = [re.fullmatch(r"(\S+):(?: (.*))?", line) for line in lines]
    judge.directory(found, [(pair[1], pair[2] or "") for pair in pairs if pair])
    return True


def operands(statements: list[tuple[str, str]] | tuple[str, str]) -> bool:
    given = [statements] if isinstance(statements, tuple) else statements
    try:
        found = nicdef.read_nics((model.Userid(userid), record) for userid, record in given)
    except errors.Untrusted:
        return False
    judge.directory(found, given)
    return True


def logged_on(text: str) -> bool:
    try:
        found = smcli_queries.read_logged_on(text)
    except errors.Untrusted:
        return False
    demand(found == {plain.name(line) for line in text.split("\n") if line.strip()}, f"{sorted(found)}")
    return True


def system_info(text: str) -> bool:
    try:
        found = smcli_queries.read_system_info(text)
    except errors.Untrusted:
        return False
    start = "The z/VM CP IPL time:"
    ipl = {line.strip()[len(start) :].strip() for line in text.split("\n") if line.strip().startswith(start)}
    demand(found.ipl_time in ipl, f"IPL time {found.ipl_time!r}")
    demand(len(ipl - {""}) == 1, "two times of IPL")
    return True


def outcome(text: str) -> bool:
    error = smcli.failure("something", text)
    lines = [line.strip() for line in text.split("\n")]
    codes = [line.partition(":")[2].strip() for line in lines if line.startswith("Return Code:")]
    wrong = [code for code in codes if code.strip("0")]
    if error is None:
        demand(not wrong, f"done, with return code {wrong}")
        demand(codes or text.rstrip().endswith("Done"), "done, although nothing says so")
    return error is None


def coupling(text: str) -> bool:
    if not smcli.is_coupled_to(text, model.VSwitchName("VSW1")):
        return False
    lines = [line.strip() for line in text.split("\n")]
    names = {line.partition(":")[2].strip().upper() for line in lines if line.startswith("LAN name:")}
    demand(names == {"VSW1"}, f"coupled to {sorted(names)}")
    return True


def who(text: str) -> bool:
    try:
        userid, system = cp_texts.read_who(text)
    except errors.Untrusted:
        return False
    pairs = [line.split() for line in text.split("\n")]
    demand([userid, "AT", system] in [[w.upper() for w in words] for words in pairs], f"{userid} AT {system}")
    plain.name(userid)
    return True


def prefix(text: str) -> bool:
    try:
        found = cp_texts.read_user_prefix(text)
    except errors.Untrusted:
        return False
    words = text.upper().replace("PREFIX:", "PREFIX: ").split()
    plain_digits = {"".join(c for c in word.lower() if c not in ":.-") for word in words}
    demand(found.replace(":", "") in plain_digits, f"prefix {found}")
    said = {words[at + 2] for at, w in enumerate(words[:-2]) if (w, words[at + 1]) == ("USER", "PREFIX:")}
    demand(len(said) < 2, f"two user prefixes {sorted(said)}")
    return True


_NIC = model.NicAddress(model.Userid("LINUX02"), model.Vdev("0A00"))


def records(entry: tuple[bytes, ...]) -> bool:
    """Edits the entry; what is read of it afterwards must be what was to be written, all else as before."""
    change = base.Couple(
        _NIC, model.Mac("020000000030"), model.VSwitchName("VSW2"), True, False, frozenset({model.VlanId(77)})
    )
    try:
        before = _read(entry)
        edited = smapi_records.coupled(entry, change)
        after = _read(edited)
    except (errors.Untrusted, errors.Refused, errors.Gone):
        return False
    nic = after.pop(_NIC)
    demand((nic.vswitch, nic.vlans, nic.port) == (change.vswitch, change.vlans, None), f"written: {nic}")
    old = before.pop(_NIC)
    demand(nic.macid == old.macid, "another MACID")
    demand(after == before, "another NIC has been changed")
    foreign = [record for record in entry if record.upper().split()[:1] != [b"NICDEF"]]
    left = [record for record in edited if record.upper().split()[:1] != [b"NICDEF"]]
    demand(foreign == left, "a record of something else has been changed")
    demand(not any(record.rstrip().endswith(b",") for record in set(edited) - set(entry)), "goes on")
    cut = smapi_records.uncoupled(edited, _NIC)
    demand(not smapi_records.couples(cut, _NIC.vdev), "still coupled")
    return True


def _read(entry: tuple[bytes, ...] | list[bytes]) -> dict[model.NicAddress, model.DirectoryNic]:
    return nicdef.read_nics((_NIC.userid, record.decode("latin-1")) for record in entry)
