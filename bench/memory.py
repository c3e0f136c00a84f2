"""How much memory a process uses."""

from pathlib import Path


def resident_megabytes() -> float:
    """Resident memory of the calling process, in MB of 1,000,000 bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    kibibytes = next(line.split()[1] for line in lines if line.startswith("VmRSS:"))
    return int(kibibytes) * 1024 / 1e6
