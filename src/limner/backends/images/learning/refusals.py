"""Whose a refusal is: the server's, which refuses everybody, or one picture's. Pure.

A server that refuses one picture and draws another that was sent afterwards is well: the refusal is
the picture's own. Where two are refused and none is drawn between, it is the server's.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from limner.backends.images.learning.outage import ALONE, Hold, pause
from limner.illustration.generation.retry_policy import LONGEST_COOLING
from limner.illustration.generation.wait import Wait

OWN_TRIES = 5
"""Tries of a picture that is refused while others are drawn."""
SURE = 6
"""Refusals in a row without a time, which others did not get, until they are the picture's own."""
SILENT_TRIES = 10
"""The same where it is refused as one too many and not told for how long: it may be bad luck."""
TRIES = 25
"""Tries altogether of a picture that is refused as too many."""
PATIENCE = 3600.0
"""Seconds from its first refusal after which a picture is not asked for again."""
DOUBT = 600.0
"""The same where no other picture was refused: it may be the picture, it may be the server."""
AFTER_OTHERS = 0.001
"""Seconds by which a refused picture lets those go first that wait as well."""
RELAPSES = 3
"""Times that a picture is refused by a server that seems away, and is back: then it is to blame."""
NEVER_MET = 3
"""Times that a server which never answered is asked in vain: its address may be mistyped."""


@dataclass(slots=True)
class RefusedPicture:
    """What is known of a picture that was refused.

    Attributes:
        first: When it was refused first.
        sent: When it had been sent that time, or shortly before it was refused if that was later;
            ``None``: it is to be judged anew.
        tries: How often it was refused.
        counted: How often in a row without the server refusing others.
        together: Each of these times: how many were under way.
        own: Whether others were drawn that were sent no earlier.
        told: Seconds after which it was to be tried again, as the server said last.
        due: When that is; who asks sooner has not been tried for it.
        alone: Whether it was refused as too many twice in a row, and others were not.
        passed: Whether any other was drawn since.
        lately: Whether any other was drawn since it was refused last.
        relapses: How often it was refused while the server seemed away, and was then back.
        again_at: When it is tried again.
        words: What the server said.
    """

    first: float
    sent: float | None = None
    tries: int = 0
    counted: int = 0
    together: list[int] = field(default_factory=list)
    own: bool = False
    told: float = 0.0
    due: float = 0.0
    alone: bool = False
    passed: bool = False
    lately: bool = False
    relapses: int = 0
    again_at: float = 0.0
    words: str = ""


