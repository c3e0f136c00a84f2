"""Machines live as guests do, and programs run in them as they would anywhere."""

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.dataplane.site import PATIENCE_S, Site, reaches, silent, until
from zvmsim.dataplane.machine import Machine

SAY_AND_SLEEP = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"


def test_a_guest_that_logs_off_is_gone_and_comes_back_as_another(site: Site) -> None:
    before, web2 = site.join("WEB1", "10", "10.0.0.1/24"), site.join("WEB2", "10", "10.0.0.2/24")
    site.do(lambda: site.world.systems["ZVMA"].logoff("WEB1"))
    assert silent(web2, "10.0.0.1")
    with pytest.raises(KeyError, match="WEB1 is not logged on to ZVMA"):
        site.machine("WEB1")
    site.do(lambda: site.world.systems["ZVMA"].logon("WEB1"))
    with pytest.raises(KeyError, match="ZVMA:WEB1 is gone, or was booted anew"):
        before.command(["true"])
    site.join("WEB1", "10", "10.0.0.1/24")
    assert reaches(web2, "10.0.0.1")


def test_an_ipl_takes_all_guests_and_brings_them_back_without_what_they_had(site: Site) -> None:
    before = site.join("WEB1", "10", "10.0.0.1/24")
    other = site.join("WEB2", "10", "10.0.0.2/24", system="ZVMB")
    assert reaches(other, "10.0.0.1")
    site.do(lambda: site.world.systems["ZVMA"].ipl())
    assert silent(other, "10.0.0.1")
    with pytest.raises(KeyError):
        before.ping("10.0.0.2")
    assert reaches(site.join("WEB1", "10", "10.0.0.1/24"), "10.0.0.2")


def test_a_logoff_and_logon_between_two_looks_is_noticed(site: Site) -> None:
    before = site.machine("WEB1")
    process = started(before, SAY_AND_SLEEP)

    def boot() -> None:
        site.world.systems["ZVMA"].logoff("WEB1")
        site.world.systems["ZVMA"].logon("WEB1")

    site.do(boot)
    assert process.wait(PATIENCE_S) == -signal.SIGKILL
    process.communicate()


def test_a_nic_comes_and_goes_while_the_guest_runs(site: Site) -> None:
    machine, system = site.machine("WEB1"), site.world.systems["ZVMA"]
    process = started(machine, SAY_AND_SLEEP)
    site.do(lambda: system.define_nic("WEB1", "0600"))
    assert interfaces(machine) == {"lo", "enc1000", "enc600"}
    site.do(lambda: system.detach_nic("WEB1", "1000"))
    assert interfaces(machine) == {"lo", "enc600"}
    assert process.poll() is None
    process.kill()
    process.communicate()


def test_a_nic_gets_another_mac_address_while_the_guest_runs(site: Site) -> None:
    site.do(lambda: site.world.systems["ZVMA"].set_nic_mac("WEB1", "1000", "ABCDEF"))
    assert mac_of(site.machine("WEB1"), "enc1000") == "02:00:01:ab:cd:ef"


def test_a_mac_address_that_the_guest_has_set_outlives_a_coupling(site: Site) -> None:
    machine, own = site.machine("WEB1"), "02:00:01:12:34:56"
    assert machine.run(["ip", "link", "set", "enc1000", "address", own], timeout=10).returncode == 0
    site.join("WEB1", "10", "10.0.0.1/24")
    assert mac_of(machine, "enc1000") == own


def mac_of(machine: Machine, interface: str) -> str:
    with machine.open_socket(socket.AF_PACKET, socket.SOCK_RAW) as ear:
        ear.bind((interface, 3))
        mac: bytes = ear.getsockname()[4]
        return mac.hex(":")


