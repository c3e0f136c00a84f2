"""All parsers of what comes from outside."""

from tests.fuzz import feilong_targets, report_targets, smapi_targets, smcli_targets, xcat_targets
from tests.fuzz.target import Target


def all_targets() -> list[Target]:
    modules = (smcli_targets, xcat_targets, feilong_targets, smapi_targets, report_targets)
    return [target for module in modules for target in module.targets()]
