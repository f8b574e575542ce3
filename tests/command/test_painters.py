"""A painter that is forked is as one that is begun afresh, and whoever began it notices nothing."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.command.painter_server import Painters
from tests.command.painters import PLACE, really_begun

from limner.backends.images.sketch.wire import Job, framed
from limner.backends.images.sketch.worker import MODULE, Worker

pytestmark = pytest.mark.real_time

FOX = framed(Job("a fox in the snow", 64, 64, 7))
JOBS = FOX + framed(Job("an owl", 0, 64, 7))
"""A picture, and one that cannot be painted."""


def begun() -> "subprocess.Popen[bytes]":
    """A painter."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-P", "-m", MODULE], stdin=pipe, stdout=pipe, stderr=pipe
    )


def told(painter: "subprocess.Popen[bytes]", jobs: bytes) -> tuple[int, bytes, bytes]:
    """How it ended, and what it said."""
    with painter:
        out, err = painter.communicate(jobs, timeout=60)
        return painter.returncode, out, err


@pytest.fixture
def somebody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> socket.socket:
    """Somebody else of whom painters are asked."""
    place = str(tmp_path / "s")
    asked = socket.socket(socket.AF_UNIX)
    asked.bind(place)
    asked.listen()
    asked.settimeout(60)
    monkeypatch.setenv(PLACE, place)
    return asked


def test_it_says_what_one_that_is_begun_afresh_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same pictures, faults and complaints, and the same end with its input."""
    forked = told(begun(), JOBS)
    really_begun(monkeypatch)
    assert forked == told(begun(), JOBS)
    assert forked[0] == 0
    assert len(forked[1]) > 1000


def test_it_ends_with_the_process_that_stands_for_it() -> None:
    """Nothing is left that would hold its streams."""
    with begun() as painter:
        assert painter.stdin is not None
        assert painter.stdout is not None
        painter.stdin.write(JOBS)
        painter.stdin.flush()
        assert painter.stdout.read(4)
        painter.kill()
        painter.stdout.read()
        assert painter.wait() == -signal.SIGKILL


def test_who_goes_away_as_it_ends_takes_nobody_along() -> None:
    """Others are forked afterwards as before."""
    for _ in range(20):
        with begun() as painter:
            assert painter.stdin is not None
            painter.stdin.close()
            painter.kill()
    with socket.socket(socket.AF_UNIX) as asked:
        asked.connect(os.environ[PLACE])
    assert told(begun(), FOX)[0] == 0


@pytest.mark.parametrize("order", [1, -1])
def test_a_painter_and_who_stands_for_it_may_end_in_the_same_moment(
    order: int, tmp_path: Path
) -> None:
    """The server hears of both at once, in either order, and goes on."""
    ours, theirs = socket.socketpair()
    with socket.socket(socket.AF_UNIX) as asked, socket.socket() as other, ours, theirs:
        asked.bind(str(tmp_path / "s"))
        asked.listen()
        other.bind(("127.0.0.1", 0))
        other.listen()
        painters = Painters(asked, end=other.fileno())
        number = os.posix_spawn("/bin/true", ["true"], {})
        os.waitid(os.P_PID, number, os.WEXITED | os.WNOWAIT)
        painters._watch(theirs, number)
        ours.close()
        heard = [key.data for key, _ in painters._events.select()]
        assert len(heard) == 2
        for one in heard[::order]:
            one()
        assert painters._events.select(0) == []
        painters._events.close()


@pytest.mark.parametrize("code", [0, 3, -signal.SIGTERM, -signal.SIGKILL])
def test_the_process_that_stands_for_it_ends_as_it_does(code: int, somebody: socket.socket) -> None:
    """By its code, or by its signal."""
    with somebody, begun() as painter:
        asked, _ = somebody.accept()
        with asked:
            _, streams, _, _ = socket.recv_fds(asked, 1, 3)
            for number in streams:
                socket.close(number)
            asked.send(str(code).encode())
        assert painter.wait(60) == code


async def test_the_backend_is_given_one(somebody: socket.socket) -> None:
    """It begins its painters in the way that is looked for."""
    worker = await Worker.start()
    with somebody:
        asked, _ = somebody.accept()
        with asked:
            _, streams, _, _ = socket.recv_fds(asked, 1, 3)
            assert len(streams) == 3
            for number in streams:
                socket.close(number)
    await worker.stop()


def test_where_nobody_forks_them_they_are_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever left may have left the place behind."""
    monkeypatch.setenv(PLACE, str(tmp_path / "nobody"))
    assert told(begun(), FOX)[0] == 0
