"""The worker process: jobs in, progress and pictures out, an end with its input."""

import subprocess
import sys
from io import BytesIO

import pytest
from tests.command.painters import really_begun

from limner.backends.images.sketch import worker_process
from limner.backends.images.sketch.renderer import paint_read
from limner.backends.images.sketch.wire import (
    LENGTH,
    Fault,
    Job,
    Painted,
    Progress,
    Reply,
    framed,
    reply,
)

JOB = Job("a fox in the snow", 64, 64, 7)


def replies(data: bytes) -> list[Reply]:
    """The messages in a worker's output."""
    found = []
    while data:
        size = int.from_bytes(data[:LENGTH], "big")
        found.append(reply(data[LENGTH : LENGTH + size]))
        data = data[LENGTH + size :]
    return found


def worked(source: bytes) -> list[Reply]:
    """What the worker's loop answers to an input."""
    sink = BytesIO()
    worker_process.work(BytesIO(source), sink)
    return replies(sink.getvalue())


def test_a_job_is_answered_by_progress_and_one_plate() -> None:
    """Each job gives rising progress and then its picture."""
    *before, last = worked(framed(JOB))
    assert isinstance(last, Painted)
    assert last.data[:4] == b"RIFF"
    assert last.seed == 7
    fractions = [m.fraction for m in before if isinstance(m, Progress)]
    assert len(fractions) == len(before) > 2
    assert fractions == sorted(fractions)


def test_a_failed_job_is_a_fault_and_the_next_one_is_painted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An error in one picture is told and does not end the worker."""
    real = paint_read
    prompts: list[str] = []

    def once_broken(prompt: str, **options: object) -> object:
        prompts.append(prompt)
        if len(prompts) == 1:
            raise ZeroDivisionError("the horizon is at infinity")
        return real(prompt, **options)  # type: ignore[arg-type]  # what the worker passes

    monkeypatch.setattr(worker_process, "paint_read", once_broken)
    answers = [m for m in worked(framed(JOB) * 2) if not isinstance(m, Progress)]
    assert answers[0] == Fault("ZeroDivisionError: the horizon is at infinity")
    assert isinstance(answers[1], Painted)


@pytest.mark.parametrize("cut", [0, 2])
def test_the_worker_ends_with_its_input(cut: int) -> None:
    """No input, or a cut one, is the end and not an error."""
    assert worked(framed(JOB)[:cut]) == []


def test_the_process_speaks_the_protocol_and_ends_cleanly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Started as the backend starts it, it paints and exits with code 0 when its input ends."""
    really_begun(monkeypatch)
    done = subprocess.run(
        [sys.executable, "-P", "-m", worker_process.__name__],
        input=framed(JOB),
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert isinstance(replies(done.stdout)[-1], Painted)
    assert done.stderr == b""


def test_the_process_loads_no_more_than_painting_needs() -> None:
    """Whoever waits for the first picture does not wait for the pipeline to be read again."""
    code = f"""import sys, {worker_process.__name__}
rooms = ("limner.illustration", "limner.scheduling", "limner.prompts")
print([room for room in rooms if room in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
