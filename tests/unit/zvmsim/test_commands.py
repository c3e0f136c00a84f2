"""The executables: what they send arrives as it is, what comes back is printed as it is."""

import logging
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zvmsim.dialects.commands.service import CommandAccess
from zvmsim.server import Simulator
from zvmsim.world.spool import ReaderFile

UNREACHABLE = 101


class Guest:
    """The guest OPNCLOUD of ZVMA, as a process in it sees z/VM."""

    def __init__(self, simulator: Simulator) -> None:
        self.world = simulator.world
        self.system = self.world.systems["ZVMA"]
        self.access: CommandAccess = simulator.commands["ZVMA"]

    def run(self, *words: str | bytes, **environment: str) -> subprocess.CompletedProcess[bytes]:
        env = {**self.access.environment(os.environ["PATH"]), **environment}
        return subprocess.run(words, env=env, capture_output=True, timeout=30)

    def punched(self, path: Path) -> ReaderFile:
        done = self.run("sudo", "/usr/sbin/vmur", "punch", "-r", str(path))
        assert (done.returncode, done.stdout) == (0, b"Reader file with spoolid 0001 created.\n")
        (file,) = self.system.spool.files("OPNCLOUD")
        self.system.spool.purge_all("OPNCLOUD")
        return file


@pytest.fixture(scope="module")
def guest() -> Iterator[Guest]:
    with Simulator.from_inventory("two-systems") as simulator:
        yield Guest(simulator)


@pytest.fixture(autouse=True)
def _no_faults(guest: Guest) -> Iterator[None]:
    yield
    guest.world.faults.clear()


