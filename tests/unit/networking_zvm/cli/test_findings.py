import json

import pytest

from networking_zvm.cli import findings
from networking_zvm.cli.findings import Finding, Level

FINE = Finding(Level.OK, "clock", "agrees")
LOOK = Finding(Level.WARN, "clock", "is late", "set it")
BROKEN = Finding(Level.FAIL, "z/VM", "is gone")
UNSEEN = Finding(Level.SKIP, "networks", "not looked at")


@pytest.mark.parametrize(
    ("found", "code"),
    [([], 0), ([FINE], 0), ([FINE, UNSEEN], 0), ([LOOK, FINE], 1), ([LOOK, BROKEN, UNSEEN], 2)],
)
def test_the_exit_code_is_that_of_the_worst(found, code):
    assert findings.exit_code(found) == code


def test_the_remedy_stands_under_its_line():
    assert findings.as_text(LOOK, 8) == "WARN  clock     is late\n                -> set it"
    assert findings.as_text(BROKEN, 8) == "FAIL  z/VM      is gone"


def test_the_summary_counts_what_there_is():
    assert findings.summary([FINE, FINE, LOOK, UNSEEN]) == "1 skipped, 1 to look at, 2 ok"


def test_json_holds_all_of_it():
    document = json.loads(findings.as_json([LOOK, BROKEN]))
    assert document["exit_code"] == 2
    assert document["findings"][0] == {
        "level": "WARN", "topic": "clock", "text": "is late", "remedy": "set it"
    }  # fmt: skip
