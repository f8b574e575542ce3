"""Where a library's pictures are: as the command says, else as the settings say of theirs."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Command
from tests.cli.kept import fill

from limner.storage.files.picture_files import MARK

pytestmark = pytest.mark.real_time

Says = Callable[[str], object]


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limner: Command) -> Says:
    """Writes the settings file."""
    file = tmp_path / "limner.toml"
    file.touch()
    monkeypatch.setenv("LIMNER_CONFIG", str(file))
    return lambda text: file.write_text(text.replace("HERE", str(tmp_path)), "utf-8")


def is_place(folder: Path) -> bool:
    """Whether a library has its pictures there."""
    return (folder / MARK).is_file()


def test_the_option_counts_for_a_directory(tmp_path: Path, limner: Command) -> None:
    """Whatever the library is that the command names."""
    done = limner("migrate", "--library", "tales", "--pictures", "large")
    assert done.code == 0, done.err
    assert is_place(tmp_path / "large")
    assert not (tmp_path / "tales" / "pictures").exists()


@pytest.mark.parametrize("named", [(), ("--library", "./tales")])
def test_the_setting_counts_for_the_library_of_the_settings(
    tmp_path: Path, limner: Command, says: Says, named: tuple[str, ...]
) -> None:
    """Also where it is a directory, and where a command names the same one."""
    says('library = "HERE/tales"\nlibrary_pictures = "HERE/large"')
    assert limner("migrate", *named).code == 0
    assert is_place(tmp_path / "large")


def test_pictures_that_were_moved_are_shown(tmp_path: Path, limner: Command, says: Says) -> None:
    """A folder that was moved to a larger disk, and the setting that says so."""
    fill(tmp_path / "tales")
    shutil.move(tmp_path / "tales" / "pictures", tmp_path / "large")
    says('library = "HERE/tales"\nlibrary_pictures = "HERE/large"')
    shown = limner("export", "fox", "-o", "fox.html")
    assert (shown.code, "missing" in shown.err) == (0, False), shown.err
    assert "data:image/png" in (tmp_path / "fox.html").read_text("utf-8")


def test_another_directory_keeps_its_own(tmp_path: Path, limner: Command, says: Says) -> None:
    """One place is never two libraries'."""
    says('library = "HERE/tales"\nlibrary_pictures = "HERE/large"')
    assert limner("migrate", "--library", "other").code == 0
    assert is_place(tmp_path / "other" / "pictures")
    assert not (tmp_path / "large").exists()


def test_a_copy_of_another_directory_reads_its_own(
    tmp_path: Path, limner: Command, says: Says
) -> None:
    """Of two that a copy names each has its own."""
    fill(tmp_path / "kept")
    says('library = "HERE/tales"\nlibrary_pictures = "HERE/large"')
    assert limner("library", "copy", "kept", "tales").code == 0
    assert list((tmp_path / "large").glob("??/*.png"))


def test_pictures_that_were_not_moved_are_told_of(
    tmp_path: Path, limner: Command, says: Says
) -> None:
    """In one line, and nothing is shown as missing."""
    fill(tmp_path / "tales")
    says('library = "HERE/tales"\nlibrary_pictures = "HERE/large"')
    ran = limner("list")
    assert ran.code == 2
    assert "move all that is there" in ran.err
    assert ran.err.count("\n") == 1
