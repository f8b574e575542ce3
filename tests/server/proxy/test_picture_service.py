"""Pictures by an illustrator: one message a choice, ids that lead back, nothing left behind."""

import asyncio

import pytest
from tests.server.proxy.streams import TAG

from limner.errors import BackendUnavailable, ContentRefused, StorageReadOnly, StorageUnavailable
from limner.illustration import Event, Illustrator, MemoryStore, Message, MessageState, TextChunk
from limner.prompts import tag_places
from limner.scheduling import Limiter
from limner.server.proxy import AnswerContext, AnswerState, IllustratorPictureService
from limner.server.proxy.picture_id import PictureId
from limner.server.proxy.pictures.picture_sink import PictureSink, PictureTicket
from limner.testing import ScriptedBackend

URL = "http://127.0.0.1:8750"


def pictures_over(illustrator: Illustrator) -> IllustratorPictureService:
    """A pictures over this illustrator."""
    return IllustratorPictureService(illustrator, public_url=URL)


def say(answer: PictureSink, choice: int, text: str) -> list[PictureTicket]:
    """Write a text, as the rewriter does; gives the pictures of its tags."""
    scanner = answer.scanner(choice)
    tags = scanner.feed(text)
    return list(answer.text(choice, text, tags, scanner.held).values())


def write(answer: PictureSink, choice: int, *tags_after: str) -> list[PictureTicket]:
    """Write texts, each followed by a tag."""
    return [ticket for text in tags_after for ticket in say(answer, choice, text + TAG)]


async def test_a_picture_is_drawn_while_the_text_goes_on() -> None:
    """It begins with its tag, and whoever asks for it waits until it is there."""
    backend = ScriptedBackend(seconds=2.0)
    async with Illustrator(backend=backend) as illustrator:
        pictures = pictures_over(illustrator)
        answer = pictures.open(AnswerContext())
        (ticket,) = write(answer, 0, "A ")
        assert ticket.url == f"{URL}/images/{ticket.id}.png"
        await asyncio.sleep(0.01)
        assert [call.began for call in backend.calls] == [0.0]
        image = await pictures.image(ticket.id)
        assert asyncio.get_running_loop().time() == 2.0
        assert image is not None
        assert await answer.ready(ticket)
        say(answer, 0, " end")
        answer.finished(0, AnswerState.COMPLETE)
        await asyncio.sleep(1)
        assert await pictures.image(ticket.id) == image


async def test_each_choice_is_a_message_with_the_models_own_text() -> None:
    """Complete, in one conversation, and found again by the id of each picture."""
    async with Illustrator(backend=ScriptedBackend()) as illustrator:
        pictures = pictures_over(illustrator)
        answer = pictures.open(AnswerContext(chat="c-1"))
        tickets = write(answer, 0, "A ", " B ") + write(answer, 1, "C ")
        say(answer, 1, " D")
        for choice in (0, 1):
            answer.finished(choice, AnswerState.COMPLETE)
        for ticket in tickets:
            assert await answer.ready(ticket)
        await asyncio.sleep(1)
        raw = [f"A {TAG} B {TAG}", f"C {TAG} D"]
        known = await pictures.recall([ticket.id for ticket in tickets])
        assert [known[ticket.id].text for ticket in tickets] == [raw[0], raw[0], raw[1]]
        assert [known[t.id].place for t in tickets] == tag_places(raw[0]) + tag_places(raw[1])
        for ticket, text in zip(tickets, (raw[0], raw[0], raw[1]), strict=True):
            name = PictureId.read(ticket.id)
            assert name is not None
            message = await illustrator.store.load(name.message_id)
            assert message is not None
            assert (message.text, message.chat_id) == (text, "c-1")
            assert message.state is MessageState.COMPLETE
        assert not illustrator.sessions.active()


