"""What the process tells its caller at the end."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of every command."""

    OK = 0
    """All pictures were made."""
    INCOMPLETE = 1
    """Some pictures failed or still wait, or the text was cut; the output is written."""
    USAGE = 2
    """Wrong usage or unreadable input; nothing was written."""
    INTERRUPTED = 130
    """Ctrl-C; what was finished is written."""
