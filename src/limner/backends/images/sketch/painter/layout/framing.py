"""The camera: how near the subjects are, and from where they are seen."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from limner.backends.images.sketch.painter.layout.artwork import Artwork
from limner.backends.images.sketch.painter.layout.stage import Placement, Stage
from limner.backends.images.sketch.scene import Shot, Stance

_FACE = 0.36
"""The share of the picture's height that a head takes in a close shot."""

_NEAR = (Shot.CLOSE, Shot.HALF)


def seen_from(level: float, shot: Shot) -> float:
    """The horizon, as a share of the height."""
    if shot is Shot.ABOVE:
        return min(level, 0.3)
    if shot is Shot.BELOW:
        return min(0.86, level + 0.18)
    return level


def framed(
    placements: Sequence[Placement], stage: Stage, art: Mapping[str, Artwork]
) -> list[Placement]:
    """The placements as the camera of the scene sees them."""
    shot = stage.scene.shot
    if shot in (Shot.WIDE, Shot.ABOVE):
        return [_farther(p, stage) for p in placements]
    if shot not in _NEAR or not placements:
        return list(placements)
    leads = [p for p in placements if p.subject.stance not in (Stance.SKY, Stance.AIR)]
    lead = _lead(leads or list(placements))
    scale, low = _enlargement(lead, stage, art)
    x = stage.across / 2 + (0.04 * stage.across if lead.flip else -0.04 * stage.across)
    return [_nearer(p, lead, scale, (x, low)) for p in placements]


def _lead(placements: Sequence[Placement]) -> Placement:
    """The one the shot is about: a person before all else, then the first of the front."""
    people = [p for p in placements if p.subject.looks]
    beasts = [p for p in placements if not p.back and not p.carried]
    return (people or beasts or list(placements))[0]


def _enlargement(lead: Placement, stage: Stage, art: Mapping[str, Artwork]) -> tuple[float, float]:
    """How much larger everything becomes, and where the lead's lowest point then is."""
    marks = art[lead.subject.drawing].marks
    close = stage.scene.shot is Shot.CLOSE
    if marks is not None:
        head = (marks.chin - marks.crown) * lead.height
        share = _FACE if close else 0.2
        scale = max(1.0, share * min(stage.down, stage.across) / head)
        eyes = stage.down * (0.42 if close else 0.3)
        above = lead.height * scale * (marks.crown * 0.45 + marks.chin * 0.55)
        return scale, eyes - above + lead.height * scale
    wanted = (0.98 if close else 0.74) * stage.down
    scale = max(1.0, min(wanted / lead.height, 0.8 * stage.across / lead.width))
    top = 0.1 * stage.down if close else 0.16 * stage.down
    return scale, max(top + lead.height * scale, stage.ground(0.6))


def _nearer(p: Placement, lead: Placement, scale: float, foot: tuple[float, float]) -> Placement:
    """Everything grows with the lead; what is far grows and moves less."""
    share = 0.25 if p.back or p.subject.stance is Stance.SKY else 1.0
    grown = 1 + (scale - 1) * share
    x = foot[0] + (p.x - lead.x) * grown
    low = foot[1] + (p.foot - lead.foot) * grown if share == 1.0 else p.foot
    return replace(
        p,
        x=x,
        foot=low,
        height=p.height * grown,
        width=p.width * grown,
        depth=p.depth * (0.2 if share == 1.0 else 1.0),
    )


def _farther(p: Placement, stage: Stage) -> Placement:
    if p.subject.stance is Stance.SKY:
        return p
    share = 0.62 if p.subject.height < 4.5 else 0.85
    middle = stage.across / 2
    foot = p.foot if p.carried else p.foot - 0.1 * (p.foot - stage.horizon)
    x = middle + (p.x - middle) * (share if p.carried else 0.9)
    return replace(p, x=x, foot=foot, height=p.height * share, width=p.width * share)
