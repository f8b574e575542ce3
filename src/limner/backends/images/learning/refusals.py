"""Whose a refusal is: the server's, which refuses everybody, or one picture's. Pure.

A server that refuses one picture and draws another that was sent afterwards is well: the refusal is
the picture's own. Where two are refused and none is drawn between, it is the server's. So after one
refusal another picture is sent, and only then anybody is held back, or anything learnt; except that
a server that tells when to come back is taken at its word once.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from limner.backends.images.learning.outage import ALONE, BRIEF_WAIT, Hold, pause
from limner.backends.images.learning.under_way import Attempt, UnderWay
from limner.illustration.generation.retry_policy import AWAY_TIMEOUT, LONGEST_COOLING
from limner.illustration.generation.wait import Wait

TRIES = 25
"""Tries altogether of a picture that is refused as too many, or by a server that is there."""
DOUBT = 600.0
"""The same where no other picture was refused: it may be the picture, it may be the server."""
AFTER_OTHERS = 0.001
"""Seconds by which a refused picture lets those go first that wait as well."""
RELAPSES = 3
"""Times that a picture is refused by a server that seems away, and is back: then it is to blame."""
FICKLE = 2
"""Pictures that it refused and then drew after which a server is known to refuse at random."""
NEVER_MET = 3
"""Times that a server which never answered is asked in vain: its address may be mistyped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A server's "no".

    Attributes:
        words: What it said, in few words.
        promised: Tries of a picture that is refused while others are drawn.
        many: Whether it was refused as one too many; else the server is not there, it seems.
        beyond: Whether more were under way than the server was ever seen to bear at once.
        trial: Whether that was tried although as many had been refused before.
        wait: Seconds after which the server wants to be asked again; ``None``: it did not say.
        answered: Whether it was an answer, if only of what stands before the server.
        seen_away: Whether a look at the server, without drawing, found nobody.
    """

    words: str
    promised: int
    many: bool = False
    beyond: bool = False
    trial: bool = False
    wait: float | None = None
    answered: bool = True
    seen_away: bool = False


@dataclass(slots=True)
class RefusedPicture:
    """What is known of a picture that was refused.

    Attributes:
        first: When it was refused first.
        sent: When it had been sent that time, or shortly before it was refused if that was later;
            ``None``: it is to be judged anew.
        tries: How often it was refused.
        counted: How often in a row without the server refusing others.
        own: Whether it was refused again after others were drawn that were sent no earlier.
        relapses: How often it was refused while the server seemed away, and was then back.
        again_at: When it is tried again; who asks sooner has not been tried for it.
        words: What the server said.
    """

    first: float
    sent: float | None = None
    tries: int = 0
    counted: int = 0
    own: bool = False
    relapses: int = 0
    again_at: float = 0.0
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What follows from a refusal.

    Attributes:
        delay: Seconds until the picture is tried again; ``None``: it has failed.
        shared: Whether it is the server's, as far as is known, and is to be learnt from.
        behind: Whether all others that wait are to ask before it does again.
        beyond: Whether it was refused because too many were under way.
    """

    delay: float | None
    shared: bool
    behind: bool = False
    beyond: bool = False


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
        if self.hold is None and (picture := self.pictures.get(key)) is not None:
            self._fickle += picture.sent is not None
        self._worked = max(self._worked, attempt.at)
        self.ended(key, gone=True)
        asked = self.hold is not None and attempt.at >= self.hold.since
        if asked:
            self._over()
        elif self.hold is None:
            self._victims -= {one for one in self._victims if self._refused_before(one, attempt)}

    def refused(self, key: Hashable, now: float, refusal: Refusal) -> Verdict:
        """A picture is refused.

        A server that was there in this run is waited for; whether one that never was will ever be
        there is not found out by waiting.
        """
        self.met = True if refusal.answered else self.met
        attempt = self._under_way.refused(key) or Attempt(now, 1)
        picture = self.pictures.setdefault(key, RefusedPicture(first=now))
        early = now < picture.again_at or (refusal.wait or 0.0) > LONGEST_COOLING
        picture.tries += 1
        picture.counted += refusal.wait is None or not early
        picture.words = refusal.words
        if not self.met and self._in_vain(picture):
            self._victims.clear()
            self.hold = None  # nobody need wait to hear the same
            return self._alone(key, now, None)
        trusted = not picture.again_at  # a time that is told is taken for true once
        if refusal.beyond and not picture.own and self._is_certain(key, refusal):
            # So many at once were never drawn: it will be taken when there are fewer.
            if refusal.wait and trusted:
                self.hold_back(now, min(refusal.wait, LONGEST_COOLING), refusal.words)
            return Verdict(delay=0.0, shared=True, beyond=True)
        known = picture.own
        self._compare(picture, now, attempt)
        if picture.own:
            if self._victims == {key}:
                self.hold = None
            self._victims.discard(key)
            delay = self._own_pause(picture, now, refusal, known=known)
            return self._alone(key, now, delay, behind=self.hold is not None)
        self._victims.add(key)
        self._hold(key, now, refusal, attempt, trusted=trusted)
        if self._hopeless(picture, now, refusal):
            return self._alone(key, now, None)
        if self.hold is None:
            return self._alone(key, now, _doubtful_pause(picture, refusal))
        if refusal.wait is not None and trusted:  # and it keeps its place once
            picture.again_at = now + refusal.wait
            return Verdict(delay=0.0, shared=True)
        delay = max(self.hold.next_start() - now, 0.0) + AFTER_OTHERS
        picture.again_at = now + (delay if refusal.wait is None else refusal.wait)
        return Verdict(delay=delay, shared=True, behind=True)

    def wait(self, now: float) -> Wait | None:
        """What everybody waits for, or else the first of the pictures that were refused.

        While one that asks has not been refused for long enough, or all places are taken when it
        may be asked, it is not the server that is waited for.
        """
        if self.hold is not None and now < self.hold.next_start():
            hold = self.hold
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
        return refusal.trial or refusal.wait <= BRIEF_WAIT or self.pictures[key].tries > 1

    def _in_vain(self, picture: RefusedPicture) -> bool:
        """Whether a server that never answered was asked often enough; it is asked no more then."""
        if (
            self.met is None
            and max(picture.tries, self.hold.times if self.hold else 0) >= NEVER_MET
        ):
            self.met = False
        return self.met is False

    def _compare(self, picture: RefusedPicture, now: float, attempt: Attempt) -> None:
        """Find out whether a picture that is refused is so by itself, or others are as well."""
        picture.own = picture.own or (picture.sent is not None and self._worked >= picture.sent)
        if picture.sent is None:  # one that was long at the server had been let in, as others were
            picture.sent = max(attempt.at, now - ALONE)
        if not picture.own:
            for other in self.pictures.values():
                if other is not picture:
                    other.counted = 0  # the server refuses not that one alone

    def _hold(
        self, key: Hashable, now: float, refusal: Refusal, attempt: Attempt, *, trusted: bool
    ) -> None:
        """Hold everybody back, if the server refuses everybody or has told until when."""
        alone, told = len(self._victims) == 1, refusal.wait
        if self.hold is None:
            if alone and (told is None or not trusted):
                return  # another picture shows whose it is
            seconds = pause(1) if told is None else told
            patient = max(ALONE, 2 * (now - attempt.at)) if told is None else ALONE
            self.hold = Hold(since=now, until=now + min(seconds, LONGEST_COOLING), alone=patient)
        elif self.hold.asks == key:
            if alone and told is not None and self.hold.times == 1:
                self.hold = None  # so it does with one that was told too little: who else is?
                return
            seconds = pause(self.hold.times + 1 if told is None else self.hold.times)
            seconds = max(seconds, min(told or 0.0, LONGEST_COOLING))
            self.hold.refused(now, seconds=seconds, reaction=now - attempt.at)
        elif told is not None:
            self.hold.until = max(self.hold.until, now + min(told, LONGEST_COOLING))
        self.hold.words = refusal.words
        self.hold.reason = "busy" if refusal.many else "unavailable"

    def _own_pause(
        self, picture: RefusedPicture, now: float, refusal: Refusal, *, known: bool
    ) -> float | None:
        """Seconds after which one that is refused for itself asks again; ``None``: never.

        A server of two, one of which is away, refuses every second time: so it asks twice in a row,
        and when that is known to be the picture's own for the first time.
        """
        fickle = self._fickle >= FICKLE
        if self.hold is None and known:
            promised = TRIES if fickle else refusal.promised
            if picture.counted >= promised or picture.tries >= TRIES:
                return None
        twice = self.hold is None and (not known or not picture.tries % 2)
        if twice and (refusal.wait is None or fickle):
            seconds = 0.0
        elif refusal.wait is not None:
            seconds = min(refusal.wait, LONGEST_COOLING)
        else:
            seconds = pause(min(picture.counted, 2) + 1 if fickle else picture.counted + 1)
        if self.hold is None:
            return seconds
        return max(seconds, self.hold.next_start() + AFTER_OTHERS - now)

    def _hopeless(self, picture: RefusedPicture, now: float, refusal: Refusal) -> bool:
        """Whether a picture that may not be to blame has been asked for long enough."""
        if refusal.many and picture.tries >= TRIES:
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

    def _alone(
        self, key: Hashable, now: float, delay: float | None, *, behind: bool = False
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
                picture.relapses += 1
                # A server that has drawn nothing all the time was not really back.
                picture.own = picture.relapses >= RELAPSES and self._worked >= picture.first
        self._victims.clear()
        self.hold = None


def _doubtful_pause(picture: RefusedPicture, refusal: Refusal) -> float:
    """Seconds after which one asks again of which nobody knows whether it is to blame."""
    if refusal.wait is None:
        return pause(picture.counted)
    # It may have been told too little.
    return max(min(refusal.wait, LONGEST_COOLING), pause(picture.counted - 1))
