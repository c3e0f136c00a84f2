"""What real packets cost in the simulator: many guests up and down, the way of a frame, doing nothing."""

import os
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.figures import Figures
from bench.scope import Scope
from zvmsim import dataplane
from zvmsim.dataplane.machine import Machine
from zvmsim.dataplane.packets import Packets
from zvmsim.server import Simulator

VLANS = 50
PINGS = 200
STREAM_BYTES = 200_000_000
IDLE_S = 10.0
PATIENCE_S = 120.0


def packets(scope: Scope) -> Iterator[Figures]:
    if lacks := dataplane.missing():
        yield Figures("packets", {}, {"left out, for want of": "; ".join(lacks)})
        return
    for guests in (100,) if scope.quick else (100, 1000):
        yield _many_guests(guests, idle=not scope.quick)
    yield _way_of_a_frame("one vswitch", "ZVMA", scope)
    yield _way_of_a_frame("two systems", "ZVMB", scope)


def _many_guests(number: int, idle: bool) -> Figures:
    simulator = Simulator.from_inventory(_inventory(number), packets=True)
    started = time.monotonic()
    simulator.start()
    packets = _packets(simulator)
    packets.settle(PATIENCE_S)
    values: dict[str, float] = {"up_s": time.monotonic() - started}
    values["one_change_ms"] = 1000 * statistics.median(_change(simulator, guest) for guest in range(20))
    values["switch_rss_mb"] = _resident_megabytes(packets.process)
    if idle:
        values["idle_cpu_percent"] = _idle_cpu(packets.process)
    started = time.monotonic()
    simulator.stop()
    values["stop_s"] = time.monotonic() - started
    aim = "up 10 s, stop 5 s" if number == 1000 else ""
    return Figures("packets", {"guests": number, "vlans": VLANS}, values, aim=aim)


def _way_of_a_frame(path: str, other: str, scope: Scope) -> Figures:
    with Simulator.from_inventory(_inventory(VLANS + 1), packets=True) as simulator:
        near = _packets(simulator).machine("ZVMA", _userid(0))
        far = _packets(simulator).machine(other, _userid(VLANS))
        near.address("1000", "10.0.0.1/24")
        far.address("1000", "10.0.0.2/24")
        near.ping("10.0.0.2", PATIENCE_S)
        pings = [near.ping("10.0.0.2") or PATIENCE_S for _ in range(PINGS)]
        size = STREAM_BYTES // 10 if scope.quick else STREAM_BYTES
        values = {
            "ping_median_us": statistics.median(pings) * 1e6,
            "ping_p99_us": statistics.quantiles(pings, n=100)[-1] * 1e6,
            "tcp_mbit_per_s": size * 8 / 1e6 / _stream(near, far, size),
        }
    return Figures("packets", {"path": path}, values)


def _change(simulator: Simulator, guest: int) -> float:
    """Seconds from uncoupling a guest in the world to the switch having done it."""
    started = time.monotonic()
    with simulator.world.lock:
        simulator.world.systems["ZVMA"].uncouple(_userid(guest), "1000")
    _packets(simulator).settle(PATIENCE_S)
    return time.monotonic() - started


def _stream(near: Machine, far: Machine, size: int) -> float:
    """Seconds that so many bytes take over one TCP connection."""
    with far.open_socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("10.0.0.2", 5001))
        listener.listen()
        listener.settimeout(PATIENCE_S)
        sender = threading.Thread(target=_send, args=(near, size))
        sender.start()
        connection, _ = listener.accept()
        started = time.monotonic()
        with connection:
            while connection.recv(1 << 20):
                pass
        sender.join()
        return time.monotonic() - started


def _send(machine: Machine, size: int) -> None:
    with machine.open_socket(socket.AF_INET, socket.SOCK_STREAM) as mouth:
        mouth.settimeout(PATIENCE_S)
        mouth.connect(("10.0.0.2", 5001))
        mouth.sendall(bytes(size))


def _idle_cpu(process: int) -> float:
    """Percent of a processor that the switch process uses when nobody sends.

    New guests do send: IPv6 looks for duplicates and routers for some 12 s.
    """
    time.sleep(IDLE_S * 2)
    before = _cpu_seconds(process)
    time.sleep(IDLE_S)
    return (_cpu_seconds(process) - before) / IDLE_S * 100


def _cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")")[-1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_megabytes(process: int) -> float:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _packets(simulator: Simulator) -> Packets:
    if simulator.packets is None:
        raise RuntimeError("packets were wanted")
    return simulator.packets


def _inventory(guests: int) -> dict[str, Any]:
    """Guests of ZVMA spread over the VLANs; ZVMB has one, in the first guest's VLAN."""
    return {
        "lans": ["campus"],
        "systems": {"ZVMA": _system(1, range(guests)), "ZVMB": _system(2, range(VLANS, VLANS + 1))},
    }


def _system(number: int, guests: range) -> dict[str, Any]:
    grants = {_userid(guest): {"vlans": str(10 + guest % VLANS)} for guest in guests}
    vswitch = {"transport": "ETHERNET", "vlan": "AWARE", "rdevs": "A100", "grants": grants}
    nicdef = "NICDEF 1000 TYPE QDIO LAN SYSTEM VSW1 DEVICES 3"
    return {
        "level": 710,
        "system_prefix": f"02000{number}",
        "osas": {"A100": {"lan": "campus"}},
        "vswitches": {"VSW1": vswitch},
        "directory": {userid: [f"USER {userid} LBYONLY 1G 2G G", nicdef] for userid in grants},
        "guests": {userid: {} for userid in grants},
    }


def _userid(number: int) -> str:
    return f"G{number:05d}"
