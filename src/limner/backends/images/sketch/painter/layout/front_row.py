"""The front row: the people, animals and small things the picture is about."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from random import Random

from limner.backends.images.sketch.look import Age, Pose
from limner.backends.images.sketch.painter.layout.artwork import Artwork
from limner.backends.images.sketch.painter.layout.scale import HUGE, nearness
from limner.backends.images.sketch.painter.layout.stage import Placement, Stage
from limner.backends.images.sketch.scene import Bond, Place, Stance

GAP = 5.0
"""Scene units between neighbours."""


def row(
    front: Sequence[Placement], stage: Stage, art: Mapping[str, Artwork], rng: Random
) -> list[Placement]:
    """Set the front subjects side by side around the focus, looking at each other.

    Small things that lie about come to the ends, nearer to the viewer; in a room they lie on
    the table. The row is scaled down if it would leave the frame.
    """
    if not front:
        return []
    table = [p for p in front if stage.table and (stage.sill or _fits_table(p))]
    floor = _ordered([p for p in front if p not in table], stage)
    placed: list[Placement] = []
    if stage.table and table:
        placed = _line(table, stage.table.x, stage.table.width * 0.92)
        placed = [replace(p, foot=stage.table.top, depth=0.05) for p in placed]
        room = _beside(stage, stage.table.x, stage.table.width)
        placed += [_on_ground(p, stage, rng) for p in _line(floor, *room)]
    else:
        limit = stage.across * (0.86 if len(floor) > 1 else 0.7)
        total = sum(p.width for p in floor) + GAP * (len(floor) - 1)
        middle = stage.focus if total < 0.55 * stage.across else stage.across / 2
        if len(floor) == 1:
            side = 1 if stage.focus > stage.across / 2 else -1
            middle = stage.across * (0.5 + 0.12 * side)
        placed = [_on_ground(p, stage, rng) for p in _line(floor, middle, limit)]
    return _turned(_unequal(placed, rng), stage, art)


def _fits_table(p: Placement) -> bool:
    return p.subject.stance in (Stance.TABLE, Stance.FACE)


def _beside(stage: Stage, x: float, width: float) -> tuple[float, float]:
    """The wider free part of the floor beside a table: its middle and its length."""
    left, right = x - width / 2, stage.across - x - width / 2
    if left > right:
        return (left / 2 + 3, left * 0.94)
    return (stage.across - right / 2 - 3, right * 0.94)


def _ordered(floor: list[Placement], stage: Stage) -> list[Placement]:
    """Tall ones inside, small ones outside, otherwise in the order of the prompt.

    What others are around comes between them.
    """
    small = [p for p in floor if p.subject.stance is Stance.TABLE]
    tall = [p for p in floor if p.subject.stance is not Stance.TABLE]
    middle = [p for p in tall if _is_ringed(p, stage)]
    tall = [p for p in tall if p not in middle]
    half = (len(tall) + 1) // 2 if middle else len(tall)
    return small[::2] + tall[:half] + middle + tall[half:] + small[1::2]


def _is_ringed(p: Placement, stage: Stage) -> bool:
    """Whether others are said to be around it."""
    subjects = stage.scene.subjects
    told = [s.relation for s in subjects if s.relation and s.relation.bond is Bond.AROUND]
    return any(subjects[one.to].name == p.subject.name for one in told)


def _line(items: Sequence[Placement], middle: float, limit: float) -> list[Placement]:
    if not items:
        return []
    gaps = [_gap(one, two) for one, two in pairwise(items)] + [0.0]
    total = sum(p.width for p in items) + sum(gaps)
    scale = min(1.0, limit / total)
    x = middle - total * scale / 2
    line: list[Placement] = []
    for p, gap in zip(items, gaps, strict=True):
        width = p.width * scale
        line.append(replace(p, x=x + width / 2, width=width, height=p.height * scale))
        x += width + gap * scale
    return line


def _gap(one: Placement, two: Placement) -> float:
    """How far apart neighbours are: those who embrace or dance hold each other."""
    for pose, share in ((Pose.EMBRACE, 0.42), (Pose.DANCE, 0.2)):
        looks = (one.subject.look, two.subject.look)
        if all(look is not None and look.pose is pose for look in looks):
            return -share * (one.width + two.width) / 2
    return GAP


def _on_ground(p: Placement, stage: Stage, rng: Random) -> Placement:
    near = nearness(p.subject) + rng.uniform(-0.05, 0.06)
    if p.subject.stance in (Stance.WATER, Stance.SWIMS):
        near = _afloat(near, stage)
    if stage.scene.place in (Place.INTERIOR, Place.SPACE, Place.UNDERWATER, Place.SKY):
        near = max(0.25, 0.45 + (near - 0.66) * 1.5)
    foot = stage.ground(near)
    return replace(p, foot=max(foot, p.height + 4), depth=max(0.0, 0.75 - near))


def _afloat(near: float, stage: Stage) -> float:
    """Farther off than the land in front, if there is some."""
    if stage.scene.place is Place.SHORE:
        return 0.24
    dry = (Stance.GROUND, Stance.TABLE, Stance.FACE)
    shore = any(s.stance in dry and s.height < HUGE for s in stage.scene.subjects)
    return 0.36 if shore else near


def _unequal(placed: Sequence[Placement], rng: Random) -> list[Placement]:
    """Copies of one subject differ in size, as members of a family do."""
    seen: set[str] = set()
    result = []
    for p in placed:
        if p.subject.art in seen:
            grown = p.subject.look is not None and p.subject.look.age is not Age.CHILD
            scale = rng.uniform(0.93 if grown else 0.78, 0.99)
            result.append(replace(p, height=p.height * scale, width=p.width * scale))
        else:
            result.append(p)
        seen.add(p.subject.art)
    return result


def _turned(
    placed: Sequence[Placement], stage: Stage, art: Mapping[str, Artwork]
) -> list[Placement]:
    """Everyone looks at the middle of the row; one alone looks into the picture."""
    if len(placed) > 1:
        middle = (min(p.x for p in placed) + max(p.x for p in placed)) / 2
    else:
        middle = stage.across / 2
    return [replace(p, flip=_looks_away(p, middle, art)) for p in placed]


def _looks_away(p: Placement, middle: float, art: Mapping[str, Artwork]) -> bool:
    """Whether it must be mirrored to look at the middle; people reach to the right."""
    if p.subject.looks:
        return p.x > middle
    return art[p.subject.drawing].facing == ("left" if p.x < middle else "right")
