"""Build a release and look at it as those who install it will find it: ``make dist``."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
LARGEST = 5_000_000
"""Bytes that the wheel may have."""
NEEDED = ("limner/py.typed", "limner/server/page/static/", "limner/server/sillytavern/extension/")
"""What a wheel lacks easily: files that are no Python."""


def run(*command: str | Path, folder: Path = ROOT) -> None:
    """Run a command to its end.

    Raises:
        SystemExit: It failed.
    """
    print("$", *command, flush=True)
    if code := subprocess.run(command, cwd=folder, check=False).returncode:
        raise SystemExit(code)


def look_into(wheel: Path, source: Path) -> None:
    """Whether all is in the two that belongs there, and nothing else.

    Raises:
        SystemExit: It is not.
    """
    names = zipfile.ZipFile(wheel).namelist()
    lacking = [part for part in NEEDED if not any(name.startswith(part) for name in names)]
    foreign = [name for name in names if not name.startswith(("limner/", "limner-"))]
    manual = [name for name in names if name.endswith("/share/man/man1/limner.1")]
    size = wheel.stat().st_size
    if lacking or foreign or not manual or size > LARGEST:
        raise SystemExit(
            f"{wheel.name}: lacks {lacking}, has {foreign[:3]}, {manual}, {size} bytes"
        )
    with tarfile.open(source) as packed:
        inner = {name.partition("/")[2] for name in packed.getnames()}
    if gone := {"LICENSE", "NOTICE", "README.md", "tests/README.md"} - inner:
        raise SystemExit(f"{source.name}: lacks {gone}")
    print(f"{wheel.name}: {size:,} bytes, {len(names)} files; {source.name}: {len(inner)} files")


def start(package: Path, version: str, base: str) -> None:
    """Install it in a new environment of a Python, alone and with its extra, and start its command.

    Raises:
        SystemExit: It does not work.
    """
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        run(base, "-m", "venv", place / "env")
        python = place / "env" / "bin" / "python"
        install = (python, "-m", "pip", "--disable-pip-version-check", "--quiet", "install")
        run(*install, package)
        run(python, "-W", "error", "-c", f"import limner; assert limner.__version__ == {version!r}")
        run(*install, f"{package}[standard]")
        (place / "fox.md").write_text('Snow. <!--img-prompt="a fox"--> The end.')
        limner = place / "env" / "bin" / "limner"
        run(limner, "illustrate", "fox.md", "-o", "fox.epub", "--no-library", folder=place)


def main(arguments: list[str]) -> None:
    """Build into a folder, and look; further words are other Pythons to try it with."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    folder = ROOT / arguments[0]
    for old in folder.glob("*"):
        old.unlink()
    run(sys.executable, "-m", "build", "--outdir", folder)
    [wheel], [source] = folder.glob("*.whl"), folder.glob("*.tar.gz")
    run(sys.executable, "-m", "twine", "check", "--strict", wheel, source)
    look_into(wheel, source)
    for base in (sys.executable, *arguments[1:]):
        for package in (wheel, source) if base == sys.executable else (wheel,):
            start(package, version, base)


if __name__ == "__main__":
    main(sys.argv[1:])