def test_what_lingers_in_a_guest_dies_with_it_wherever_it_has_gone(site: Site) -> None:
    """A daemon in a session and a network namespace of its own, as dnsmasq in that of a DHCP agent."""
    daemon = ["setsid", "unshare", "--net", sys.executable, "-c", SAY_AND_SLEEP]
    process = subprocess.Popen(
        site.machine("WEB1").command(daemon, own_run=True), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline()
    site.do(lambda: site.world.systems["ZVMA"].logoff("WEB1"))
    assert process.wait(PATIENCE_S) == -signal.SIGKILL
    process.communicate()


def test_a_guest_without_nics_is_a_machine_too(site: Site) -> None:
    site.do(lambda: site.world.systems["ZVMA"].detach_nic("WEB1", "1000"))
    assert interfaces(site.machine("WEB1")) == {"lo"}


def test_another_inventory_puts_other_machines_in_place(site: Site) -> None:
    text = site.simulator.dump_inventory().replace("WEB1", "NEW1")
    site.simulator.replace_inventory(text)
    assert interfaces(site.machine("NEW1")) == {"lo", "enc1000"}
    with pytest.raises(KeyError):
        site.machine("WEB1")


# Programs


def test_a_program_keeps_its_environment_folder_input_and_exit_status(site: Site, tmp_path: Path) -> None:
    machine = site.machine("WEB1")
    done = subprocess.run(
        machine.command(["sh", "-c", "pwd; echo $COLOUR; cat; exit 7"]),
        env={**os.environ, "COLOUR": "green"},
        cwd=tmp_path,
        input="hello\n",
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (done.returncode, done.stdout) == (7, f"{tmp_path}\ngreen\nhello\n")


def test_a_program_that_does_not_exist_is_named(site: Site) -> None:
    done = site.machine("WEB1").run(["no-such-program"], PATIENCE_S)
    assert (done.returncode, done.stderr) == (127, "no-such-program: No such file or directory\n")


@pytest.mark.parametrize("own_run", [False, True])
def test_sigterm_reaches_the_program_which_may_take_its_time(site: Site, own_run: bool) -> None:
    patient = "import signal; signal.sigwait({signal.SIGTERM}) and None; print('done'); raise SystemExit(3)"
    code = f"import signal; signal.pthread_sigmask(0, {{15}}); print('up', flush=True); {patient}"
    process = started(site.machine("WEB1"), code, own_run)
    process.terminate()
    output, _ = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, output) == (3, "done\n")


def test_a_program_killed_by_a_signal_is_seen_so(site: Site) -> None:
    done = site.machine("WEB1").run(["sh", "-c", "kill -9 $$"], PATIENCE_S)
    assert done.returncode == -signal.SIGKILL


def test_a_killed_launcher_takes_its_program_along(site: Site) -> None:
    machine = site.machine("WEB1")
    process = started(machine, SAY_AND_SLEEP)
    process.kill()
    process.communicate()
    until(lambda: programs_of(site) == [], "the program to die")


def test_a_process_group_can_be_killed(site: Site) -> None:
    command = site.machine("WEB1").command(["sh", "-c", "sleep 600 & echo up; sleep 600"])
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout
    assert process.stdout.readline() == "up\n"
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    until(lambda: programs_of(site) == [], "the programs to die")


def test_an_own_run_is_shared_by_a_machines_commands_and_by_no_other(site: Site) -> None:
    web1, web2 = site.machine("WEB1"), site.machine("WEB2")
    assert own(web1, "touch /run/netns/qdhcp; echo made") == "made\n"
    assert own(web1, "ls /run/netns") == "qdhcp\n"
    assert own(web2, "ls /run/netns") == ""
    assert own(web1, "cat /proc/1/cmdline | tr '\\0' ' '").endswith("zvmsim.dataplane.own_run ")
    assert own(web1, "ls /sys/class/net") == "enc1000\nlo\n"
    assert web1.run(["ls", "/run/netns"], PATIENCE_S).stdout.count("ZVMA:") == 4


def test_commands_that_come_at_once_share_one_run(site: Site) -> None:
    machine = site.machine("WEB1")
    answers: list[str] = []
    threads = [
        threading.Thread(target=lambda: answers.append(own(machine, "readlink /proc/self/ns/pid")))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    assert len(set(answers)) == 1


def test_a_program_sees_nothing_of_the_hosts_network(site: Site) -> None:
    listing = site.machine("WEB1").run(["cat", "/proc/net/dev"], PATIENCE_S).stdout
    assert {line.split(":")[0].strip() for line in listing.splitlines()[2:]} == {"lo", "enc1000"}


# The management line


def test_the_management_line_carries_connections_both_ways_and_half_closed(site: Site) -> None:
    machine = site.machine("WEB1")
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = machine.listen(0, server.getsockname()[:2])
        with machine.open_socket(socket.AF_INET, socket.SOCK_STREAM) as inside:
            inside.settimeout(PATIENCE_S)
            inside.connect(("127.0.0.1", line.port))
            outside, _ = server.accept()
            with outside, outside.makefile("rb") as questions, inside.makefile("rb") as answers:
                outside.settimeout(PATIENCE_S)
                inside.sendall(b"question" * 100_000)
                inside.shutdown(socket.SHUT_WR)
                assert questions.read() == b"question" * 100_000
                outside.sendall(b"answer" * 100_000)
                outside.shutdown(socket.SHUT_WR)
                assert answers.read() == b"answer" * 100_000


def test_a_management_line_to_nobody_closes_the_connection(site: Site) -> None:
    machine = site.machine("WEB1")
    with socket.create_server(("127.0.0.1", 0)) as server:
        nobody = server.getsockname()[:2]
    line = machine.listen(7000, nobody)
    with machine.open_socket(socket.AF_INET, socket.SOCK_STREAM) as inside:
        inside.settimeout(PATIENCE_S)
        inside.connect(("127.0.0.1", line.port))
        assert inside.recv(1) == b""


def test_two_machines_may_have_the_same_port_and_one_machine_not(site: Site) -> None:
    web1, web2 = site.machine("WEB1"), site.machine("WEB2")
    line = web1.listen(5672, ("127.0.0.1", 9))
    web2.listen(5672, ("127.0.0.1", 9))
    with pytest.raises(OSError, match="Address already in use"):
        web1.listen(5672, ("127.0.0.1", 9))
    line.close()
    web1.listen(5672, ("127.0.0.1", 9))


def test_a_management_line_ends_with_its_boot(site: Site) -> None:
    machine = site.machine("WEB1")
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = machine.listen(0, server.getsockname()[:2])
        with machine.open_socket(socket.AF_INET, socket.SOCK_STREAM) as inside:
            inside.settimeout(PATIENCE_S)
            inside.connect(("127.0.0.1", line.port))
            outside, _ = server.accept()
            with outside:
                outside.settimeout(PATIENCE_S)
                site.do(lambda: site.world.systems["ZVMA"].logoff("WEB1"))
                assert outside.recv(1) == b""


def started(machine: Machine, code: str, own_run: bool = False) -> "subprocess.Popen[str]":
    """A Python program that has said a line."""
    process = subprocess.Popen(
        machine.command([sys.executable, "-c", code], own_run), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline()
    return process


def own(machine: Machine, script: str) -> str:
    command = machine.command(["sh", "-c", script], own_run=True)
    return subprocess.check_output(command, text=True, timeout=PATIENCE_S)


def interfaces(machine: Machine) -> set[str]:
    listing = machine.run(["cat", "/proc/net/dev"], PATIENCE_S).stdout
    return {line.split(":")[0].strip() for line in listing.splitlines()[2:]}


def programs_of(site: Site) -> list[str]:
    """Process ids in the private tree, apart from the switch process."""
    tree = Path(f"/proc/{site.packets.process}/root/proc")
    return [name for name in os.listdir(tree) if name.isdigit() and name != "1"]
