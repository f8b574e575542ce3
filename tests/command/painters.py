"""Painters of `sketch` that need not load everything first, in all processes that tests start.

Most tests that draw something have it painted, and a painter of their own begun for that: loading
what it needs takes half a second, its first picture half as long again. While the block of
`forked_painters` lasts, each is forked from a process that has painted already. How the backend
begins a painter is tested with real ones, by `really_begun`.
"""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

PLACE = "TESTS_PAINTERS"
"""The variable that says where painters are to be had."""
FOLDER = str(Path(__file__).with_name("painting"))
SERVER = str(Path(__file__).with_name("painter_server.py"))


@contextlib.contextmanager
def forked_painters() -> Iterator[None]:
    """For the time of the block painters are forked; where others see to that, nothing is done."""
    if FOLDER not in sys.path:
        sys.path.append(FOLDER)  # painters are given the path of whoever begins them
    if PLACE in os.environ or not hasattr(os, "pidfd_open"):
        yield
        return
    path = os.environ.get("PYTHONPATH")
    with (
        tempfile.TemporaryDirectory(prefix="painters-") as folder,
        pytest.MonkeyPatch.context() as to,
    ):
        place = f"{folder}/s"
        to.setenv("PYTHONPATH", FOLDER if not path else f"{path}{os.pathsep}{FOLDER}")
        with _serving(place):
            to.setenv(PLACE, place)
            yield


@contextlib.contextmanager
def _serving(place: str) -> Iterator[None]:
    with socket.socket(socket.AF_UNIX) as asked:
        asked.bind(place)
        asked.listen(128)
        numerics = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        server = subprocess.Popen(
            [sys.executable, SERVER, str(asked.fileno())],
            pass_fds=[asked.fileno()],
            stdin=subprocess.PIPE,  # it ends when nobody holds the other end any more
            stdout=subprocess.DEVNULL,
            env=os.environ | numerics,
        )
    try:
        yield
    finally:
        server.communicate()


def really_begun(to: pytest.MonkeyPatch) -> None:
    """From now on painters are begun as for everybody else."""
    to.delenv(PLACE, raising=False)
