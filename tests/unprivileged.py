"""Processes for which the rights of files count, also where the tests are run by root."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WITHOUT_PRIVILEGE = """
import ctypes, os, sys
if os.geteuid() == 0:
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        if ctypes.CDLL(None, use_errno=True).prctl(24, capability, 0, 0, 0):  # PR_CAPBSET_DROP
            raise OSError(ctypes.get_errno(), "the privilege cannot be given up")
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""A program that becomes Python with its arguments. Root stays root and owns what it owns, but may
no longer read and write what the rights of a file forbid."""


def unprivileged(*arguments: str) -> list[str]:
    """The command that runs Python so that the rights of files count."""
    return [sys.executable, "-c", WITHOUT_PRIVILEGE, *arguments]


@contextmanager
def rights(place: Path, *, folders: int, files: int) -> Iterator[None]:
    """A directory and all below it with other rights, for the time of the block."""
    all_of_it = (place, *place.rglob("*"))
    before = {path: path.stat().st_mode for path in all_of_it}
    for path in reversed(all_of_it):
        path.chmod(folders if path.is_dir() else files)
    try:
        yield
    finally:
        for path, mode in before.items():
            if os.path.lexists(path):
                path.chmod(mode)
