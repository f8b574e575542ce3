"""Bad input: one clear line, exit code 2, nothing half-written."""

import gzip
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]

STORY = 'The snow.\n\n<!--img-prompt="a fox"-->\n'


def prepare(folder: Path) -> set[str]:
    """Files of every kind, good and bad."""
    (folder / "story.md").write_text(STORY)
    (folder / "folder").mkdir()
    (folder / "loop.md").symlink_to("loop.md")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    (folder / "packed.gz").write_bytes(gzip.compress(STORY.encode() * 50))
    (folder / "noise.bin").write_bytes(os.urandom(4096) + bytes(10))
    return {path.name for path in folder.iterdir()}


BAD = {
    "missing file": (["absent.md"], "absent.md"),
    "directory": (["folder"], "directory"),
    "picture": (["picture.png"], "picture.png"),
    "compressed": (["packed.gz"], "packed.gz"),
    "binary": (["noise.bin"], "noise.bin"),
    "unknown backend": (["story.md", "--backend", "crayon"], "unknown backend 'crayon'"),
    "unknown format": (["story.md", "--format", "docx"], "unknown format 'docx'"),
    "unknown ending": (["story.md", "-o", "out.docx"], "out.docx"),
    "output folder missing": (["story.md", "-o", "no/such/out.html"], "no/such"),
    "output is a folder": (["story.md", "-o", "folder", "--format", "html"], "directory"),
    "output not writable": (["story.md", "-o", "/proc/out.html"], "/proc/out.html"),
    "events not writable": (["story.md", "--events", "no/such/log"], "no/such/log"),
    "bad pattern": (["story.md", "--pattern", "[draw:(.*"], "[draw:(.*"),
    "pattern without a group": (["story.md", "--pattern", "fox"], "group"),
    "no places": (["story.md", "--max-concurrent", "0"], "--max-concurrent': must be at least 1"),
    "words that are no number": (["story.md", "--every", "few"], "must be a whole number"),
    "seconds that are no number": (["story.md", "--min-interval", "x"], "must be a number"),
    "a file of nearly this name": (["stroy.md"], "no such file; did you mean story.md?"),
    "negative interval": (["story.md", "--min-interval", "-1"], "--min-interval"),
    "interval that is no number": (["story.md", "--min-interval", "nan"], "interval"),
    "interval without end": (["story.md", "--min-interval", "inf"], "the option --min-interval is"),
    "no encoding": (["story.md", "--encoding", "nope"], "--encoding"),
    "an encoding of half a character": (["story.md", "--encoding", "\udcff"], "--encoding"),
    "a link to itself": (["loop.md"], "loop.md"),
    "a cover that is a link to itself": (["story.md", "--cover", "loop.md"], "--cover"),
    "an encoding of no text": (["story.md", "--encoding", "rot13"], "--encoding"),
    "limits shared nowhere": (["story.md", "--shared-limits", "foo"], "begins with valkey://"),
    "a picture there is not": (["story.md", "--redraw", "99"], "there is no picture 99"),
    "bad size": (["story.md", "--size", "big"], "--size"),
    "size out of range": (["story.md", "--size", "10x10"], "--size"),
    "no speed": (["story.md", "--speed", "0"], "--speed"),
    "unknown option": (["story.md", "--colour"], "--colour"),
    "a file and a pipe": (["story.md", "-"], "standard input"),
    "file and question": (["story.md", "--ask", "x"], "--ask"),
    "question without model": (["--ask", "x"], "--llm"),
    "model unreachable": (["--llm", "http://127.0.0.1:1/v1", "--ask", "x"], "127.0.0.1:1"),
    "model at no address": (["--llm", "story", "--ask", "x"], "story"),
    "two uses of standard output": (["story.md", "-o", "-", "--json"], "--json"),
}


