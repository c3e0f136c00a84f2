"""What can go wrong with packets."""


class PacketsError(Exception):
    """The switch process cannot be started, did not do what it was asked to, or is gone."""


class NoMachineError(KeyError):
    """No such machine: the guest is not logged on, was logged on anew since, or the line is unplugged."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""