class TestPrograms:
    def test_vmcp(self, guest: Guest) -> None:
        for words in (["sudo", "/sbin/vmcp", "query userid"], ["vmcp", "q", "userid"]):
            done = guest.run(*words)
            assert (done.returncode, done.stdout, done.stderr) == (0, b"OPNCLOUD AT ZVMA\n", b"")

    def test_vmcp_refused_prints_the_message_first(self, guest: Guest) -> None:
        done = guest.run("sudo", "vmcp", "q", "NOBODY")
        assert (done.returncode, done.stdout) == (1, b"HCPCQU045E NOBODY not logged on\n")
        assert done.stderr == b"Error: non-zero CP response for command 'Q NOBODY': #45\n"

    def test_smcli_with_its_header(self, guest: Guest) -> None:
        done = guest.run("sudo", "/opt/zthin/bin/smcli", "Image_Query_DM", "--addRCheader", "-T", "OPNCLOUD")
        assert done.returncode == 0
        assert done.stdout == b"0 0 0 (details) None\nUSER OPNCLOUD LBYONLY 4G 8G BG\n"

    def test_the_caller_is_the_guest(self, guest: Guest) -> None:
        mark = guest.world.journal.mark()
        guest.run("smcli", "Query_API_Functional_Level", "-T", "OPNCLOUD")
        (entry,) = guest.world.journal.entries(mark)
        assert (entry.call.system, entry.call.caller) == ("ZVMA", "OPNCLOUD")

    def test_records_of_a_file(self, guest: Guest, tmp_path: Path) -> None:
        file = tmp_path / "entry"
        file.write_text("USER MADEHERE LBYONLY 1G 1G G\nINCLUDE OSDFLT\n")
        done = guest.run("smcli", "Image_Create_DM", "-T", "MADEHERE", "-f", str(file))
        assert (done.returncode, done.stdout) == (0, b"Done\n")
        assert guest.system.directory.source["MADEHERE"][1] == "INCLUDE OSDFLT"
        assert guest.run("smcli", "Image_Create_DM", "-T", "X", "-f", str(tmp_path / "no")).returncode == 1

    @pytest.mark.parametrize("words", [["-f IMMED"], ["-f", "IMMED"]])
    def test_an_f_that_is_no_file(self, guest: Guest, words: list[str]) -> None:
        """Feilong sends both forms."""
        assert guest.run("smcli", "Image_Deactivate", "-T", "ROUTER1", *words).returncode == 0
        assert "ROUTER1" not in guest.system.guests
        with guest.world.lock:
            guest.system.logon("ROUTER1")

    def test_one_that_does_not_exist(self, guest: Guest, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.WARNING):
            done = guest.run("sudo", "/sbin/chccwdev", "-e", "0100")
        assert (done.returncode, done.stderr) == (127, b"chccwdev: command not found\n")
        assert "chccwdev" in caplog.text

    def test_vmur_without_a_file(self, guest: Guest) -> None:
        done = guest.run("vmur", "punch", "-r", "/nowhere/at/all")
        assert (done.returncode, done.stdout) == (1, b"")

    def test_iucvclnt(self, guest: Guest) -> None:
        done = guest.run("sudo", "/opt/zthin/bin/IUCV/iucvclnt", "DBSRV1", "vmcp q 0600")
        assert done.stdout.startswith(b"OSA  0600 ON NIC  0600  UNIT 000")
        failed = guest.run("iucvclnt", "DBSRV1", "vmcp q 0fff")
        assert failed.returncode == 8
        assert b"Return code 8, Reason code 1." in failed.stdout
        off = guest.run("iucvclnt", "ZHCPX", "pwd")
        assert off.returncode == 4
        assert f"Return code 4, Reason code {UNREACHABLE}.".encode() in off.stdout

    def test_unpackdiskimage_wants_a_disk_and_nobody_on_it(self, guest: Guest) -> None:
        unpack = ("sudo", "/opt/zthin/bin/unpackdiskimage", "DISKED", "0100", "/images/0100")
        with guest.world.lock:
            guest.system.directory.create("DISKED", ("USER DISKED LBYONLY 1G 1G G",))
        without = guest.run(*unpack)
        assert (without.returncode, without.stdout.splitlines()[-1][:6]) == (3, b"ERROR:")
        disk = ["-v", "0100", "-t", "3390", "-a", "AUTOG", "-r", "POOL1", "-u", "1", "-z", "9", "-m", "MR"]
        assert guest.run("smcli", "Image_Disk_Create_DM", "-T", "DISKED", *disk).stdout == b"Done\n"
        assert guest.run(*unpack).returncode == 0
        with guest.world.lock:
            guest.system.logon("DISKED")
        assert b"ERROR: The specified target system is currently running." in guest.run(*unpack).stdout

    def test_a_shell_becomes_the_guest(self, guest: Guest) -> None:
        line = f". {guest.access.script}; vmcp query userid; smcli Image_Status_Query -T OPNCLOUD"
        done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=30)
        assert done.stdout == "OPNCLOUD AT ZVMA\nOPNCLOUD\n"
        assert guest.access.script.stat().st_mode & 0o777 == 0o600


class TestReaderFiles:
    """CHANGE, TRANSFER and PURGE, as Feilong sends them one after another."""

    def test_from_one_guest_to_another(self, guest: Guest) -> None:
        spool = guest.system.spool
        spool.punch("OPNCLOUD", "script", b"#!/bin/bash\n")
        assert guest.run("vmcp", "change", "rdr", "0001", "class", "x").returncode == 0
        assert guest.run("vmcp", "transfer", "*", "rdr", "0001", "to", "dbsrv1", "rdr").returncode == 0
        assert spool.files("OPNCLOUD") == []
        (file,) = spool.files("DBSRV1")
        assert (file.name, file.spool_class, file.origin) == ("script", "X", "OPNCLOUD")
        purge = guest.run("smcli", "System_RDR_File_Manage", "-T", "DBSRV1", "-k", "spoolids=all")
        assert purge.stdout == b"Done\n"
        assert spool.files("DBSRV1") == []

    @pytest.mark.parametrize(
        ("command", "message"),
        [
            ("purge rdr 0009", b"HCPNET042E"),
            ("transfer * rdr 0009 to dbsrv1 rdr", b"HCPNET042E"),
            ("transfer * rdr 0009 to nobody rdr", b"HCPNET053E"),
            ("change rdr 0009 class x", b"HCPNET042E"),
            ("change rdr 0009", b"HCPNET026E"),
            ("purge prt 0009", b"HCPNET003E"),
        ],
    )
    def test_refusals(self, guest: Guest, command: str, message: bytes) -> None:
        done = guest.run("vmcp", command)
        assert done.returncode == 1
        assert done.stdout.startswith(message)

    def test_purge(self, guest: Guest) -> None:
        for name in ("one", "two", "three"):
            guest.system.spool.punch("OPNCLOUD", name, b"")
        assert guest.run("vmcp", "purge", "rdr", "0002").returncode == 0
        assert [file.number for file in guest.system.spool.files("OPNCLOUD")] == [1, 3]
        assert guest.run("vmcp", "purge", "reader", "all").returncode == 0
        assert guest.system.spool.files("OPNCLOUD") == []


