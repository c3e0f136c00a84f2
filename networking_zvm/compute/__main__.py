"""`python -m networking_zvm.compute`: says whether Nova will find the driver; exit status 1 if not."""

import sys

from networking_zvm.compute import installation


def main() -> int:
    """The exit status."""
    found = list(installation.problems())
    print("\n".join(found) or f"Nova finds the driver: compute_driver = {installation.DRIVER}")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