@pytest.mark.parametrize(("arguments", "named"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_one_clear_line_and_writes_nothing(
    limner: Command, tmp_path: Path, arguments: list[str], named: str
) -> None:
    """Each says what is wrong with what, on one line, with exit code 2, and leaves no file."""
    before = prepare(tmp_path)
    ran = limner("illustrate", *arguments)
    assert ran.code == 2
    assert ran.err.count("\n") == 1, ran.err
    assert ran.err.startswith("limner: ")
    assert named in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""
    assert {path.name for path in tmp_path.iterdir()} == before


def test_a_model_at_a_terminal_needs_a_text_or_a_question(
    limner: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a pipe a text is read, for which the model finds the places; nobody types one."""
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    ran = limner("illustrate", "--llm", "http://127.0.0.1:1")
    assert ran.code == 2
    assert "--llm URL --ask TEXT" in ran.err


@pytest.mark.parametrize("text", ["", " \n\t\n"], ids=["empty", "blank"])
@pytest.mark.parametrize("file", ["story.md", "-", None], ids=["file", "pipe", "no argument"])
def test_an_empty_text_is_one_clear_line_and_nothing_is_kept(
    limner: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    file: str | None,
    text: str,
) -> None:
    """Neither a page nor a chat: there was nothing to illustrate."""
    (tmp_path / "story.md").write_text(text)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    named = [file] if file else []
    ran = limner("illustrate", *named, "-o", "out.html", "--library", "kept")
    assert ran.code == 2
    name = "story.md" if file == "story.md" else "standard input"
    assert ran.err == f"limner: {name} holds no text\n"
    assert not (tmp_path / "out.html").exists()
    assert "no chats" in limner("list", "--library", "kept").err
    assert "nothing to resume" in limner("resume", "--library", "kept").err


@pytest.mark.usefixtures("scripted")
def test_invalid_utf8_is_replaced_with_one_warning(limner: Command, tmp_path: Path) -> None:
    """Text with a damaged byte is still text: illustrated, and the user is told once."""
    (tmp_path / "damaged.md").write_bytes(
        STORY.encode() + "Füchse, Bäche, ".encode() + b"caf\xe9 \n"
    )
    ran = limner("illustrate", "damaged.md", "--backend", "scripted")
    assert ran.code == 0
    warnings = [line for line in ran.err.splitlines() if line.startswith("limner: ")]
    assert len(warnings) == 1
    assert "UTF-8" in warnings[0]
    assert "caf\ufffd" in (tmp_path / "damaged.html").read_text()


@pytest.mark.parametrize(
    ("prepared", "named"),
    [
        (lambda p: p.write_text("backend = ["), "cannot read the settings"),
        (lambda p: p.write_text("colour = 1"), "there is no setting 'colour'"),
        (lambda p: p.write_text("max_concurrent = 0"), "max_concurrent"),
        (lambda p: None, "not a file"),
    ],
)
def test_bad_settings_are_one_clear_line(
    limner: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    prepared: Callable[[Path], object],
    named: str,
) -> None:
    """A settings file that is broken, unknown, out of range or missing is named, exit code 2."""
    file = tmp_path / "limner.toml"
    prepared(file)
    monkeypatch.setenv("LIMNER_CONFIG", str(file))
    (tmp_path / "story.md").write_text(STORY)
    ran = limner("illustrate", "story.md")
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert named in ran.err


def test_a_wrong_setting_never_shows_the_key(
    limner: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Messages about settings never show a value."""
    monkeypatch.setenv("LIMNER_LLM_KEY", "sk-secret")
    monkeypatch.setenv("LIMNER_MAX_CONCURRENT", "sk-also-secret")
    (tmp_path / "story.md").write_text(STORY)
    ran = limner("illustrate", "story.md")
    assert ran.code == 2
    assert "secret" not in ran.err + ran.out


@pytest.mark.parametrize("group", ["library", "references", "sillytavern", "token"])
def test_a_group_without_a_command_names_its_commands(limner: Command, group: str) -> None:
    """In one line, with where to read what they do."""
    ran = limner(group)
    assert ran.code == 2
    assert ran.err.startswith("limner: Missing command: ")
    assert ran.err.endswith(f"; `limner {group} --help` says what they do\n")
    assert ran.err.count("\n") == 1


def test_a_database_whose_driver_is_not_installed_is_one_clear_line(
    limner: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what to install."""
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    monkeypatch.setenv("LIMNER_LIBRARY_PICTURES", "pictures")
    ran = limner("list", "--library", "postgresql://ann@127.0.0.1:1/tales")
    assert (ran.code, ran.err.count("\n")) == (2, 1), ran.err
    assert "a library in PostgreSQL needs the package 'asyncpg'" in ran.err
    assert "limner[postgres]" in ran.err
