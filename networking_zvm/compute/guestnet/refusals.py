"""The error of a network that a guest could not be told of."""

from networking_zvm import errors


class CannotConfigure(errors.ZvmError):
    """A guest cannot be told of a network as Neutron describes it; found out before anything is created.

    Trying the same again is useless. reason: what is in the way. remedy: what to do about it.
    """

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}: {remedy}")
        self.reason = reason
        self.remedy = remedy