async def test_a_new_process_finds_pictures_and_tags_in_the_store() -> None:
    """Ids need no memory of the process that gave them."""
    store = MemoryStore()
    async with Illustrator(backend=ScriptedBackend(), store=store) as illustrator:
        answer = pictures_over(illustrator).open(AnswerContext())
        (ticket,) = write(answer, 0, "A ")
        answer.finished(0, AnswerState.COMPLETE)
        await answer.ready(ticket)
        await asyncio.sleep(1)
    async with Illustrator(backend=ScriptedBackend(), store=store) as illustrator:
        pictures = pictures_over(illustrator)
        assert await pictures.image(ticket.id) is not None
        assert (await pictures.recall([ticket.id]))[ticket.id].text == f"A {TAG}"


async def test_the_text_is_known_before_it_is_committed() -> None:
    """A question may follow an answer within the same moment."""
    async with Illustrator(backend=ScriptedBackend()) as illustrator:
        pictures = pictures_over(illustrator)
        answer = pictures.open(AnswerContext())
        (ticket,) = write(answer, 0, "A ")
        say(answer, 0, " B")
        assert (await pictures.recall([ticket.id]))[ticket.id].text == f"A {TAG} B"
        answer.cancel()
        await asyncio.sleep(0)
        assert (await pictures.recall([ticket.id]))[ticket.id].text == f"A {TAG} B"


async def test_who_listens_gets_the_text_without_its_tags() -> None:
    """Of what may become one, nothing, nor of half a one; of what turned out to be none, all."""
    said: list[str] = []
    async with Illustrator(backend=ScriptedBackend()) as illustrator:

        def hear(_: object, event: Event) -> None:
            if isinstance(event, TextChunk):
                said.append(event.text)

        illustrator.on_event(hear)
        answer = pictures_over(illustrator).open(AnswerContext())
        for text in (f"A {TAG}", f" B {TAG[:9]}", TAG[9:], " C <!--", " D ", f"{TAG} E{TAG[:5]}"):
            say(answer, 0, text)
            await asyncio.sleep(1)  # longer than text waits for more
        assert "".join(said) == "A  B  C <!-- D  E"
        answer.finished(0, AnswerState.COMPLETE)
        await asyncio.sleep(1)
    assert "".join(said) == "A  B  C <!-- D  E"


async def test_an_answer_without_a_tag_leaves_nothing_behind() -> None:
    """No session, no message."""
    store = MemoryStore()
    async with Illustrator(backend=ScriptedBackend(), store=store) as illustrator:
        answer = pictures_over(illustrator).open(AnswerContext())
        say(answer, 0, "No picture.")
        answer.finished(0, AnswerState.COMPLETE)
        assert not illustrator.sessions.active()
        assert await store.writing() == []


async def test_cancelling_stops_what_waits_and_what_is_drawn() -> None:
    """Whoever waits for such a picture hears that it never will be there."""
    backend = ScriptedBackend(seconds=3600)
    async with Illustrator(backend=backend) as illustrator:
        pictures = pictures_over(illustrator)
        answer = pictures.open(AnswerContext())
        tickets = write(answer, 0, "A ", "B ", "C ", "D ", "E ")
        await asyncio.sleep(1)
        waiting = [asyncio.create_task(answer.ready(ticket)) for ticket in tickets]
        await asyncio.sleep(1)
        answer.cancel()
        assert await asyncio.gather(*waiting) == [False] * 5
        assert {call.outcome for call in backend.calls} == {"cancelled"}
        assert asyncio.get_running_loop().time() < 3
        assert await pictures.image(tickets[4].id) is None


class SlowToKeep(MemoryStore):
    """A store that takes a while to keep a message."""

    async def save(self, message: Message) -> None:
        """Keep it, in the end."""
        await asyncio.sleep(2.0)
        await super().save(message)


async def test_what_a_reader_left_waits_for_no_next_start_however_slow_the_library_is() -> None:
    """Nobody was shown it: it is stopped, not put off."""
    store = SlowToKeep()
    async with Illustrator(backend=ScriptedBackend(seconds=50.0), store=store) as illustrator:
        answer = pictures_over(illustrator).open(AnswerContext(message="m"))
        write(answer, 0, "A ")
        answer.cancel()
        await asyncio.sleep(60)
        assert await store.unfinished() == []
        assert not illustrator.sessions.active()


