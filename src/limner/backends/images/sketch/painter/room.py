"""The plan of a room: where the window and the table are."""

from dataclasses import replace

from limner.backends.images.sketch.brief import Stance
from limner.backends.images.sketch.painter.stage import Stage, Table


def furnish(stage: Stage) -> Stage:
    """The stage with a window, and with a table if something small needs one."""
    side = 1 if stage.focus > stage.across / 2 else -1
    across, floor = stage.across, stage.horizon
    width = min(42.0, across * 0.3)
    height = min(floor * 0.58, 46.0)
    window = (across * (0.5 - side * 0.2), floor * 0.12, width, height)
    small = [s for s in stage.brief.subjects if s.stance in (Stance.TABLE, Stance.FACE)]
    if not small:
        return replace(stage, window=window)
    count = sum(min(s.count, 4) for s in small)
    length = min(across * 0.5, 34.0 + 8 * count)
    table = Table(x=across * (0.5 - side * 0.22), top=stage.ground(0.2), width=length)
    return replace(stage, window=window, table=table)
