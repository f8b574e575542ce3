"""What the tags of a text became before it was edited, for those of its tags that are the same."""

import uuid
from collections import defaultdict, deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from limner.errors import LimnerError
from limner.illustration.model.image import Image
from limner.illustration.model.message import Message, MessageState
from limner.illustration.model.slot import Alternative, Slot, SlotState


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerAnswer:
    """A text as it was.

    Attributes:
        message: The text, with its pictures.
        changed: The ordinals, in it, of pictures that are drawn otherwise now.
    """

    message: Message
    changed: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What one answer had for a tag.

    Attributes:
        slot: The tag's slot there.
        same: Whether its picture is what is asked for now, too.
    """

    slot: Slot
    same: bool


class FormerPictures:
    """Gives pictures back to tags that ask for what they asked for before, wherever they stand now.

    Equal tags get their pictures in the order in which they stood. What somebody made of a tag goes
    along: the changed prompt, from which it is drawn if it must be, and the other pictures.

    A text may have been many things: one that was cut, or whose pictures were drawn otherwise or
    not at all, hides nothing of what those before it had.

    Args:
        message: The text as it was.
        redraw: The ordinals, in the text as it is now, of tags that get another picture.
        changed: The ordinals, in the text as it was, of pictures that are drawn otherwise now.
        earlier: What the text was before that, the newest first.

    """

    def __init__(
        self,
        message: Message,
        redraw: Collection[int] = (),
        *,
        changed: Collection[int] = (),
        earlier: Sequence[FormerAnswer] = (),
    ) -> None:
        self._redraw = frozenset(redraw)
        self._answers = (FormerAnswer(message=message, changed=changed), *earlier)
        self._kept: defaultdict[object, deque[list[_Candidate]]] = defaultdict(deque)
        self._given: dict[int, Slot] = {}
        self._back: set[int] = set()
        for wish, places in _by_wish(self._answers).items():
            self._kept[wish].extend(places)

    @property
    def taken(self) -> int:
        """How many were given back."""
        return len(self._back)

    @property
    def otherwise(self) -> int:
        """How many pictures the text had that are drawn otherwise now, none of it being taken."""
        newest = self._answers[0].message
        mine = (newest.id, newest.variant)
        return sum(
            not any(one.same for one in candidates)
            for places in self._kept.values()
            for candidates in places
            if (candidates[0].slot.id.message_id, candidates[0].slot.id.variant) == mine
        )

    @property
    def whole_before(self) -> bool:
        """Whether the text has been there to its end."""
        return any(one.message.state is MessageState.COMPLETE for one in self._answers)

    def take(self, slot: Slot) -> Image | None:
        """The picture for a tag, which nobody gets again; ``None``: it is to be drawn."""
        kept = self._kept.get(_wish(slot))
        if not kept:
            return None
        candidates = kept.popleft()
        self._given[slot.id.ordinal] = candidates[0].slot
        if slot.id.ordinal in self._redraw:
            return None
        for one in candidates:
            if one.same and one.slot.image is not None and _is_there(one.slot.image):
                self._given[slot.id.ordinal] = one.slot
                self._back.add(slot.id.ordinal)
                return one.slot.image
        return None

    def as_changed(self, slot: Slot) -> Slot:
        """A slot that was looked for, with what somebody made of its prompt before."""
        former = self._given.get(slot.id.ordinal)
        return slot if former is None else replace(slot, prompts=former.prompts)

    def whole(self, slot: Slot) -> Slot:
        """A slot that has its picture, with all that its tag had before, if the picture is that.

        One of which somebody has made something meanwhile stays as it is. One that could not be
        drawn shows the picture that its tag had, and stays failed.
        """
        former = self._given.get(slot.id.ordinal)
        if former is None or slot.pending:
            return slot
        if slot.image is None:
            return self.shown(slot) if slot.state is SlotState.FAILED else slot
        if len(slot.alternatives) > 1 or len(slot.prompts.versions) > 1:
            return slot
        if former.prompts != slot.prompts:
            slot = replace(slot, prompts=former.prompts)
        if slot.id.ordinal not in self._back or len(former.alternatives) == 1:
            return slot
        return replace(
            slot,
            alternatives=tuple(map(_copied, former.alternatives)),
            selected=former.selected,
            attempts=max(slot.attempts, former.attempts),
        )

    def shown(self, slot: Slot) -> Slot:
        """A slot that has no picture, or none yet, with the one that its tag had before."""
        if slot.image is not None or slot.state is SlotState.DELETED:
            return slot
        if slot.id.ordinal not in self._given:
            self.take(slot)  # nobody has come so far as to ask for it
            self._back.discard(slot.id.ordinal)
        former = self._given.get(slot.id.ordinal)
        if former is None or former.image is None or not _is_there(former.image):
            return slot
        return replace(
            slot,
            prompts=former.prompts,
            alternatives=tuple(map(_copied, former.alternatives)),
            selected=former.selected,
            attempts=max(slot.attempts, former.attempts),
        )


def _by_wish(answers: Sequence[FormerAnswer]) -> dict[object, list[list[_Candidate]]]:
    """What there is for each wish: for the first tag that has it, the second, …, newest first."""
    found: list[dict[object, list[_Candidate]]] = [_slots(answer) for answer in answers]
    wishes = dict.fromkeys(wish for one in found for wish in one)
    return {wish: list(_places([one.get(wish, []) for one in found])) for wish in wishes}


def _slots(answer: FormerAnswer) -> dict[object, list[_Candidate]]:
    changed = frozenset(answer.changed)
    slots: defaultdict[object, list[_Candidate]] = defaultdict(list)
    for slot in answer.message.in_reading_order():
        if slot.state is not SlotState.DELETED:
            # One that failed shows what its tag had before, drawn in another way.
            same = slot.state is not SlotState.FAILED and slot.id.ordinal not in changed
            slots[_wish(slot)].append(_Candidate(slot, same))
    return slots


def _places(answers: Sequence[Sequence[_Candidate]]) -> Iterator[list[_Candidate]]:
    for place in zip_longest(*answers):
        there = [one for one in place if one is not None and one.slot.image is not None]
        if there:
            yield there


def _wish(slot: Slot) -> object:
    """What a tag asks for."""
    return slot.tag.prompt, frozenset(slot.tag.attributes.items())


def _copied(one: Alternative) -> Alternative:
    return replace(one, id=uuid.uuid4().hex)


def _is_there(image: Image) -> bool:
    """Whether its file can be read: one that is lost is drawn anew."""
    try:
        return bool(image.data)
    except LimnerError:
        return False
