"""A prompt read from left to right: which things it mentions and what it says of the scene."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from limner.backends.images.sketch.lexicon.found import Found, Mention, Sign, Trait
from limner.backends.images.sketch.lexicon.guard import Context, grammar, stands
from limner.backends.images.sketch.lexicon.names import named
from limner.backends.images.sketch.lexicon.token import END, Token
from limner.backends.images.sketch.lexicon.vocabulary import Entry, Vocabulary
from limner.backends.images.sketch.lexicon.wearing import ANYWHERE, owner_of

_PATIENCE = 3
"""How many unknown words may stand between "two", "red" or "no" and their noun."""

_LARGE = 3.0
"""Metres; a plural of what is larger means two, for a page holds few large things."""

_NAME = 3
"""How many words of a clause a name takes, as in "in the style of Van Gogh"."""

_PACKS = ("pack", "herd", "flock", "swarm", "family")
"""What makes many of the noun before it."""

_PARTS = ("stairs", "steps", "staircase", "room", "rooms", "corridors", "halls", "kitchen")
"""Who is at such a part of a building is in it."""

_PARENTS = ("mother", "mom", "mum", "mama", "father", "dad", "papa", "parent")
"""Whose they are decides whether they are people."""

_GOVERNOR_REACH = 6
"""How many words back a preposition is looked for."""

_MOTION_REACH = 4
"""How many words after a noun may say that it flies or rests."""


@dataclass
class _Pending:
    """What was said of a noun that has not come yet."""

    count: int | None = None
    colours: list[str] = field(default_factory=list)
    negated: bool = False
    patience: int = _PATIENCE

    def forget(self) -> None:
        self.count, self.colours, self.patience = None, [], _PATIENCE

    def clear(self) -> None:
        self.forget()
        self.negated = False

    def pass_word(self, word: str) -> None:
        """Hear a word that is no noun."""
        words = grammar()
        if word in ("and", "or", "nor"):
            # "black and white": both colours; "no cat or dog": both missing.
            self.count = None
        elif word in words.determiners:
            self.forget()
        elif word in words.prepositions or word in words.pronouns:
            self.clear()
        else:
            self.patience -= 1
            if self.patience < 0:
                self.clear()

    def tint(self) -> str | None:
        """The one colour named; two colours are a pattern, which no dye makes."""
        return self.colours[0] if len(set(self.colours)) == 1 else None


def scan(words: Sequence[Token], vocabulary: Vocabulary) -> Found:
    """Read a prompt; takes time linear in its length."""
    found, pending = Found(), _Pending()
    position = 0
    while position < len(words):
        token = words[position]
        if token is END:
            pending.clear()
            position += 1
            continue
        length, entry = _match(words, position, vocabulary)
        if entry is None:
            context = Context(words, position, position + 1, False, vocabulary)
            if (called := named(context, found.mentions)) is not None:
                found.mentions.append(called)
                pending.clear()
            pending.pass_word(token.word)
            position += 1
            continue
        _take(entry, Context(words, position, position + length, False, vocabulary), pending, found)
        position += length
        if entry.names:
            position = _past_name(words, position)
    return found


def _past_name(words: Sequence[Token], position: int) -> int:
    """Where the name ends that begins at that position."""
    end = position
    while end < len(words) and end - position < _NAME and words[end] is not END:
        end += 1
    return end


def _match(words: Sequence[Token], start: int, vocabulary: Vocabulary) -> tuple[int, Entry | None]:
    """The longest phrase that begins here and is used as its guard asks."""
    longest = min(vocabulary.longest(words[start]), len(words) - start)
    for length in range(longest, 0, -1):
        entry = vocabulary.lookup(words, start, length)
        if entry is None:
            continue
        entry = _usable(entry, words, start, start + length, vocabulary)
        if entry is not None:
            return length, entry
    return 0, None


def _usable(
    entry: Entry, words: Sequence[Token], start: int, end: int, vocabulary: Vocabulary
) -> Entry | None:
    """What is left of an entry when its guards have looked around; ``None`` if nothing is."""
    form, cues, ignored = entry.form, entry.cues, entry.ignored
    if form is not None:
        context = Context(words, start, end, form.several, vocabulary)
        form = form if stands(form.guard, context) else None
    if entry.guard is not None:
        plain = Context(words, start, end, words[end - 1].word.endswith("s"), vocabulary)
        if not stands(entry.guard, plain):
            cues, ignored = (), False
    if form is None and not cues and not ignored and _only_noun_or_cue(entry):
        return None
    return replace(entry, form=form, cues=cues, ignored=ignored)


def _only_noun_or_cue(entry: Entry) -> bool:
    said = entry.count is not None or entry.colour is not None or entry.trait is not None
    return not (said or entry.negation or entry.names)


def _take(entry: Entry, context: Context, pending: _Pending, found: Found) -> None:
    """Note what an entry says."""
    if entry.cues and not pending.negated:
        preposition = governor(context)
        modifies = context.vocabulary.names_thing(context.after.word)
        at = context.start
        found.signs += [Sign(cue, at, preposition, modifies) for cue in entry.cues]
    if entry.trait is not None and _is_trait(entry, context, pending, found):
        return
    if entry.form is not None:
        if not pending.negated:
            child = _child(context, found.mentions)
            if child is not None:
                found.mentions.append(_parent(child, context))
            else:
                found.mentions.append(_mention(entry, context, pending))
            found.mentions += _brought(found.mentions[-1], context.vocabulary)
        pending.forget()
    elif entry.negation:
        pending.clear()
        pending.negated = True
    elif entry.count is not None:
        pending.count, pending.patience = entry.count, _PATIENCE
    elif entry.colour is not None:
        pending.colours.append(entry.colour)
    elif entry.cues and pending.negated:
        pending.clear()


def _is_trait(entry: Entry, context: Context, pending: _Pending, found: Found) -> bool:
    """Whether the phrase says something of somebody; it is noted then."""
    assert entry.trait is not None  # noqa: S101 - the caller has looked
    kind, value = entry.trait
    owner = owner_of(kind, context, found.mentions, found.traits)
    if owner is None and entry.form is not None:
        return False
    if entry.form is not None and kind in ANYWHERE:
        return False
    if not pending.negated:
        adjectives = context.leading()
        colour = pending.colours[-1] if pending.colours else None
        at = None if owner is None else owner.at
        found.traits.append(Trait(kind, value, context.start, at, colour, adjectives))
    if kind in ("pose", "doing", "face", "age"):
        pending.pass_word(context.words[context.end - 1].word)
        return entry.count is None and entry.colour is None
    pending.forget()
    return True


def _mention(entry: Entry, context: Context, pending: _Pending) -> Mention:
    form = entry.form
    assert form is not None  # noqa: S101 - the caller has looked
    row = form.noun.row
    several = 2 if row.h >= _LARGE else 3
    usual = several if form.several else row.count
    tint = pending.tint()
    return Mention(
        noun=form.noun,
        at=context.start,
        count=min(pending.count or usual, 5) if context.after.word not in _PACKS else 4,
        tint=None if tint in row.natural else tint or row.tint,
        owner=context.words[context.end - 1].owner,
        preposition=governor(context),
        several=form.several,
        flying=_motion(context),
        end=context.end,
        adjectives=context.leading(),
    )


def _child(context: Context, mentions: Sequence[Mention]) -> Mention | None:
    """The animal whose mother or father the phrase means."""
    if context.words[context.end - 1].word not in _PARENTS or not mentions:
        return None
    last = mentions[-1]
    beast = last.noun.animate and not last.noun.person
    return last if beast and context.before.word in ("its", "their", "his", "her") else None


def _parent(child: Mention, context: Context) -> Mention:
    """One of the same kind, larger, or of the kind that its parents are."""
    word = child.noun.row.parent
    entry = context.vocabulary.lookup([Token(word, word)], 0, 1) if word else None
    noun = entry.form.noun if entry is not None and entry.form is not None else child.noun
    return replace(
        child,
        noun=noun,
        at=context.start,
        end=context.end,
        count=1,
        name="parent",
        adjectives=("big",),
        preposition="",
        flying=False,
    )


def _brought(who: Mention, vocabulary: Vocabulary) -> list[Mention]:
    """What comes with somebody: a pianist's piano."""
    word = who.noun.row.brings
    entry = vocabulary.lookup([Token(word, word)], 0, 1) if word else None
    if entry is None or entry.form is None:
        return []
    return [replace(who, noun=entry.form.noun, count=1, tint=None, name="", adjectives=())]


