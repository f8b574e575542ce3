"""Where everything goes: subjects set out on the page before anything is painted."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

from limner.backends.images.sketch.painter.layout.artwork import Artwork
from limner.backends.images.sketch.painter.layout.bonding import (
    attach,
    is_carried,
    is_furniture,
    narrowed,
    sheltering,
    shelters,
    widened,
)
from limner.backends.images.sketch.painter.layout.framing import framed, seen_from
from limner.backends.images.sketch.painter.layout.front_row import row
from limner.backends.images.sketch.painter.layout.room import furnish
from limner.backends.images.sketch.painter.layout.scale import HUGE, drawn_height, nearness
from limner.backends.images.sketch.painter.layout.seating import behind_table, tables
from limner.backends.images.sketch.painter.layout.stage import Placement, Stage
from limner.backends.images.sketch.painter.surface.frame import Frame
from limner.backends.images.sketch.painter.surface.palette import Tones
from limner.backends.images.sketch.painter.surface.seeded_random import seeded_random
from limner.backends.images.sketch.scene import Bond, Place, Scene, Stance, Subject, Time

_DOOR = 1.6
"""Metres; what is on a wall and taller reaches down to the floor."""

_SMALL = 0.3
"""Metres; things of that size make no crowd."""

MOST = 7
"""Drawn things altogether, copies included."""

_HORIZONS = {
    Place.MEADOW: 0.56,
    Place.FOREST: 0.60,
    Place.MOUNTAINS: 0.64,
    Place.SEA: 0.56,
    Place.SHORE: 0.48,
    Place.LAKE: 0.52,
    Place.RIVER: 0.52,
    Place.WATERFALL: 0.58,
    Place.DECK: 0.5,
    Place.DESERT: 0.56,
    Place.SNOWFIELD: 0.58,
    Place.CITY: 0.66,
    Place.VILLAGE: 0.60,
    Place.INTERIOR: 0.68,
    Place.CAVE: 0.66,
    Place.SPACE: 0.74,
    Place.UNDERWATER: 0.72,
    Place.SKY: 0.86,
}

_WATERS = (
    Place.SEA,
    Place.SHORE,
    Place.LAKE,
    Place.RIVER,
    Place.WATERFALL,
    Place.UNDERWATER,
)
_DRY = (Place.MEADOW, Place.FOREST, Place.MOUNTAINS, Place.VILLAGE, Place.SNOWFIELD)


def compose(
    scene: Scene, frame: Frame, tones: Tones, seed: str, art: Mapping[str, Artwork]
) -> Stage:
    """Plan a picture.

    Args:
        scene: What is to be shown.
        frame: How large.
        tones: The light.
        seed: Names the random numbers of this picture.
        art: The drawing of each subject; a subject without one is left out.
    """
    scene = _at_home(replace(scene, subjects=_drawable(scene.subjects, art)))
    rng = seeded_random(seed, "composition")
    level = _HORIZONS[scene.place] + rng.uniform(-0.025, 0.025)
    horizon = frame.down * seen_from(level, scene.shot)
    side = rng.choice((-1, 1))
    focus = frame.across * (0.5 + 0.09 * side)
    stage = Stage(
        scene=scene,
        frame=frame,
        tones=tones,
        horizon=horizon,
        sun=_sun(scene, frame, horizon, side, rng),
        focus=focus,
        seed=seed,
    )
    if scene.place is Place.INTERIOR:
        stage = furnish(stage)
    return replace(stage, placements=_place_all(stage, art, rng))


def _at_home(scene: Scene) -> Scene:
    """What floats or swims gets water, if the place has none."""
    wet = any(s.stance in (Stance.WATER, Stance.SWIMS) for s in scene.subjects)
    if wet and scene.place in _DRY:
        return replace(scene, place=Place.LAKE)
    return scene


def _sun(scene: Scene, frame: Frame, horizon: float, side: int, rng: Random) -> tuple[float, float]:
    """Sun or moon: over the quieter third, low at the ends of the day."""
    x = frame.across * (0.5 - side * rng.uniform(0.16, 0.27))
    if scene.time in (Time.DAWN, Time.SUNSET):
        return (x, horizon - min(frame.down * 0.16, 17) - rng.uniform(0, 4))
    return (x, min(frame.down, 120.0) * rng.uniform(0.15, 0.22))


def _drawable(subjects: Sequence[Subject], art: Mapping[str, Artwork]) -> tuple[Subject, ...]:
    """The subjects that have drawings; who was placed by another one is placed freely then."""
    kept = [k for k, s in enumerate(subjects) if s.drawing in art]
    moved = {old: new for new, old in enumerate(kept)}
    result = []
    for k in kept:
        told = subjects[k].relation
        if told is not None:
            to = moved.get(told.to)
            told = None if to is None else replace(told, to=to)
        result.append(replace(subjects[k], relation=told))
    return tuple(result)


def _place_all(stage: Stage, art: Mapping[str, Artwork], rng: Random) -> tuple[Placement, ...]:
    subjects = stage.scene.subjects
    each = _copies(subjects)
    crowd = sum(_weight(s) for s, _ in each)
    carried = [k for k, s in enumerate(subjects) if is_carried(s, subjects)]
    over = {k: on for k, s in enumerate(subjects) if (on := shelters(s, subjects)) is not None}
    crowd -= sum(_weight(s) for s, k in each if k in carried or k in over)
    laid = tables(subjects)
    guests = {k for group in laid.values() for k in group}
    crowd -= 0.5 * sum(_weight(s) for s, k in each if k in guests or k in laid)
    sized = [(_sized(s, crowd, stage, art[s.drawing].ratio), k) for s, k in each]
    free = [p for p, k in sized if k not in carried and k not in over and k not in guests]
    front = [p for p in free if _is_front(p.subject, stage)]
    rest = [p for p in free if not _is_front(p.subject, stage)]
    wide = {p.subject.drawing: p for p, k in sized if k in over and is_furniture(p.subject)}
    front = [widened(p, wide.values(), subjects) for p in front]
    done = [narrowed(p, art) for p in row(front, stage, art, rng)]
    for p in sorted(rest, key=lambda p: -p.height * p.width):
        done.append(_scan(p, done, stage, art, rng))
    for k, group in laid.items():
        done = _at_table(done, [p for p, j in sized if j in group], subjects[k], stage, art)
    loads = [(p, k) for p, k in sized if k in carried]
    done = _attached(done, loads, subjects, art)
    for p, k in sized:
        if k in over:
            below = [q for q in done if _is_of(q, subjects[over[k]])]
            if below:
                done.insert(0, sheltering(p, below[0], stage))
            else:
                done.append(_scan(p, done, stage, art, rng))
    return tuple(framed(done, stage, art))


def _at_table(
    done: list[Placement],
    guests: list[Placement],
    subject: Subject,
    stage: Stage,
    art: Mapping[str, Artwork],
) -> list[Placement]:
    spot = next((k for k, p in enumerate(done) if _is_of(p, subject)), None)
    if spot is None:
        return [*done, *guests]
    people, table = behind_table(guests, done[spot], stage, art)
    return [*done[:spot], *people, table, *done[spot + 1 :]]


def _attached(
    done: list[Placement],
    loads: Sequence[tuple[Placement, int]],
    subjects: Sequence[Subject],
    art: Mapping[str, Artwork],
) -> list[Placement]:
    """Everything carried at its carrier; carriers that are carried themselves come first."""
    waiting = list(loads)
    used: set[int] = set()
    for _ in range(len(waiting)):
        later = []
        for p, k in waiting:
            told = subjects[k].relation
            spots = [j for j, q in enumerate(done) if told and _is_of(q, subjects[told.to])]
            if told is None or not spots:
                later.append((p, k))
                continue
            spot = next((j for j in spots if j not in used), spots[-1])
            alone = done[spot] if spot not in used else None
            placed, carrier = attach(p, done[spot], told.bond, art)
            if alone is None and told.bond in (Bond.ON, Bond.IN, Bond.RIDES):
                placed = replace(placed, x=placed.x + placed.width * 0.8)
            used.add(spot)
            done[spot] = carrier
            hidden = told.bond in (Bond.BEHIND, Bond.IN)
            done.insert(spot if hidden else spot + 1, placed)
            used = {j + 1 if j >= (spot if hidden else spot + 1) else j for j in used}
        waiting = later
    return done


def _is_of(p: Placement, subject: Subject) -> bool:
    """Whether it is one of a subject's."""
    return (
        p.subject.name == subject.name
        and p.subject.relation == subject.relation
        and (not subject.looks or p.subject.look in subject.looks)
    )


