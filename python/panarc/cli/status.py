"""Exit statuses of the command."""

#: All is well.
OK = 0
#: Something is wrong with data or files.
FAILED = 1
#: The command was not understood.
USAGE = 2
#: The reader of a pipe went away; what a shell reports for programs that the signal ends.
BROKEN_PIPE = 128 + 13
#: Ctrl-C.
INTERRUPTED = 128 + 2


class UsageError(Exception):
    """The command was not understood, or asks for what is not there yet."""


class Terminated(BaseException):
    """A signal asks to end.

    Parameters
    ----------
    signal
        Its number.
    """

    def __init__(self, signal: int) -> None:
        super().__init__(signal)
        self.signal = signal
