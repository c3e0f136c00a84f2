"""Runs the tests that are named, or all; writes what became of each to the file ZVM_NOVA_OUTCOMES, if set."""

import json
import os
import sys
import unittest

import nova.tests.functional  # noqa: F401  before anything else: it decides between threads and eventlet

from tests.nova.services import site as sites

MODULES = ("boot", "attach", "events", "lifecycle")
OUTCOMES = "ZVM_NOVA_OUTCOMES"


class Result(unittest.TextTestResult):
    """Keeps the outcome of each test: "", or what went wrong."""

    def __init__(self, *arguments: object, **more: object) -> None:
        super().__init__(*arguments, **more)
        self.outcomes: dict[str, str] = {}

    def stopTest(self, test: unittest.TestCase) -> None:
        super().stopTest(test)
        failed = [text for case, text in (*self.failures, *self.errors) if case is test]
        self.outcomes[test.id()] = "\n".join(failed)


def main(names: list[str]) -> bool:
    """Whether all is well."""
    suite = unittest.defaultTestLoader.loadTestsFromNames(
        [f"{__package__}.{name}" for name in names or MODULES]
    )
    with sites.running_site() as sites.site:
        result = unittest.TextTestRunner(verbosity=2, resultclass=Result).run(suite)
    if file := os.environ.get(OUTCOMES):
        with open(file, "w") as stream:
            json.dump(result.outcomes, stream)
    return result.wasSuccessful()


if __name__ == "__main__":
    sys.exit(not main(sys.argv[1:]))
