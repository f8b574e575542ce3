"""Whose a refusal is: the server's, which refuses everybody, or one picture's. Pure.

A server that refuses one picture and draws another that was sent afterwards is well: the refusal is
the picture's own. Where two are refused and none is drawn between, it is the server's. So after one
refusal another picture is sent, and only then anybody is held back, or anything learnt; except that
a server that tells when to come back is taken at its word once.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from limner.backends.images.learning.outage import ALONE, BRIEF_WAIT, LONGEST_PAUSE, Hold, pause
from limner.backends.images.learning.refusal import Refusal, RefusedPicture, Verdict
from limner.backends.images.learning.under_way import Attempt, UnderWay
from limner.illustration.generation.retry_policy import AWAY_TIMEOUT, LONGEST_COOLING
from limner.illustration.generation.wait import Wait

TRIES = 25
"""Tries altogether of a picture that is refused as too many, or by a server that is there."""
DOUBT = 600.0
"""The same where no other picture was refused: it may be the picture, it may be the server."""
AFTER_OTHERS = 0.001
"""Seconds by which a refused picture lets those go first that wait as well."""
SOON = 1.0
"""Seconds within which one is sent to ask, when it may be and a place is free."""
LETS_PASS = 10.0
"""Seconds for which one too many lets others go first, when it is so again."""
SILENT_TRIES = 10
"""Tries of a picture that alone is refused as too many, without a time: it may be bad luck."""
RELAPSES = 3
"""Times that a picture is refused by a server that seems away, and is back: then it is to blame."""
FICKLE = 2
"""Pictures that it refused and then drew after which a server is known to refuse at random."""
NEVER_MET = 3
"""Times that a server which never answered is asked in vain: its address may be mistyped."""


@dataclass(slots=True)
class Refusals:
    """Judges refusals, and holds everybody back while the server refuses everybody.

    Attributes:
        hold: Until when nobody is sent; ``None``: nothing holds.
        pictures: The pictures that were refused and have not ended.
        patience: Seconds from its first refusal after which a picture is not asked for again.
        met: Whether the server has ever answered, be it with a refusal; ``None``: it may still.
    """

    hold: Hold | None = None
    pictures: dict[Hashable, RefusedPicture] = field(default_factory=dict)
    patience: float = AWAY_TIMEOUT
    met: bool | None = None
    _under_way: UnderWay = field(default_factory=UnderWay)
    _victims: set[Hashable] = field(default_factory=set)
    """Those that were refused since the server drew anything that was sent no earlier."""
    _worked: float = float("-inf")
    """When the latest of those that were drawn was sent."""
    _tells_one: bool = False
    """Whether it drew one picture in the time after which it would have another come back."""
    _in_vain_told: int = 0
    """How often it was asked in vain when it had told since it let in anybody."""
    _fickle: int = 0
    """How many were drawn that were refused before, and no others with them."""

    def began(self, key: Hashable, now: float) -> None:
        """A picture is sent."""
        self._under_way.began(key, now)
        if self.hold is not None and self.hold.began(key, now):
            self._over()

    def ended(self, key: Hashable, *, gone: bool) -> None:
        """An attempt ended in a way that says nothing; `gone`: and so did the picture."""
        self._under_way.ended(key)
        if self.hold is not None and self.hold.asks == key:
            self.hold.asked_at = self.hold.asks = None  # it did not find out
        if gone:
            self.pictures.pop(key, None)
            self._victims.discard(key)

    def drawn(self, key: Hashable, now: float) -> None:
        """A picture is made."""
        self.met = True
        attempt = self._under_way.ended(key) or Attempt(now, 1)
        if (picture := self.pictures.get(key)) is not None:
            self._fickle += picture.own or (self.hold is None and picture.sent is not None)
        self._worked = max(self._worked, attempt.at)
        self._tells_one |= any(
            one.refused_at <= attempt.at < one.told_until - 1 for one in self.pictures.values()
        )
        self.ended(key, gone=True)
        asked = self.hold is not None and attempt.at >= self.hold.since
        self._in_vain_told = 0
        if asked:
            self._over()
        else:
            self._victims -= {one for one in self._victims if self._refused_before(one, attempt)}

    def refused(self, key: Hashable, now: float, refusal: Refusal) -> Verdict:
        """A picture is refused.

        A server that was there in this run is waited for; whether one that never was will ever be
        there is not found out by waiting.
        """
        self.met = True if refusal.answered else self.met
        attempt = self._under_way.refused(key) or Attempt(now, 1)
        picture = self.pictures.setdefault(key, RefusedPicture(first=now))
        asks = self._note(picture, key, now, refusal)
        asked_after = {
            one for one in self._victims - {key} if self.pictures[one].refused_at <= attempt.at
        }
        picture.refused_at, picture.told_until = now, now + (refusal.wait or 0.0)
        if not self.met and self._in_vain(picture):
            self._victims.clear()
            self.hold = None  # nobody need wait to hear the same
            return self._alone(key, now, None)
        if refusal.tried and not picture.own:  # the window itself says when there is room
            self._not_alone(picture)
            self.ended(key, gone=False)
            return Verdict(delay=0.0, shared=True)
        # A time that is told is taken for true once, until it was seen to be for one picture only.
        trusted = not picture.again_at and not self._tells_one
        if refusal.beyond and not picture.own and self._is_certain(key, refusal):
            if asks:
                self.hold = None
            return self._one_too_many(key, now, refusal, trusted=trusted)
        picture.counted += refusal.wait is None  # one too many is no try
        known = picture.own
        self._compare(picture, now, attempt, full=refusal.full)
        if picture.own:
            if self._victims == {key}:
                self.hold = None
            self._victims.discard(key)
            delay = self._own_pause(picture, now, refusal, known=known)
            return self._alone(key, now, delay, behind=(key,) if self.hold is not None else ())
        self._victims.add(key)
        self._hold(key, now, refusal, attempt, trusted=trusted)
        if self._hopeless(picture, now, refusal):
            return self._alone(key, now, None)
        if self.hold is None:
            return self._alone(key, now, _doubtful_pause(picture, refusal))
        if refusal.wait is not None and trusted and not asked_after:  # it keeps its place once
            picture.again_at = now + refusal.wait
            return Verdict(delay=0.0, shared=True)
        delay = max(self.hold.next_start() - now, 0.0) + AFTER_OTHERS
        picture.again_at = now + (delay if refusal.wait is None else refusal.wait)
        again = {one for one, other in self.pictures.items() if other.relapses and one != key}
        first = asked_after | again if self.hold.times <= 2 else set()
        return Verdict(delay=delay, shared=True, behind=(*self._in_order(first), key))

    def _note(self, picture: RefusedPicture, key: Hashable, now: float, refusal: Refusal) -> bool:
        """Count a refusal; tells whether it met the one that asks for all."""
        early = now < picture.again_at or (refusal.wait or 0.0) > LONGEST_COOLING
        picture.tries += 1
        picture.asked += not (refusal.trial or refusal.tried)
        picture.full |= refusal.full
        picture.counted += refusal.wait is not None and not early
        picture.words = refusal.words
        asks = self.hold is not None and self.hold.asks == key
        self._in_vain_told += asks and refusal.wait is not None
        return asks

    def _one_too_many(
        self, key: Hashable, now: float, refusal: Refusal, *, trusted: bool
    ) -> Verdict:
        """So many at once were never drawn: it will be taken when there are fewer.

        One that is so again may be to blame: it lets others be tried.
        """
        picture = self.pictures[key]
        if refusal.wait and trusted:
            self.hold_back(now, min(refusal.wait, LONGEST_COOLING), refusal.words)
        passes = LETS_PASS if refusal.wait is None else min(refusal.wait, LONGEST_COOLING)
        self._not_alone(picture)
        passes = passes if picture.tries > 1 else 0.0
        picture.again_at = max(picture.again_at, now + passes)
        behind = (key,) if refusal.trial and picture.tries > 1 else ()
        return Verdict(delay=passes, shared=True, behind=behind, beyond=True)

    def wait(self, now: float) -> Wait | None:
        """What everybody waits for, or else the first of the pictures that were refused.

        While one that asks has not been refused for long enough, or all places are taken when it
        may be asked, it is not the server that is waited for.
        """
        hold = self.hold
        if hold is not None and now < hold.next_start() + (SOON if hold.asked_at is None else 0):
            until = hold.until if hold.asked_at is None else hold.asked_at
            return Wait(reason=hold.reason, words=hold.words, until=until, times=hold.times)
        later = [one for one in self.pictures.values() if one.again_at > now]
        if not later:
            return None
        first = min(later, key=lambda picture: picture.again_at)
        said = f"a picture was refused: {first.words}"
        return Wait(reason="picture", words=said, until=first.again_at, times=first.tries)

    def everybodys(self, key: Hashable, now: float, refusal: Refusal) -> None:
        """A refusal that holds for all, as somebody else says what becomes of the picture."""
        self.met = True
        attempt = self._under_way.refused(key) or Attempt(now, 1)
        told = min(refusal.wait or 0.0, LONGEST_COOLING)
        if self.hold is None:
            self.hold = Hold(since=now, until=now + (told or pause(1)))
        elif self.hold.asks == key:
            seconds = max(told, pause(self.hold.times + 1))
            self.hold.refused(now, seconds=seconds, reaction=now - attempt.at)
        else:
            self.hold.until = max(self.hold.until, now + told)
        self.hold.words = refusal.words

    def hold_back(self, now: float, seconds: float, words: str) -> None:
        """The server has told that its quota is used up, though it has not refused."""
        if self.hold is None:
            self.hold = Hold(since=now, until=now + seconds, words=words)
        elif self.hold.asked_at is None:
            self.hold.until = max(self.hold.until, now + seconds)

    def _is_certain(self, key: Hashable, refusal: Refusal) -> bool:
        """Whether a picture is surely refused because more are under way than are borne.

        Who tells a long time may mean just that: it is waited for before.
        """
        if refusal.wait is None:
            return refusal.trial or bool(self._victims - {key})
        return refusal.trial or refusal.wait <= BRIEF_WAIT

    def _in_vain(self, picture: RefusedPicture) -> bool:
        """Whether a server that never answered was asked often enough; it is asked no more then."""
        if (
            self.met is None
            and max(picture.tries, self.hold.times if self.hold else 0) >= NEVER_MET
        ):
            self.met = False
        return self.met is False

    def _compare(
        self, picture: RefusedPicture, now: float, attempt: Attempt, *, full: bool
    ) -> None:
        """Find out whether a picture that is refused is so by itself, or others are as well.

        Where a window was full the next one is refused, whichever it is.
        """
        asked_before = picture.sent is not None and self._worked >= picture.sent
        picture.own = picture.own or (asked_before and not full)
        if picture.sent is None:  # one that was long at the server had been let in, as others were
            picture.sent = max(attempt.at, now - ALONE)
        if not picture.own:
            self._not_alone(picture)

    def _not_alone(self, picture: RefusedPicture) -> None:
        """The server refuses not the others alone."""
        for other in self.pictures.values():
            if other is not picture:
                other.counted = 0

    def _hold(
        self, key: Hashable, now: float, refusal: Refusal, attempt: Attempt, *, trusted: bool
    ) -> None:
        """Hold everybody back, if the server refuses everybody or has told until when."""
        told = refusal.wait
        alone = (len(self._victims) if told is None else self._suspects()) == 1
        if self.hold is None:
            if alone and (told is None or not trusted):
                return  # another picture shows whose it is
            seconds = pause(1)
            if told is not None:
                seconds = self._told_pause(told, max(self._in_vain_told, self._tells_one))
            patient = max(ALONE, 2 * (now - attempt.at)) if told is None else ALONE
            self.hold = Hold(since=now, until=now + min(seconds, LONGEST_COOLING), alone=patient)
        elif self.hold.asks == key:
            if alone and told is not None and self.hold.times == 1:
                self.hold = None  # so it does with one that was told too little: who else is?
                return
            seconds = pause(self.hold.times + 1)
            if told is not None:
                seconds = self._told_pause(told, self._in_vain_told)
            self.hold.refused(now, seconds=seconds, reaction=now - attempt.at)
        elif told is not None:
            self.hold.until = max(self.hold.until, now + min(told, LONGEST_COOLING))
        self.hold.words = refusal.words
        self.hold.reason = "busy" if refusal.many else "unavailable"

    def _told_pause(self, told: float, in_vain: int) -> float:
        """Seconds until one asks again: as told, or growing up to that if it was asked in vain."""
        told = min(told, LONGEST_COOLING)
        return told if not in_vain else min(2.0 ** min(in_vain - 1, 10), max(told, LONGEST_PAUSE))

    def _suspects(self) -> int:
        """How many were refused; those that were so in an earlier stretch are one together."""
        again = {one for one in self._victims if self.pictures[one].relapses}
        return len(self._victims - again) + bool(again)

    def _own_pause(
        self, picture: RefusedPicture, now: float, refusal: Refusal, *, known: bool
    ) -> float | None:
        """Seconds after which one that is refused for itself asks again; ``None``: never.

        A server of two, one of which is away, refuses every second time: so it asks twice in a row,
        and when that is known to be the picture's own for the first time.
        """
        fickle = self._fickle >= FICKLE
        if picture.asked >= TRIES:
            return None
        if self.hold is None and known:
            promised = TRIES if fickle else refusal.promised
            if picture.counted >= promised:
                return None
        twice = self.hold is None and (not known or not picture.tries % 2)
        if twice and (refusal.wait is None or fickle):
            seconds = 0.0
        elif refusal.wait is not None:
            seconds = min(refusal.wait, LONGEST_COOLING)
        else:
            seconds = _by_chance(picture) if fickle else pause(picture.counted + 1)
        if self.hold is None:
            return seconds
        return max(seconds, self.hold.next_start() + AFTER_OTHERS - now)

    def _hopeless(self, picture: RefusedPicture, now: float, refusal: Refusal) -> bool:
        """Whether a picture that may not be to blame has been asked for long enough."""
        if refusal.many and picture.asked >= TRIES and not refusal.seen_away:
            return True
        if refusal.many and refusal.wait is None:
            return False
        waited = now - picture.first
        if self.hold is not None and now - self.hold.since >= self.patience and not refusal.many:
            self.hold.until = now  # nobody need wait to hear the same
            return True
        lonely = self.hold is None and picture.counted >= refusal.promised
        doubt = lonely and not refusal.seen_away and waited >= min(DOUBT, self.patience)
        return doubt or (not refusal.many and waited >= self.patience)

    def _in_order(self, keys: set[Hashable]) -> list[Hashable]:
        return [one for one in self.pictures if one in keys]

    def _alone(
        self, key: Hashable, now: float, delay: float | None, *, behind: tuple[Hashable, ...] = ()
    ) -> Verdict:
        self.ended(key, gone=False)
        self.pictures[key].again_at = now + (delay or 0.0)
        return Verdict(delay=delay, shared=False, behind=behind)

    def _refused_before(self, key: Hashable, attempt: Attempt) -> bool:
        """Whether a picture was refused that had been sent no later than another."""
        sent = self.pictures[key].sent
        return sent is not None and sent <= attempt.at

    def _over(self) -> None:
        """The server draws again: what it refused meanwhile was nobody's fault."""
        for key in self._victims:
            picture = self.pictures.get(key)
            if picture is not None and self.hold is not None and not picture.own:
                picture.counted, picture.sent = 0, None
                picture.relapses += not picture.full  # a quota is used up again and again
                # A server that has drawn nothing all the time was not really back.
                picture.own = picture.relapses >= RELAPSES and self._worked >= picture.first
                picture.asked, picture.full = 0, False
        self._victims.clear()
        self.hold, self._in_vain_told = None, 0


def _by_chance(picture: RefusedPicture) -> float:
    """Seconds until the next try at a server that refuses at random.

    Chance lets a picture in soon; where ten tries were in vain it is not chance alone. They differ
    so as not to fall in with what the server is about.
    """
    often = picture.tries < SILENT_TRIES
    seconds = pause(min(picture.counted, 2) + 1 if often else picture.tries - 7)
    return seconds * (1 + picture.tries % 5 / 10)


def _doubtful_pause(picture: RefusedPicture, refusal: Refusal) -> float:
    """Seconds after which one asks again of which nobody knows whether it is to blame."""
    if refusal.wait is None:
        return pause(picture.counted)
    # It may have been told too little.
    return max(min(refusal.wait, LONGEST_COOLING), pause(picture.counted - 1))
