"""The hub: order, resuming, slow readers, closing."""

import gc
import weakref
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from limner.server.events import End, EventHub, Subscription, WireEvent, coalesced


@dataclass
class Reader:
    """A reader as a test knows it: what it must get, and what it got."""

    subscription: Subscription
    chat: str | None
    due: list[int]
    got: list[int] = field(default_factory=list)
    last_id: int | None = None
    reset: bool = False


class Hub(RuleBasedStateMachine):
    """Any order of feeding, reading, leaving and coming back."""

    @initialize(remembered=st.integers(1, 6), waiting=st.integers(1, 6))
    def begin(self, remembered: int, waiting: int) -> None:
        """A hub with little room."""
        self.remembered = remembered
        self.hub = EventHub(now=0.0, remembered=remembered, waiting=waiting)
        self.fed: list[WireEvent] = []
        self.kept: list[WireEvent] = []  # nothing is, before somebody reads
        self.readers: list[Reader] = []
        self.begun = False

    @rule(chat=st.sampled_from([None, "a", "b"]))
    def feed(self, chat: str | None) -> None:
        """Something happens."""
        event = self.hub.publish("thing", {}, chat=chat)
        self.fed.append(event)
        if self.begun:
            self.kept = [*self.kept, event][-self.remembered :]
        for reader in self.readers:
            if event.is_for(reader.chat):
                reader.due.append(int(event.id))

    @rule(chat=st.sampled_from([None, "a", "b"]))
    def subscribe(self, chat: str | None) -> None:
        """Somebody new comes, and wants what is to come."""
        self.begun = True
        self.readers.append(Reader(self.hub.subscribe(chat=chat), chat, []))

    @rule(chat=st.sampled_from([None, "a", "b"]), after=st.integers(-1, 40))
    def resume(self, chat: str | None, after: int) -> None:
        """Somebody comes back, or pretends to."""
        self.begun = True
        reader = Reader(self.hub.subscribe(after=after, chat=chat), chat, [])
        last = int(self.hub.last_id)
        first = int(self.kept[0].id) if self.kept else last + 1
        reader.reset = not first - 1 <= after <= last
        if not reader.reset:
            reader.due = [int(e.id) for e in self.fed if int(e.id) > after and e.is_for(chat)]
        self.readers.append(reader)

    @rule(data=st.data())
    def read(self, data: st.DataObject) -> None:
        """Somebody reads all that waits for it."""
        if self.readers:
            self._read(data.draw(st.sampled_from(self.readers)))

    def _read(self, reader: Reader) -> None:
        for event in reader.subscription.take():
            if event.kind == "thing":
                reader.got.append(int(event.id))
            elif event.kind == "reset":
                assert reader.reset
                assert not reader.got
                reader.reset = False
            reader.last_id = int(event.id)

    @rule(data=st.data())
    def come_back(self, data: st.DataObject) -> None:
        """Somebody loses its connection, with whatever was not read yet, and resumes."""
        if not self.readers:
            return
        reader = data.draw(st.sampled_from(self.readers))
        self.hub.leave(reader.subscription)
        self.readers.remove(reader)
        back = self.hub.subscribe(after=reader.last_id, chat=reader.chat)
        if reader.reset or reader.last_id is None:
            return  # it has read nothing, so it has nothing to resume from
        events = back.take()
        if events[0].kind != "reset":
            missed = [event.id for event in events if event.kind == "thing"]
            assert reader.got + missed == reader.due
        else:
            assert reader.last_id < int(self.kept[0].id) - 1

    @invariant()
    def everybody_gets_all_in_order(self) -> None:
        """What somebody has got is the beginning of what is due: no gap, no double."""
        for reader in getattr(self, "readers", []):
            assert reader.got == reader.due[: len(reader.got)]

    def teardown(self) -> None:
        """In the end everybody who was not given up has everything."""
        for reader in getattr(self, "readers", []):
            self._read(reader)
            if reader.subscription.end is None:
                assert reader.got == reader.due
                assert not reader.reset


TestHub = Hub.TestCase


def test_a_reader_that_does_not_read_is_given_up_alone() -> None:
    """Its queue stays bounded, the others get everything, and it can come back for the rest."""
    hub = EventHub(now=0.0, waiting=3)
    slow, quick = hub.subscribe(), hub.subscribe()
    seen = []
    for _ in range(10):
        hub.publish("thing", {})
        seen += [event.id for event in quick.take() if event.kind == "thing"]
    assert slow.end is End.SLOW
    assert slow.take() == []
    assert (seen, hub.readers) == (list(range(1, 11)), 1)
    back = hub.subscribe(after=0)
    assert [event.id for event in back.take() if event.kind == "thing"] == seen


def test_what_a_reader_missed_may_be_more_than_may_wait() -> None:
    """Coming back after a long time is no reason to be given up at once."""
    hub = EventHub(now=0.0, waiting=2)
    hub.leave(hub.subscribe())
    for _ in range(10):
        hub.publish("thing", {})
    back = hub.subscribe(after=0)
    hub.publish("thing", {})
    assert (back.end, len(back.take())) == (None, 12)


def test_memory_is_bounded_in_bytes() -> None:
    """A few huge events are too much to remember, and too much to wait for a slow reader."""
    hub = EventHub(now=0.0, room=10_000)
    reader = hub.subscribe()
    for _ in range(3):
        hub.publish("thing", {"much": "x" * 4000})
    assert reader.end is End.SLOW
    assert [event.kind for event in hub.subscribe(after=0).take()] == ["reset"]
    kept = hub.subscribe(after=1).take()
    assert [event.id for event in kept] == [1, 2, 3]
    hub.publish("thing", {"much": "x" * 20_000})
    assert [event.kind for event in hub.subscribe(after=3).take()] == ["reset"]


