"""Values from oslo.config; one that cannot be read becomes a problem instead of an exception."""

import contextlib
import dataclasses
from typing import Any

from oslo_config import cfg

from networking_zvm.conf import options
from networking_zvm.conf.files import Files

_DEFAULTS = (cfg.Locations.opt_default, cfg.Locations.set_default)


@dataclasses.dataclass(slots=True)
class Problems:
    """What was found. errors: the agent cannot start. notes: it can, but its operator should know."""

    errors: list[str] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)


class Values:
    """Reads options; what is wrong with one goes to `problems`, and its default is used to go on."""

    def __init__(self, conf: cfg.ConfigOpts, files: Files, problems: Problems) -> None:
        self._conf = conf
        self.files = files
        self.problems = problems

    def zvm(self, name: str) -> Any:
        """An option of [zvm], wherever it stands and under whichever name."""
        option = next(o for o in options.OPTIONS if o.dest == name)
        return self._read(option, options.GROUP)

    def neutron(self, option: cfg.Opt, group: str = "DEFAULT") -> Any:
        """An option of Neutron's, or one of a section whose name only the files tell."""
        with contextlib.suppress(cfg.DuplicateOptError):
            self._conf.register_opt(option, None if group == "DEFAULT" else group)
        return self._read(option, group)

    def where(self, name: str) -> str:
        """Where an option of [zvm] is set, or could be."""
        option = next(o for o in options.OPTIONS if o.dest == name)
        return str(self.files.winner(_names(option, options.GROUP)) or f"[{options.GROUP}] {name}")

    def is_set(self, name: str) -> bool:
        """Whether somebody has set this option of [zvm], in a file or elsewhere."""
        try:
            location = self._conf.get_location(name, options.GROUP)
        except (ValueError, cfg.Error):
            return True
        return location is not None and location.location not in _DEFAULTS

    def _read(self, option: cfg.Opt, group: str) -> Any:
        try:
            scope = self._conf if group == "DEFAULT" else self._conf[group]
            return scope[option.dest]
        except ValueError as error:
            problem = f"is not valid: {error.__context__ or error}"
        except cfg.Error:
            problem = "refers with $ to an option that does not exist: write a dollar sign as $$"
        place = self.files.winner(_names(option, group)) or f"[{group}] {option.dest}"
        self.problems.errors.append(f"{place}: the value {problem}")
        return option.default


def _names(option: cfg.Opt, group: str) -> list[tuple[str, str]]:
    """The names under which oslo.config looks for the option, in its order."""
    return [(group, option.dest), *((old.group, old.name) for old in option.deprecated_opts)]
