"""What another subject gives its place: on a seat, in a hand, under a tree, on a head."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from limner.backends.images.sketch.painter.layout.anchors import head_of, seat_of
from limner.backends.images.sketch.painter.layout.artwork import Artwork, Marks
from limner.backends.images.sketch.painter.layout.scale import HUGE
from limner.backends.images.sketch.painter.layout.stage import Placement, Stage
from limner.backends.images.sketch.painter.people import garnish
from limner.backends.images.sketch.scene import Bond, Stance, Subject

_PLACED = (Bond.ON, Bond.RIDES, Bond.IN, Bond.HOLDS, Bond.WEARS, Bond.BEHIND, Bond.UNDER, Bond.OVER)
_LEGGED = ("table", "chair", "bench", "bed", "piano")
_SHOULDER = 0.15
"""How far from the middle of somebody a bird sits on the shoulder, as a share of the height."""

_FLAT = 0.05
"""Metres; what is no higher bears anybody."""

_ROOM = 3.0
"""Scene units that stay free above."""


def is_carried(subject: Subject, subjects: Sequence[Subject]) -> bool:
    """Whether another subject gives it its place."""
    if subject.relation is None or subject.relation.bond not in _PLACED:
        return False
    other = subjects[subject.relation.to]
    if subject.stance is Stance.SKY or other.stance is Stance.SKY:
        return False
    bond = subject.relation.bond
    if bond is Bond.BEHIND:
        return subject.height < HUGE and other.height < HUGE
    if bond is Bond.UNDER:
        if other.name == "umbrella" or is_furniture(other):
            return False
        return other.height < 1.5 * subject.height
    return True


def is_furniture(subject: Subject) -> bool:
    """Whether it stands on legs, between which there is room."""
    return subject.name in _LEGGED


def widened(p: Placement, tables: Iterable[Placement], subjects: Sequence[Subject]) -> Placement:
    """Who is under a table takes its breadth in the row."""
    for table in tables:
        told = p.subject.relation
        if told is not None and told.bond is Bond.UNDER and subjects[told.to] == table.subject:
            tall = _table_over(table, p.height, p.width)
            return replace(p, width=max(p.width, table.width * tall / table.height))
    return p


def narrowed(p: Placement, art: Mapping[str, Artwork]) -> Placement:
    """As broad as it is drawn."""
    return replace(p, width=p.height * art[p.subject.drawing].ratio)


def _table_over(table: Placement, height: float, width: float) -> float:
    """How tall a table must be for something to be under it."""
    return max(table.height, height * 1.45, width * 1.5 * table.height / table.width)


def shelters(subject: Subject, subjects: Sequence[Subject]) -> int | None:
    """Who is under it, if that one gives it its place: a tree stands where the lovers are."""
    for k, other in enumerate(subjects):
        told = other.relation
        if told is None or told.bond is not Bond.UNDER or subjects[told.to] is not subject:
            continue
        if subject.stance in (Stance.SKY, Stance.AIR) or is_carried(other, subjects):
            return None
        return k
    return None


def attach(
    p: Placement, carrier: Placement, bond: Bond, art: Mapping[str, Artwork]
) -> tuple[Placement, Placement]:
    """The carried thing at its place, and the carrier, which may have become smaller for it."""
    own = art[p.subject.drawing]
    p = replace(p, back=carrier.back)
    if bond is Bond.HOLDS:
        return _in_hand(p, carrier, art), carrier
    if bond is Bond.WEARS:
        return _worn(p, carrier, own), carrier
    if bond is Bond.BEHIND:
        return _behind(p, carrier), carrier
    if bond is Bond.OVER:
        return _leaping(p, carrier), carrier
    if bond is Bond.UNDER:
        scale = min(1.0, carrier.height * 0.55 / p.height)
        return replace(
            _scaled(p, scale), x=carrier.x, foot=carrier.foot + 0.8, depth=carrier.depth
        ), carrier
    return _seated(p, carrier, bond, own, art[carrier.subject.drawing].marks)


def _scaled(p: Placement, scale: float) -> Placement:
    return replace(p, height=p.height * scale, width=p.width * scale)


def _leaping(p: Placement, below: Placement) -> Placement:
    """In the air above it, however low or high it is."""
    foot = below.foot - below.height * 0.86 - max(1.5, 0.1 * p.height)
    p = _scaled(p, min(1.0, (foot - _ROOM) / p.height))
    return replace(p, x=below.x, foot=foot, depth=max(0.0, below.depth - 0.01), carried=True)


def _seated(
    p: Placement, carrier: Placement, bond: Bond, own: Artwork, marks: Marks | None
) -> tuple[Placement, Placement]:
    """On its seat; both become smaller if it would leave the page at the top."""
    p = _fitting(p, carrier, bond, own)
    placed = _on_seat(p, carrier, bond, own, marks)
    top = placed.foot - placed.height
    if top < _ROOM:
        scale = (carrier.foot - _ROOM) / (carrier.foot - top)
        carrier = _scaled(carrier, scale)
        placed = _on_seat(_scaled(p, scale), carrier, bond, own, marks)
    return placed, carrier


def _fitting(p: Placement, carrier: Placement, bond: Bond, own: Artwork) -> Placement:
    """No larger than its carrier bears."""
    if carrier.subject.height < _FLAT:  # one stands in a puddle, not on it
        return p
    person = own.marks is not None
    huge = carrier.subject.height >= HUGE
    if carrier.subject.looks:  # on somebody's shoulder
        return _scaled(p, min(1.0, 0.22 * carrier.height / p.height))
    if carrier.subject.name == "hot air balloon":
        return _scaled(p, min(1.0, 0.3 * carrier.height / p.height, 0.5 * carrier.width / p.width))
    if carrier.subject.stance is Stance.WATER and huge:
        return _scaled(p, min(1.0, 0.34 * carrier.height / p.height))
    if person and bond is Bond.RIDES:
        return _scaled(p, carrier.height * _ratio(p.subject, carrier.subject) / p.height)
    most = carrier.height * ((0.62 if person else 0.6) if huge else 1.1)
    if person and bond is not Bond.IN:
        return _scaled(p, min(1.0, most / p.height))
    return _scaled(p, min(1.0, 0.72 * carrier.width / p.width, most / p.height))


def _on_seat(
    p: Placement, carrier: Placement, bond: Bond, own: Artwork, marks: Marks | None
) -> Placement:
    across, down = seat_of(carrier.subject.art)
    if marks is not None:
        away = _SHOULDER * carrier.height / carrier.width
        across, down = marks.middle - away, marks.chin + 0.03
    across = 1 - across if carrier.flip else across
    hidden = 0.0
    if bond is Bond.IN:
        hidden = 0.3 if own.marks is not None else 0.22
    return replace(
        p,
        x=carrier.x + (across - 0.5) * carrier.width,
        foot=carrier.foot - carrier.height * (1 - down) + p.height * _below_the_seat(p, bond, own),
        depth=carrier.depth,
        flip=_flip(p, carrier, own),
        carried=True,
        hidden=hidden,
    )


def _flip(p: Placement, carrier: Placement, own: Artwork) -> bool:
    return carrier.flip if own.facing != "right" else not carrier.flip


def _ratio(rider: Subject, mount: Subject) -> float:
    """How tall a rider is beside the mount: as in life, but never lost or bursting."""
    most = 1.6 if mount.height < 1.3 else 1.25  # who pedals has to reach the pedals
    return min(most, max(0.5, 1.1 * float((rider.height / mount.height) ** 0.6)))


def _below_the_seat(p: Placement, bond: Bond, own: Artwork) -> float:
    """The share of the height that hangs below where it sits."""
    if own.marks is not None and bond is Bond.RIDES:
        return 1 - own.marks.hip
    if own.marks is not None and bond is Bond.ON:
        return (
            (1 - own.marks.hip) * 0.92 if p.subject.look and p.subject.look.pose == "sit" else 0.02
        )
    return 0.0 if bond is Bond.ON else 0.08


def _in_hand(p: Placement, carrier: Placement, art: Mapping[str, Artwork]) -> Placement:
    marks = art[carrier.subject.drawing].marks
    hand = marks.hand if marks else (0.75, 0.5)
    across = 1 - hand[0] if carrier.flip else hand[0]
    airy = p.subject.stance is Stance.AIR
    share = 0.62 if airy else 0.3
    p = _scaled(p, min(1.0, carrier.height * share / p.height))
    x = carrier.x + (across - 0.5) * carrier.width
    y = carrier.foot - carrier.height * (1 - hand[1])
    foot = y + (0.5 if airy else p.height * 0.45)
    return replace(p, x=x, foot=foot, depth=carrier.depth, carried=True, flip=carrier.flip)


def _worn(p: Placement, carrier: Placement, own: Artwork) -> Placement:
    across, crown, broad, neck = head_of(carrier.subject.art)
    across = 1 - across if carrier.flip else across
    unit = broad * carrier.width / 36
    _, top, _, bottom = own.outline
    height = (bottom - top) * garnish.TALL * unit
    head = carrier.foot - carrier.height
    low = garnish.TOP + bottom * garnish.TALL  # of the drawing, from the middle of the head
    if garnish.is_neckwear(p.subject.name):
        foot = head + neck * carrier.height + low * unit
    elif garnish.is_eyewear(p.subject.name):
        foot = head + (crown * 0.5 + neck * 0.5) * carrier.height + low * unit
    else:
        foot = head + crown * carrier.height + (low + 17) * unit
    x = carrier.x + (across - 0.5) * carrier.width
    return replace(
        p,
        x=x,
        foot=foot,
        height=height,
        width=height * own.ratio,
        depth=carrier.depth,
        flip=carrier.flip,
        carried=True,
    )


def _behind(p: Placement, front: Placement) -> Placement:
    side = -1 if front.flip else 1
    reach = front.width / 2 + p.width * (0.05 if p.height < front.height else 0.2)
    return replace(
        p,
        x=front.x + side * reach * 0.9,
        foot=front.foot - 1.2,
        depth=front.depth + 0.04,
        flip=front.flip,
    )


def sheltering(p: Placement, below: Placement, stage: Stage) -> Placement:
    """A tree, a lamp or an umbrella over whoever is under it."""
    if is_furniture(p.subject):
        tall = _table_over(p, below.height, below.width)
        p = _scaled(p, tall / p.height)
        return replace(p, x=below.x, foot=below.foot - 0.8, depth=below.depth + 0.02)
    if p.subject.height < 1.4:  # an umbrella: over the head
        scale = max(1.0, below.width * 1.25 / p.width)
        p = _scaled(p, scale)
        foot = below.foot - below.height * 0.72
        return _inside(replace(p, x=below.x, foot=foot, depth=below.depth + 0.02, carried=True))
    tall = min(below.foot - _ROOM, max(p.height, below.height * 1.75))
    p = _scaled(p, tall / p.height)
    side = 1 if below.x < stage.across / 2 else -1
    x = below.x + side * (below.width * 0.5 + 0.12 * p.width)
    return replace(p, x=x, foot=below.foot - 1.5, depth=below.depth + 0.08)


def _inside(p: Placement) -> Placement:
    over = _ROOM - (p.foot - p.height)
    return replace(p, foot=p.foot + over) if over > 0 else p
