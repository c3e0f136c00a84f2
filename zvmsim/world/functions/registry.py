"""The table of SMAPI functions and the way a request passes through it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from zvmsim.world.functions.parameters import Arguments, Parameter
from zvmsim.world.operations import begin
from zvmsim.world.smapi import Reply, Request, SmapiError
from zvmsim.world.system import System

Rule = Callable[[System, Arguments], Reply]

UNKNOWN_FUNCTION = Reply(900, 12)
DIRECTORY_OFFLINE = Reply(0, 8)
_AT_ONCE = (
    "Image_Create_",
    "Image_Delete_",
    "Image_Lock_",
    "Image_Unlock_",
    "Static_Image_Changes_",
    "Asynchronous_Notification_",
)


@dataclass(frozen=True, slots=True)
class Function:
    """One SMAPI function.

    mutating: it changes z/VM's state. positional: its parameters come in a fixed order, so errors carry
        their position.
    open_keywords: it takes keywords beyond its parameters (Image_Definition_*).
    """

    name: str
    rule: Rule
    mutating: bool
    positional: bool
    parameters: Mapping[str, Parameter]
    open_keywords: bool = False


FUNCTIONS: dict[str, Function] = {}


def function(
    name: str, *parameters: Parameter, mutating: bool, positional: bool = False, open_keywords: bool = False
) -> Callable[[Rule], Rule]:
    """Enter the decorated rule into the table."""

    def enter(rule: Rule) -> Rule:
        by_name = {parameter.name: parameter for parameter in parameters}
        FUNCTIONS[name] = Function(name, rule, mutating, positional, by_name, open_keywords)
        return rule

    return enter


def is_mutating(name: str) -> bool:
    """Whether a function changes state; an unknown one does not."""
    return name in FUNCTIONS and FUNCTIONS[name].mutating


def carry_out(system: System, request: Request, caller: str) -> Reply:
    """Check the request, apply its rule, and answer; refusals become replies."""
    known = FUNCTIONS.get(request.function)
    if known is None:
        return UNKNOWN_FUNCTION
    try:
        values = _checked(known, request.arguments)
        target = request.target.strip().upper()
        reply = _apply(known, system, Arguments(target, caller.upper(), values, request.records))
    except SmapiError as error:
        return Reply(error.rc, error.rs, None, error.error_text)
    offline = known.mutating and known.name.endswith("_DM") and not system.directory.online
    return DIRECTORY_OFFLINE if offline and reply == Reply() else reply


def _apply(known: Function, system: System, call: Arguments) -> Reply:
    if system.behaviour.directory_changes == "at once" or not _may_take_long(known):
        return known.rule(system, call)
    return Reply(592, begin(system, lambda: known.rule(system, call)))


def _may_take_long(known: Function) -> bool:
    """Whether it alters an entry. Guess: entries come and go, locks and the object directory change at once.
    """
    return known.mutating and known.name.endswith("_DM") and not known.name.startswith(_AT_ONCE)


def _checked(known: Function, arguments: Mapping[str, str]) -> dict[str, str]:
    """Normal forms by parameter name, without the unspecified ones.

    Keyword functions: 8/3002 unknown keyword, 8/3003 bad value, 8/3004 missing. Positional functions: 900/20
    for a parameter they do not have, 24/ppnn for parameter pp (10 = length, 11 = value).
    """
    given = {key.lower(): value for key, value in arguments.items()}
    if not known.open_keywords and (strange := [key for key in given if key not in known.parameters]):
        codes = (900, 20) if known.positional else (8, 3002)
        raise SmapiError(*codes, f"unknown parameter {strange[0]}")
    values = {key: value for key, value in given.items() if key not in known.parameters}
    for position, parameter in enumerate(known.parameters.values(), start=1):
        if value := _value(known, position, parameter, given.get(parameter.name, "")):
            values[parameter.name] = value
    return values


def _value(known: Function, position: int, parameter: Parameter, given: str) -> str:
    try:
        value = parameter.check(given) if given.strip() else ""
    except ValueError as error:
        codes = (24, 100 * position + 11) if known.positional else (8, 3003)
        raise SmapiError(*codes, f"{parameter.name}: {error}") from error
    if parameter.required and not value:
        codes = (24, 100 * position + 10) if known.positional else (8, 3004)
        raise SmapiError(*codes, f"{parameter.name} is missing")
    return value