async def test_ids_that_are_none_of_ours_lead_nowhere() -> None:
    """Wrong lengths, unknown messages, ordinals beyond the last."""
    async with Illustrator(backend=ScriptedBackend()) as illustrator:
        pictures = pictures_over(illustrator)
        answer = pictures.open(AnswerContext())
        (ticket,) = write(answer, 0, "A ")
        answer.finished(0, AnswerState.COMPLETE)
        await answer.ready(ticket)
        await asyncio.sleep(1)
        for wrong in ("", "ab", "0" * 32, f"{ticket.id[:-1]}1", f"{ticket.id}0"):
            assert await pictures.image(wrong) is None
            assert await pictures.recall([wrong]) == {}


async def test_a_store_that_fails_for_a_while_costs_neither_text_nor_pictures() -> None:
    """They are drawn and shown all the same."""

    class Broken(MemoryStore):
        async def save(self, message: Message) -> None:
            raise StorageUnavailable("the disk is gone", place="memory")

    async with Illustrator(backend=ScriptedBackend(), store=Broken()) as illustrator:
        answer = pictures_over(illustrator).open(AnswerContext())
        (first,) = write(answer, 0, "A ")
        assert await answer.ready(first)
        (second,) = say(answer, 0, TAG)
        answer.finished(0, AnswerState.COMPLETE)
        assert await answer.ready(second)


async def test_a_store_that_fails_for_good_costs_the_pictures_and_not_the_text() -> None:
    """The answer goes on; nobody waits for ever."""

    class Broken(MemoryStore):
        async def save(self, message: Message) -> None:
            raise StorageReadOnly("the disk is read-only", place="memory")

    async with Illustrator(backend=ScriptedBackend(), store=Broken()) as illustrator:
        answer = pictures_over(illustrator).open(AnswerContext())
        (first,) = write(answer, 0, "A ")
        assert not await answer.ready(first)
        (second,) = say(answer, 0, TAG)
        answer.finished(0, AnswerState.COMPLETE)
        assert not await answer.ready(second)


async def test_pictures_by_themselves_go_through_the_same_limiter() -> None:
    """As many as asked for, of the asked size, kept like any other."""
    backend = ScriptedBackend(seconds=1.0)
    async with Illustrator(backend=backend, limiter=Limiter(max_concurrent=2)) as illustrator:
        pictures = pictures_over(illustrator)
        drawn = await pictures.draw("a fox -->", count=4, size="256x128")
        assert backend.peak == 2
        assert {call.request.width for call in backend.calls} == {256}
        assert len({picture.ticket.id for picture in drawn.made}) == 4
        for picture in drawn.made:
            assert await pictures.image(picture.ticket.id) == picture.image


async def test_what_cannot_be_drawn_by_itself_is_told() -> None:
    """If some are drawn, those are given; if none is, the reason."""
    made = iter([ContentRefused("no"), None, ContentRefused("no")])
    limiter = Limiter(max_concurrent=1)
    backend = ScriptedBackend(fails=lambda request: next(made))
    async with Illustrator(backend=backend, limiter=limiter) as illustrator:
        drawn = await pictures_over(illustrator).draw("a", count=2, size=None)
        assert len(drawn.made) == 1
        assert [type(error) for error in drawn.failed] == [ContentRefused]
        with pytest.raises(ContentRefused):
            await pictures_over(illustrator).draw("a", count=1, size=None)


async def test_closing_stops_everything() -> None:
    """Nothing is drawn for a server that is going down."""
    backend = ScriptedBackend(seconds=3600, fails=lambda request: BackendUnavailable("no"))
    async with Illustrator(backend=backend) as illustrator:
        pictures = pictures_over(illustrator)
        write(pictures.open(AnswerContext()), 0, "A ")
        await asyncio.sleep(1)
        await pictures.aclose()
        assert backend.running == 0
        await pictures.aclose()
