"""How operations on a guest's NICs fail, in words for an operator."""

from collections.abc import Iterable

from networking_zvm import errors


class ContradictionError(errors.ZvmError):
    """What is asked for cannot be, or contradicts what is there; none of it was touched.

    problems: one sentence each, naming both sides and what to do.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


class OperationFailedError(errors.ZvmError):
    """z/VM or its control point did not do what was asked.

    cause: why, as one of the HypervisorError classes. left: what could not be taken back again and why, empty
    if the guest is as it was.
    """

    def __init__(self, what: str, cause: errors.HypervisorError, left: str = "") -> None:
        super().__init__(f"{what}: {cause}{f'; moreover, {left}' if left else ''}")
        self.cause = cause
        self.left = left