def _motion(context: Context) -> bool | None:
    """Whether the words right before or soon after say that it flies or rests."""
    words = grammar()
    if context.after.word in ("over", "above"):
        return True
    near = [context.before]
    for token in context.words[context.end : context.end + _MOTION_REACH]:
        if token is END:
            break
        near.append(token)
    for token in near:
        if token.word in words.fly:
            return True
        if token.word in words.rest:
            return False
    text = " ".join(token.word for token in near)
    return True if "in the sky" in text or "in the air" in text else None


def governor(context: Context) -> str:
    """The preposition that leads to the phrase: "in" for "in the dark old forest".

    "of" is followed back to what leads to the part: "in the heart of the forest" is "in".
    """
    words, position = context.words, context.start - 1
    prepositions = grammar().prepositions
    for k in range(position, max(-1, position - _GOVERNOR_REACH), -1):
        token = words[k]
        if token is END:
            return ""
        if token.word == "of":
            above = words[max(0, k - 3) : k]
            if above and above[-1].word in _PARTS:
                return "inside"
            leads = [t.word for t in above if t.word in ("in", "at", "on", "through", "inside")]
            return leads[-1] if leads and above[-1].word != "front" else "of"
        if token.word in prepositions and token.word not in ("and", "or", "nor", "as"):
            return token.word
        if context.vocabulary.names_thing(token.word) and not _same_phrase(context, k):
            return ""
    return ""


def _same_phrase(context: Context, position: int) -> bool:
    """Whether the thing at that position still belongs to the phrase: "the dragon's mountain"."""
    if context.words[position].owner:
        return True
    return context.vocabulary.names_place(context.words[position].word) and all(
        token.word not in grammar().determiners
        for token in context.words[position + 1 : context.start]
    )
