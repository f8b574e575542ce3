"""A page printed as PDF, by a browser of the Chromium family that is on the machine."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from limner.errors import OutputError

BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("microsoft-edge", "msedge", "brave-browser", "brave"),
)
"""What they are called where programs are looked for."""

PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)

LONGEST = 600.0
"""Seconds that printing may take."""

_OPTIONS = (
    *("--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check"),
    *("--disable-extensions", "--disable-background-networking", "--no-pdf-header-footer"),
    "--generate-pdf-document-outline",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # a page that is kept loads nothing
)


def browser() -> str | None:
    """The browser that prints; ``None``: there is none."""
    named = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    return named or next((place for place in PLACES if Path(place).is_file()), None)


def check_browser(path: str) -> None:
    """Find out before anything is drawn whether a PDF can be made.

    Args:
        path: Where it is to go; for the error.

    Raises:
        limner.errors.OutputError: There is no such browser.
    """
    if browser() is None:
        raise OutputError(
            "a PDF is printed by Chromium, Chrome or Edge, and none is installed: install one, or "
            "write .html and print it in any browser",
            path=path,
        )


def printed(
    pieces: Iterator[str | bytes], path: str, *, unfinished: list[Callable[[], None]]
) -> bytes:
    """The PDF of a page, with its headings as bookmarks.

    Args:
        pieces: The page.
        path: Where it is to go; for the error.
        unfinished: While the browser runs, holds what ends it.

    Raises:
        limner.errors.OutputError: There is no such browser, or it failed.
    """
    program = browser()
    if program is None:
        check_browser(path)
    with tempfile.TemporaryDirectory(prefix="limner-pdf-", ignore_cleanup_errors=True) as folder:
        page, made = Path(folder, "page.html"), Path(folder, "page.pdf")
        with page.open("wb") as file:
            for piece in pieces:
                file.write(piece.encode("utf-8", "replace") if isinstance(piece, str) else piece)
        command = [
            str(program),
            *_OPTIONS,
            *(["--no-sandbox"] if _is_root() else []),
            f"--user-data-dir={Path(folder, 'profile')}",
            f"--print-to-pdf={made}",
            page.as_uri(),
        ]
        said = _run(command, path, unfinished)
        if not made.is_file():
            reason = said.strip().splitlines()[-1][:200] if said.strip() else "it said nothing"
            raise OutputError(f"{program} could not print the PDF: {reason}", path=path)
        return made.read_bytes()


def _run(command: list[str], path: str, unfinished: list[Callable[[], None]]) -> str:
    """Run the browser to its end; gives what it said."""
    with subprocess.Popen(  # noqa: S603 - a browser that was found, and options of our own
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:

        def end() -> None:
            with suppress(OSError):
                process.kill()

        unfinished.append(end)
        try:
            _, said = process.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired as error:
            raise OutputError(
                f"{command[0]} did not print the PDF within {LONGEST:.0f} seconds", path=path
            ) from error
        finally:
            end()
            unfinished.remove(end)
    return said.decode("utf-8", "replace")


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0