def test_everybody_is_told_of_the_closing() -> None:
    """At the end each reader gets what waits and a `closing`; who comes later gets it at once."""
    hub = EventHub(now=0.0)
    reader = hub.subscribe()
    hub.publish("thing", {})
    hub.close()
    hub.close()
    hub.publish("thing", {})
    assert [event.kind for event in reader.take()] == ["hello", "thing", "closing"]
    assert reader.end is End.CLOSING
    late = hub.subscribe()
    assert [event.kind for event in late.take()] == ["hello", "closing"]
    assert hub.readers == 0


def test_until_somebody_reads_an_event_costs_its_number_and_nothing_is_made_of_it() -> None:
    """Whoever comes with an id from then loads anew what they show."""
    hub = EventHub(now=0.0)
    seen = hub.publish("thing", {"that": object()}).id  # no JSON can be made of it
    hub.publish("thing", {})
    assert [event.kind for event in hub.subscribe(after=seen).take()] == ["reset"]
    seen = hub.publish("thing", {}).id
    hub.publish("other", {})
    assert [event.kind for event in hub.subscribe(after=seen).take()] == ["hello", "other"]


def test_what_nobody_hears_passes_by_number_alone() -> None:
    """Not where somebody reads, or may come back; a reader with an id from before it is told."""
    now = 0.0
    hub = EventHub(now=0.0, returns=60.0, clock=lambda: now)
    seen = hub.last_id
    assert hub.passes_unheard()
    assert [event.kind for event in hub.subscribe(after=seen).take()] == ["reset"]
    assert not hub.passes_unheard(), "somebody reads"
    reader = hub.subscribe(after=hub.last_id)
    for one in tuple(hub._readers):
        hub.leave(one)
    assert not hub.passes_unheard(), "they may come back"
    assert [event.kind for event in reader.take()] == ["hello"]
    now = 61.0
    assert hub.passes_unheard()


def test_what_nobody_has_come_back_for_is_forgotten() -> None:
    """A while after the last reader events cost nothing again; who comes back in time has all."""
    now = 0.0
    hub = EventHub(now=0.0, returns=60.0, clock=lambda: now)
    one, other = hub.subscribe(), hub.subscribe()
    hub.leave(one)
    now = 1000.0
    seen = hub.publish("thing", {}).id  # there is still a reader
    hub.leave(other)
    hub.leave(one)
    now = 1059.0
    hub.publish("other", {})
    back = hub.subscribe(after=seen)
    assert [event.kind for event in back.take()] == ["hello", "other"]
    hub.leave(back)
    now = 1200.0
    hub.publish("thing", {"that": object()})  # no JSON can be made of it
    assert [event.kind for event in hub.subscribe(after=seen).take()] == ["reset"]


def test_also_where_nothing_happens_what_was_told_is_forgotten() -> None:
    """Its room is free when somebody looks, and a reader that was too slow has left as well."""
    now = 0.0
    hub = EventHub(now=0.0, waiting=1, returns=60.0, clock=lambda: now)
    hub.subscribe()
    said = Said()
    there = weakref.ref(said)
    hub.publish("thing", said)
    hub.publish("thing", {})  # which is too much for the reader
    del said
    gc.collect()
    assert hub.readers == 0
    assert there() is not None
    now = 61.0
    hub.forget()
    gc.collect()
    assert there() is None


class Said(dict[str, Any]):
    """What an event says, of which one can tell when it is gone."""


def test_ids_go_on_rising_after_a_restart() -> None:
    """An id from before a restart is too old, never one of the new ones."""
    before = EventHub(now=1000.0)
    last = int(before.publish("thing", {}).id)
    after = EventHub(now=1001.0)
    assert [event.kind for event in after.subscribe(after=last).take()] == ["reset"]
    assert int(after.publish("thing", {}).id) > last


PIECES = st.lists(
    st.tuples(
        st.sampled_from(["message.text", "slot.progress", "progress", "queue", "slot.ready"]),
        st.sampled_from(["a", "b"]),
        st.text(max_size=3),
    ),
    max_size=20,
)


@given(PIECES)
def test_joining_loses_no_text_and_no_last_word(pieces: list[tuple[str, str, str]]) -> None:
    """Each message's text stays whole, each last state stays, ids rise, other events all stay."""
    events = [
        WireEvent(n, kind, {"message": one, "variant": 0, "slot_id": one, "text": text}, one)
        for n, (kind, one, text) in enumerate(pieces)
    ]
    made = coalesced(events)
    for one in ("a", "b"):
        assert _text(made, one) == _text(events, one)
    for kind in ("slot.progress", "progress", "queue"):
        assert [e for e in made if e.kind == kind][-1:] == [e for e in events if e.kind == kind][
            -1:
        ]
    assert [e for e in made if e.kind == "slot.ready"] == [
        e for e in events if e.kind == "slot.ready"
    ]
    ids = [event.id for event in made]
    assert ids == sorted(set(ids))
    assert ids[-1:] == [event.id for event in events][-1:]


def _text(events: list[WireEvent], one: str) -> str:
    return "".join(
        e.data["text"] for e in events if e.kind == "message.text" and e.data["message"] == one
    )


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_stays_on_one_line_of_utf8(text: str) -> None:
    """Newlines, NUL and halves of characters in a text never break an event."""
    data = WireEvent(1, "message.text", {"text": text, "more": [{"x": text}]}).frame
    data.decode()
    assert data.count(b"\n") == 4
    assert b"\r" not in data
