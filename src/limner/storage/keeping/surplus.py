"""Which pictures go where an owner's take more room than they may, or are older."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, exists, func, select

from limner.illustration import MessageState, SlotId, SlotState
from limner.storage.database.tables import (
    alternatives,
    answers,
    chats,
    images,
    jobs,
    messages,
    slots,
)
from limner.storage.keeping.loose import now_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """How much of pictures is kept for each owner; those of nobody are one owner's.

    Attributes:
        bytes: How much room they may take; ``None``: as much as there is.
        seconds: How old they may become; ``None``: as old as they will.
    """

    bytes: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surplus:
    """A picture that a bound does not allow.

    Attributes:
        owner: Whose; ``""``: nobody's.
        slot_id: In which place.
        alternative_id: Which of its pictures.
        shown: Whether it is the one shown there.
        size: How many bytes its file has, if nothing else of this owner shows it.
        too_old: Whether that is why.
    """

    owner: str
    slot_id: SlotId
    alternative_id: str
    shown: bool
    size: int
    too_old: bool


_BUSY = (SlotState.QUEUED.value, SlotState.DRAWING.value)
_OWNER = func.coalesce(chats.c.owner, "")
_SHOWN = case((slots.c.selected == alternatives.c.position, 1), else_=0)
_FREE = (
    slots.c.state.not_in(_BUSY)
    & ~exists().where(jobs.c.slot_key == slots.c.key)
    & (answers.c.state != MessageState.WRITING.value)
)
"""Nothing is drawn there, and nothing is written."""
_ALL = (
    select(
        _OWNER.label("owner"), messages.c.id, answers.c.variant, slots.c.ordinal,
        alternatives.c.id.label("alternative"), alternatives.c.digest, alternatives.c.media_type,
        alternatives.c.made_at, images.c.size, _SHOWN.label("shown"), _FREE.label("free"),
    )
    .join(slots, alternatives.c.slot_key == slots.c.key)
    .join(answers, slots.c.answer_key == answers.c.key)
    .join(messages, answers.c.message_key == messages.c.key)
    .join(chats, alternatives.c.chat_key == chats.c.key)
    .join(
        images,
        (images.c.digest == alternatives.c.digest)
        & (images.c.media_type == alternatives.c.media_type),
    )
    .where(messages.c.deleted_at.is_(None))
    .order_by(_SHOWN, alternatives.c.made_at, alternatives.c.key)
)  # fmt: skip
"""Pictures in the order in which they go."""
_OWNERS = (
    select(_OWNER, func.sum(images.c.size), func.min(alternatives.c.made_at))
    .select_from(alternatives)
    .join(chats, alternatives.c.chat_key == chats.c.key)
    .join(
        images,
        (images.c.digest == alternatives.c.digest)
        & (images.c.media_type == alternatives.c.media_type),
    )
    .group_by(_OWNER)
)
"""How much room each owner's pictures take at most, and how old they are."""
MANY = 500
"""Owners that are named in a question."""


def surplus(connection: Connection, bound: Bound) -> list[Surplus]:
    """What a bound does not allow: pictures that are not shown before others, the oldest first.

    What is being drawn or written is left alone; how old something is the database's clock
    tells. What several places of an owner show counts once.
    """
    now = connection.execute(select(now_of(connection))).scalar_one()
    owners = [
        owner
        for owner, room, oldest in connection.execute(_OWNERS)
        if (bound.bytes is not None and room > bound.bytes)
        or (bound.seconds is not None and oldest < now - bound.seconds)
    ]
    if not owners:  # as nearly always: no picture of a large library is looked at by itself
        return []
    asked = _ALL.where(_OWNER.in_(owners)) if len(owners) <= MANY else _ALL
    rows = connection.execute(asked).mappings().all()
    return _surplus([dict(row) for row in rows], bound, now)


def _surplus(rows: Sequence[Mapping[str, Any]], bound: Bound, now: float) -> list[Surplus]:
    """Those that go, in their order."""
    uses: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    room: Counter[str] = Counter()
    for row in rows:
        key = row["digest"], row["media_type"]
        if not uses[row["owner"]][key]:
            room[row["owner"]] += row["size"]
        uses[row["owner"]][key] += 1
    found: list[Surplus] = []
    for row in rows:
        owner, key = row["owner"], (row["digest"], row["media_type"])
        too_old = bound.seconds is not None and row["made_at"] < now - bound.seconds
        too_much = bound.bytes is not None and room[owner] > bound.bytes
        if not row["free"] or not (too_old or too_much):
            continue
        uses[owner][key] -= 1
        size = 0 if uses[owner][key] else row["size"]
        room[owner] -= size
        slot_id = SlotId(row["id"], row["variant"], row["ordinal"])
        found.append(
            Surplus(
                owner=owner,
                slot_id=slot_id,
                alternative_id=row["alternative"],
                shown=bool(row["shown"]),
                size=size,
                too_old=too_old,
            )
        )
    return found
