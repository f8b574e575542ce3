"""The plan of a room: where the window and the table are."""

from dataclasses import replace

from limner.backends.images.sketch.painter.layout.stage import Stage, Table
from limner.backends.images.sketch.scene import Bond, Stance, Subject

_BORNE = (Bond.HOLDS, Bond.WEARS, Bond.ON, Bond.IN, Bond.RIDES)


def furnish(stage: Stage) -> Stage:
    """The stage with a window, and with a table if something small needs one."""
    side = 1 if stage.focus > stage.across / 2 else -1
    across, floor = stage.across, stage.horizon
    width = min(42.0, across * 0.3)
    height = min(floor * 0.58, 46.0)
    window = (across * (0.5 - side * 0.2), floor * 0.12, width, height)
    if _looks_out(stage):
        x, width, height = stage.focus, min(58.0, across * 0.42), min(floor * 0.66, 54.0)
        window = (x, floor * 0.1, width, height)
        sill = Table(x=x, top=floor * 0.1 + height + 0.6, width=width)
        return replace(stage, window=window, table=sill, sill=True)
    small = [s for s in stage.scene.subjects if _needs_table(s)]
    if not small:
        return replace(stage, window=window)
    count = sum(min(s.count, 4) for s in small)
    length = min(across * 0.5, 34.0 + 8 * count)
    table = Table(x=across * (0.5 - side * 0.22), top=stage.ground(0.2), width=length)
    return replace(stage, window=window, table=table)


def _needs_table(subject: Subject) -> bool:
    """Whether it is small and nothing else bears it."""
    if subject.relation is not None and subject.relation.bond in _BORNE:
        return False
    return subject.stance in (Stance.TABLE, Stance.FACE)


def _looks_out(stage: Stage) -> bool:
    """One small animal alone in a room sits at the window."""
    subjects = stage.scene.subjects
    if len(subjects) != 1 or subjects[0].count > 1:
        return False
    return subjects[0].stance is Stance.GROUND and subjects[0].height <= 0.45
