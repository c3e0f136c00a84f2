"""Runs a program in other namespaces: `python -I -S enter.py NAMESPACE_FILE... -- PROGRAM [ARGUMENT...]`.

Environment, working directory and open files stay. Signals that this process gets from processes go on to the
program; those that a terminal sends reach it anyway, as it is in the same process group. The exit status is
the program's. If this process is killed, the kernel kills the program.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

_PR_SET_PDEATHSIG: Final = 1
_SI_USER: Final = 0
_PASSED_ON: Final = frozenset(
    {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2}
)
_WATCHED: Final = _PASSED_ON | {signal.SIGCHLD}

_NOT_FOUND: Final = 127
_libc = ctypes.CDLL(None, use_errno=True)


def main() -> NoReturn:
    """Raises OSError where a namespace or the working directory cannot be entered."""
    end = sys.argv.index("--")
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
    enter(sys.argv[1:end])
    program = os.fork()
    if not program:
        _become(sys.argv[end + 1 :], before)
    _end_as(_watch(program))


def enter(files: Sequence[str]) -> None:
    """Enter all these namespaces, found where they are before the first is entered."""
    folder = os.getcwd()
    for namespace in [os.open(file, os.O_RDONLY | os.O_CLOEXEC) for file in files]:
        if _libc.setns(namespace, 0):
            number = ctypes.get_errno()
            raise OSError(number, f"setns: {os.strerror(number)}")
        os.close(namespace)
    os.chdir(folder)


def _become(command: list[str], signals: "set[int | signal.Signals]") -> NoReturn:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.pthread_sigmask(signal.SIG_SETMASK, signals)
    try:
        os.execvp(command[0], command)  # noqa: S606
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        os._exit(_NOT_FOUND)


def _watch(program: int) -> int:
    """Pass signals on until the program has ended; returns its wait status."""
    while True:
        come = signal.sigwaitinfo(_WATCHED)
        if come.si_signo == signal.SIGCHLD:
            ended, status = os.waitpid(program, os.WNOHANG)
            if ended:
                return status
        elif come.si_code <= _SI_USER:
            os.kill(program, come.si_signo)


def _end_as(status: int) -> NoReturn:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 1)


if __name__ == "__main__":
    main()