PIECES = st.lists(st.sampled_from([b"\0", b"\n", b"a\xff"])).map(b"".join)


class TestBytes:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(content=st.binary(max_size=2000) | PIECES)
    def test_any_file_arrives_as_it_is(self, guest: Guest, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "file"
        path.write_bytes(content)
        assert guest.punched(path).content == content

    def test_a_config_drive_arrives(self, guest: Guest, tmp_path: Path) -> None:
        """Most of it is NULs."""
        content = bytes(500_000) + b"CD001" + bytes(100_000)
        (tmp_path / "cfgdrive.iso").write_bytes(content)
        assert guest.punched(tmp_path / "cfgdrive.iso").content == content

    @pytest.mark.parametrize("name", ["a b", "*", "$HOME `id`", 'quo"te\'s', "two\nlines", "späť", "-r", " "])
    def test_any_word_arrives_as_it_is(self, guest: Guest, tmp_path: Path, name: str) -> None:
        path = tmp_path / name
        path.write_text("x")
        assert guest.punched(path).name == name

    def test_a_long_text_comes_back_as_it_is(self, guest: Guest) -> None:
        with guest.world.lock:
            records = ("USER LONG P 1G 1G G", *(f"* {number:05} ěščř" for number in range(2000)))
            guest.system.directory.create("LONG", records)
        done = guest.run("smcli", "Image_Query_DM", "-T", "LONG")
        assert done.stdout.decode().splitlines() == list(records)


class TestFaults:
    def test_a_lost_connection_to_smapi(self, guest: Guest) -> None:
        guest.world.faults.add({"function": "Image_Query_DM", "reply": "drop"})
        done = guest.run("smcli", "Image_Query_DM", "--addRCheader", "-T", "OPNCLOUD")
        assert done.returncode == 256 - 104
        assert done.stdout.startswith(b"25 -104 104 (details) ")

    def test_vmur_and_iucvclnt_pass_the_gate(self, guest: Guest, tmp_path: Path) -> None:
        guest.world.faults.add({"function": "cp:punch", "reply": {"rc": 396, "rs": 427}})
        guest.world.faults.add({"function": "iucv:*", "object": "DBSRV1", "reply": "drop"})
        (tmp_path / "file").write_text("x")
        assert guest.run("vmur", "punch", "-r", str(tmp_path / "file")).returncode == 1
        assert guest.system.spool.files("OPNCLOUD") == []
        assert guest.run("iucvclnt", "DBSRV1", "pwd").returncode == 4


class TestSecret:
    def test_a_stranger_gets_no_answer(self, guest: Guest) -> None:
        mark = guest.world.journal.mark()
        done = guest.run("vmcp", "q", "userid", ZVMSIM_SECRET="guessed")
        assert (done.returncode, done.stdout) == (127, b"")
        assert guest.world.journal.entries(mark) == []

    def test_it_is_not_shown(self, guest: Guest) -> None:
        assert guest.access.secret not in repr(guest.access)

    def test_no_simulator(self, guest: Guest) -> None:
        done = guest.run("vmcp", "q", "userid", ZVMSIM_COMMANDS="127.0.0.1/1")
        assert (done.returncode, done.stdout) == (127, b"")


def test_the_executables_end_with_the_simulator() -> None:
    with Simulator.from_inventory("two-systems") as simulator:
        folder = simulator.commands["ZVMB"].folder
        assert {path.name for path in folder.iterdir()} == {"sudo", "smcli", "vmcp", "vmur", "iucvclnt"}
    assert not folder.parent.exists()