@dataclass(slots=True)
class SentAttempt:
    """An attempt under way: when it was sent, and how many were under way then, itself included."""

    at: float
    together: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What follows from a refusal.

    Attributes:
        delay: Seconds until the picture is tried again; ``None``: it has failed.
        shared: Whether it is the server's, and is to be learnt from.
        behind: Whether all others that wait are to ask before it does again.
    """

    delay: float | None
    shared: bool
    behind: bool = False


@dataclass(slots=True)
class Refusals:
    """Judges refusals, and holds everybody back while the server refuses everybody.

    Attributes:
        hold: Until when nobody is sent; ``None``: nothing holds.
        pictures: The pictures that were refused and have not ended.
        words: What the server said last.
        met: Whether the server has ever answered, be it with a refusal.
    """

    hold: Hold | None = None
    pictures: dict[Hashable, RefusedPicture] = field(default_factory=dict)
    words: str = ""
    met: bool = False
    _under_way: dict[Hashable, "SentAttempt"] = field(default_factory=dict)
    _borne: int = 1
    """How many were drawn side by side."""
    _victims: set[Hashable] = field(default_factory=set)
    _latest: Hashable = None
    _worked: float = float("-inf")
    """When the latest of those that were drawn was sent."""
    _vain: int = 0
    """How often the server was asked in vain before it ever answered."""

    def began(self, key: Hashable, now: float) -> None:
        """A picture is sent."""
        self._under_way[key] = SentAttempt(now, len(self._under_way) + 1)
        if self.hold is not None and self.hold.began(key, now):
            self._over(now)

    def ended(self, key: Hashable, *, gone: bool) -> None:
        """An attempt ended in a way that says nothing; `gone`: and so did the picture."""
        self._under_way.pop(key, None)
        if self.hold is not None and self.hold.asks == key:
            self.hold.asked_at = self.hold.asks = None  # it did not find out
        if gone:
            self.pictures.pop(key, None)
            self._victims.discard(key)

    def drawn(self, key: Hashable, now: float) -> None:
        """A picture is made."""
        self.met = True
        sending = self._under_way.pop(key, SentAttempt(now, 1))
        sent, self._borne = sending.at, max(self._borne, sending.together)
        self._worked = max(self._worked, sent)
        self.ended(key, gone=True)
        asked = self.hold is not None and sent >= self.hold.since
        for other, refused in self.pictures.items():
            after = refused.sent is not None and sent >= refused.sent
            if after and not (asked and other in self._victims):
                refused.own = True  # that it is back does not show that it was well
            if after:
                refused.passed = refused.lately = True
        if self.hold is None or asked or self._own_all():
            self._over(sent)

    def _refused(
        self, key: Hashable, now: float, *, words: str, many: bool
    ) -> tuple[RefusedPicture, SentAttempt]:
        """A picture is refused: what is known of it now, and how it had been sent."""
        sending = self._under_way.pop(key, SentAttempt(now, 1))
        for later in self._under_way.values():
            later.together -= later.at >= sending.at
        picture = self.pictures.setdefault(key, RefusedPicture(first=now))
        if picture.sent is None:  # one that was long at the server had been let in, as others were
            picture.sent = max(sending.at, now - ALONE)
        if not (picture.alone if many else picture.own):
            for other in self.pictures.values():
                if other is not picture:
                    other.counted = 0  # the server refuses not that one alone
                    other.together.clear()
        picture.tries += 1
        picture.counted += 1
        picture.together.append(sending.together)
        picture.words = self.words = words
        return picture, sending

    def unavailable(
        self,
        key: Hashable,
        now: float,
        *,
        words: str,
        tries: int,
        answered: bool = True,
        seen_away: bool = False,
    ) -> Verdict:
        """A picture is refused by a server that is not there, it seems.

        One that was there in this run is waited for; whether one that never was will ever be there
        is not found out by waiting.

        Args:
            key: Which.
            now: The instant.
            words: What the server said.
            tries: How many are promised to a picture that is refused while others are drawn.
            answered: Whether it was an answer, if only of what stands before the server.
            seen_away: Whether a look at the server, without drawing, found nobody.
        """
        self.met = self.met or answered
        picture, sending = self._refused(key, now, words=words, many=False)
        if not self.met and self._count_in_vain(picture) >= NEVER_MET:
            self._victims.clear()
            self.hold = None  # nobody need wait to hear the same
            return self._alone(key, now, None)
        if picture.own and self.hold is None:
            over = picture.counted >= tries
            return self._alone(key, now, None if over else 2.0**picture.counted)
        self._victims.add(key)
        if self.hold is not None or len(self._victims) > 1:
            self._outage(key, sending.at, now)
        waited, lonely = now - picture.first, self.hold is None and picture.counted >= tries
        if waited >= (DOUBT if lonely and not seen_away else PATIENCE):
            return Verdict(delay=None, shared=True)
        if self.hold is None:
            return self._alone(key, now, pause(picture.tries))
        picture.again_at = max(self.hold.next_start(), now) + AFTER_OTHERS
        return Verdict(delay=picture.again_at - now, shared=True, behind=True)

    def too_many(self, key: Hashable, now: float, *, words: str, wait: float | None) -> Verdict:
        """A picture is refused as one too many.

        Args:
            key: Which.
            now: The instant.
            words: What the server said.
            wait: Seconds after which the server wants to be asked again; ``None``: it did not say.
        """
        self.met = True
        picture, sending = self._refused(key, now, words=words, many=True)
        since = sending.at if picture.sent is None else picture.sent
        let_in = any(other.at >= since for other in self._under_way.values())
        others = let_in or picture.own or picture.passed
        again = picture.tries >= (SURE if wait is None else 2) and (
            self._latest == key or (wait is not None and picture.tries >= 3 and picture.lately)
        )
        kept_waiting = (wait or 0.0) > picture.told  # it names a later time: another limit, maybe
        picture.told, picture.lately = wait or 0.0, False
        picture.alone = picture.alone or (again and others and not kept_waiting)
        if sending.together > self._borne:  # so many at once were never drawn
            picture.alone = False
        if now < picture.due:
            picture.together.pop()
        picture.due = now + (wait or 0.0)
        counted = sum(together <= self._borne for together in picture.together)
        promised = SILENT_TRIES if wait is None else OWN_TRIES
        doubtful = wait is not None and not others and now - picture.first >= DOUBT
        if picture.tries >= TRIES or ((picture.alone or doubtful) and counted >= promised):
            return Verdict(delay=None, shared=False)
        if picture.alone:
            delay = pause(counted) if wait is None else min(wait, LONGEST_COOLING)
            return self._alone(key, now, delay)
        self._latest = key
        # It keeps its place once; then all others that wait ask before it.
        return Verdict(delay=0.0, shared=True, behind=picture.tries > 1)

    def wait(self, now: float) -> Wait | None:
        """What everybody waits for, or else the first of the pictures that were refused.

        While one that asks has not been refused for long enough, or all places are taken when it
        may be asked, it is not the server that is waited for.
        """
        if self.hold is not None and now < self.hold.next_start():
            hold = self.hold
            reason = "unavailable" if self._victims else "busy"
            until = hold.until if hold.asked_at is None else hold.asked_at
            return Wait(reason=reason, words=self.words, until=until, times=hold.times)
        later = [one for one in self.pictures.values() if one.again_at > now]
        if not later:
            return None
        first = min(later, key=lambda picture: picture.again_at)
        said = f"a picture was refused: {first.words}"
        return Wait(reason="picture", words=said, until=first.again_at, times=first.tries)

    def hold_back(self, key: Hashable, seconds: float, now: float) -> None:
        """The server wants to be left alone, as it told whoever sent this picture."""
        if self.hold is None:
            if seconds > 0:
                self.hold = Hold(since=now, until=now + seconds)
        elif self.hold.asks == key:
            # Who is refused at the very time that it was told has been told too little.
            seconds = max(seconds, pause(self.hold.times))
            self.hold.refused(now, seconds=seconds, reaction=0.0)
        else:
            self.hold.until = max(self.hold.until, now + seconds)

    def _alone(self, key: Hashable, now: float, delay: float | None) -> Verdict:
        self.ended(key, gone=False)
        picture = self.pictures[key]
        picture.again_at = now + (delay or 0.0)
        return Verdict(delay=delay, shared=False)

    def _count_in_vain(self, picture: RefusedPicture) -> int:
        """Note that the server was asked in vain once more; give how often that was, at least."""
        self._vain = max(self._vain, picture.tries, self.hold.times if self.hold else 0)
        return self._vain

    def _own_all(self) -> bool:
        """Whether each that was refused is known to be refused for itself: nobody is away."""
        known = [self.pictures.get(key) for key in self._victims]
        return bool(known) and all(one is not None and one.own for one in known)

    def _outage(self, key: Hashable, sent: float, now: float) -> None:
        if self.hold is None:
            self.hold = Hold(since=now, until=now + pause(1), alone=max(ALONE, 2 * (now - sent)))
        elif self.hold.asks == key:
            self.hold.refused(now, seconds=pause(self.hold.times + 1), reaction=now - sent)

    def _over(self, since: float) -> None:
        """The server draws again: what it refused meanwhile was nobody's fault."""
        if self.hold is not None or self._victims:
            for key in self._victims:
                picture = self.pictures.get(key)
                if picture is not None and self.hold is not None and not picture.own:
                    picture.counted, picture.passed, picture.sent = 0, False, None
                    picture.relapses += 1
                    # A server that has drawn nothing all the time was not really back.
                    seldom = picture.relapses < RELAPSES or self._worked < picture.first
                    picture.own = not seldom
        self._victims.clear()
        self.hold = None