def _copies(subjects: Sequence[Subject]) -> list[tuple[Subject, int]]:
    """Every single thing, at most `MOST`, with each subject shown at least once, and its place."""
    room = max(0, MOST - len(subjects))
    each: list[tuple[Subject, int]] = []
    for k, subject in enumerate(subjects[:MOST]):
        own = subject.each()[: 1 + min(4, room)]
        room -= len(own) - 1
        each += [(one, k) for one in own]
    return each


def _is_front(subject: Subject, stage: Stage) -> bool:
    if subject.stance in (Stance.AIR, Stance.SKY, Stance.WALL):
        return False
    if stage.scene.place in (Place.INTERIOR, Place.UNDERWATER):
        return subject.stance is not Stance.SWIMS
    return subject.height < HUGE


def _weight(subject: Subject) -> float:
    """How much of the page it asks for beside the others: small things ask for little."""
    if subject.stance is Stance.SKY:
        return 0.0
    return 0.45 if subject.height <= _SMALL else 1.0


def _sized(subject: Subject, crowd: float, stage: Stage, ratio: float) -> Placement:
    height = drawn_height(subject, max(1, round(crowd)), stage.scene.place)
    height = min(height, 0.55 * stage.across / max(0.3, ratio), 0.66 * stage.down)
    return Placement(subject=subject, x=0, foot=0, height=height, width=height * ratio)


