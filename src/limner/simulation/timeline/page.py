"""The timelines of one or more runs as a web page."""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files

from limner.simulation.figures import FIGURES, compared
from limner.simulation.limit_set import LimitSet
from limner.simulation.timeline.drawing import MOST_BARS, Timeline, style, timeline_svg
from limner.simulation.timeline.markup import literal


def timeline_page(runs: Sequence[tuple[LimitSet, Timeline]], *, heading: str, traffic: str) -> str:
    """Write a page with a table of the runs' figures and a timeline of each.

    One self-contained file: it loads nothing, and its content security policy allows nothing but
    its own style sheet, which follows the reader's choice of light or dark.

    Args:
        runs: The runs and their limits.
        heading: The page's title.
        traffic: The workload in a sentence.

    Raises:
        limner.errors.ConfigError: There is nothing in the part that is to be shown.
    """
    sheet = files("limner.simulation.timeline").joinpath("page.css").read_text(encoding="utf-8")
    sheet += style()
    digest = b64encode(sha256(sheet.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    share = max(MOST_BARS // max(len(runs), 1), 200)
    figures = "\n".join(
        f"<figure>{timeline_svg(timeline, styled=False, most_bars=share)}</figure>"
        for _, timeline in runs
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="generator" content="limner">\n'
        f"<title>{literal(heading)}</title>\n<style>{sheet}</style>\n</head>\n<body>\n<main>\n"
        f'<h1>{literal(heading)}</h1>\n<p class="traffic">{literal(traffic)}</p>\n'
        f"{_table(runs)}{figures}\n"
        "<footer>Simulated by limner in virtual time, through the limiter that limner runs on."
        "</footer>\n</main>\n</body>\n</html>\n"
    )


def _table(runs: Sequence[tuple[LimitSet, Timeline]]) -> str:
    headings, rows = compared([(limits, timeline.report) for limits, timeline in runs])
    head = "".join(
        f'<th title="{literal(FIGURES[name][0] if name in FIGURES else name)}">{literal(name)}</th>'
        for name in headings
    )
    body = "".join(
        "<tr>" + "".join(f"<td>{literal(cell)}</td>" for cell in row) + "</tr>\n" for row in rows
    )
    return f'<div class="scroll"><table>\n<tr>{head}</tr>\n{body}</table></div>\n'
