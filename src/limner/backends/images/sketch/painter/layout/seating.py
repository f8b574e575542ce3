"""People at a table: side by side behind it, as on a stage."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from limner.backends.images.sketch.painter.layout.artwork import Artwork
from limner.backends.images.sketch.painter.layout.stage import Placement, Stage
from limner.backends.images.sketch.scene import Bond, Subject

_TOP = 0.42
"""How high a table is beside those who stand at it."""

_BREADTH = 0.44
"""How much of it somebody takes, as a share of the own height."""

_MOST = 0.78
"""The share of the picture's width that a table may take."""


def tables(subjects: Sequence[Subject]) -> dict[int, list[int]]:
    """The tables that somebody is at, and who is."""
    found: dict[int, list[int]] = {}
    for k, one in enumerate(subjects):
        if one.relation is not None and one.relation.bond is Bond.AT:
            found.setdefault(one.relation.to, []).append(k)
    return found


def behind_table(
    people: Sequence[Placement], table: Placement, stage: Stage, art: Mapping[str, Artwork]
) -> tuple[list[Placement], Placement]:
    """The people at their places, what the table hides of them left out, and the table."""
    tall = max(p.height for p in people)
    scale = min(_TOP * tall / table.height, _MOST * stage.across / table.width)
    shrunk = scale * table.height / (_TOP * tall)
    middle = stage.across / 2 + (table.x - stage.across / 2) * 0.4
    table = replace(table, x=middle, height=table.height * scale, width=table.width * scale)
    step = min(table.width * 0.94 / len(people), _BREADTH * tall * shrunk)
    top = table.foot - 0.93 * table.height
    placed = []
    for k, p in enumerate(people):
        marks = art[p.subject.drawing].marks
        below = 1 - (marks.hip if marks is not None else 0.5)
        height = p.height * shrunk
        placed.append(
            replace(
                p,
                x=middle + (k - (len(people) - 1) / 2) * step,
                foot=top + height * below,
                height=height,
                width=p.width * shrunk,
                depth=table.depth,
                flip=k >= len(people) / 2,
                carried=True,
                hidden=below - 0.02,
            )
        )
    return placed, table
