"""Where Feilong's virtual environment is, and whether it is there."""

import sys
from pathlib import Path
from typing import Final

from zvmlab.cloud.errors import CloudError

ENVIRONMENT: Final = Path(sys.prefix) / "feilong"
MAKE: Final = "tools/make-feilong-venv"
_COMPLETE: Final = ENVIRONMENT / ".complete"


def python() -> Path:
    """Feilong's Python. Raises CloudError if the environment has not been made."""
    if not _COMPLETE.exists():
        raise CloudError(f"Feilong's environment {ENVIRONMENT} is not there; {MAKE} makes it")
    return ENVIRONMENT / "bin" / "python"