def _scan(
    p: Placement, done: Sequence[Placement], stage: Stage, art: Mapping[str, Artwork], rng: Random
) -> Placement:
    """Try places across and keep the one that is clearest and nearest to a third."""
    foot, depth = _level(p, stage, rng)
    if p.height > foot - 5:  # it would leave the picture at the top
        scale = (foot - 5) / p.height
        p = replace(p, height=p.height * scale, width=p.width * scale)
    half = p.width / 2
    best, price = stage.across / 2, float("inf")
    for k in range(25):
        x = half + 7 + (stage.across - p.width - 14) * k / 24
        trial = replace(p, x=x, foot=foot)
        cost = sum(_overlap(trial, other) for other in done) / (p.width * p.height)
        third = min(abs(x / stage.across - 0.33), abs(x / stage.across - 0.67))
        cost = 9 * cost + third + rng.uniform(0, 0.12)
        if p.subject.stance is not Stance.SKY:
            cost += 0.25 * max(0.0, 1 - abs(x - stage.sun[0]) / (half + 10))
        if cost < price:
            best, price = x, cost
    facing = art[p.subject.drawing].facing
    flip = facing == ("left" if best < stage.across / 2 else "right")
    tilt = rng.uniform(-7, 7) if p.subject.stance is Stance.AIR else 0.0
    return replace(p, x=best, foot=foot, depth=depth, flip=flip, tilt=tilt, back=depth > 0.3)


def _level(p: Placement, stage: Stage, rng: Random) -> tuple[float, float]:
    """The foot line and the depth of what does not stand in the front row."""
    stance, roof = p.subject.stance, min(stage.horizon, 0.75 * stage.down)
    if stance is Stance.WALL and p.subject.height > _DOOR:
        return (stage.horizon + 1.6, 0.1)
    if stance is Stance.WALL:
        return (max(p.height + 6, stage.horizon * 0.3 + p.height / 2), 0.1)
    if stance is Stance.SKY:
        return (max(p.height + 5, roof * rng.uniform(0.35, 0.5)), 0.9)
    if stance is Stance.AIR:
        middle = roof * rng.uniform(0.42, 0.58)
        return (max(p.height + 5, middle + p.height / 2), 0.25)
    if stance is Stance.SWIMS and stage.scene.place is Place.UNDERWATER:
        return (stage.down * rng.uniform(0.38, 0.66) + p.height / 2, 0.2)
    near = nearness(p.subject)
    if stage.scene.place is Place.UNDERWATER:
        near = 0.5
    if stage.scene.place is Place.LAKE and stance is Stance.GROUND:
        return (stage.horizon + 0.6, 0.75)  # on the far shore
    if stage.scene.place is Place.SHORE and p.subject.height < 12:
        return (stage.ground(0.5), 0.31)  # on the sand
    if stage.scene.place in (Place.SEA, Place.SHORE) and stance is Stance.GROUND:
        return (stage.horizon - 1.5, 0.5)  # on a headland
    return (stage.ground(near), 1 - near - 0.15)


def _overlap(one: Placement, other: Placement) -> float:
    """The shared area of two boxes, with a margin around them."""
    a, b, margin = one.box, other.box, 3.0
    across = min(a[2], b[2]) - max(a[0], b[0]) + margin
    down = min(a[3], b[3]) - max(a[1], b[1]) + margin
    return max(0.0, across) * max(0.0, down)
