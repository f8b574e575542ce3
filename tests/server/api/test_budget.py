"""What a budget leaves is told, and refused, before anything is accepted that would only fail."""

from pathlib import Path

import pytest
from tests.server.api.running import FOX, illustrated, running
from tests.storage.conftest import kept_files

from limner.illustration import Budget

pytestmark = pytest.mark.real_time

BROKEN = '<!--img-prompt="a broken fox"-->'


async def test_of_several_pictures_as_many_are_accepted_as_the_budget_leaves(
    tmp_path: Path,
) -> None:
    """The others are refused, each for itself, and keep what they have."""
    async with running(tmp_path, budget=Budget(per_message=7)) as api:
        message = await illustrated(api, FOX * 5)
        told = await api.ask("POST", f"/messages/{message}/regenerate", {}, status=202)
        assert told["slots"] == [f"{message}/0/{number}" for number in (0, 1)]
        assert [one["slot"][-1] for one in told["refused"]] == ["2", "3", "4"]
        assert {one["kind"] for one in told["refused"]} == {"budget_exceeded"}


async def test_a_chats_failed_pictures_are_refused_by_the_budgets_of_their_messages(
    tmp_path: Path,
) -> None:
    """Where none may be drawn the request is refused, as that of one message is."""
    async with running(tmp_path, budget=Budget(per_message=2)) as api:
        full = await illustrated(api, BROKEN * 2)
        error = await api.fails("POST", "/chats/tale/retry", status=402)
        assert error["kind"] == "budget_exceeded"
        free = await illustrated(api, BROKEN)
        told = await api.ask("POST", "/chats/tale/retry", status=202)
        assert told["slots"] == [f"{free}/0/0"]
        assert [one["slot"] for one in told["refused"]] == [f"{full}/0/0", f"{full}/0/1"]


async def test_the_queue_tells_what_a_message_may_have(tmp_path: Path) -> None:
    """The limit to everybody, and how much of it is used to whoever names the message."""
    async with running(tmp_path, budget=Budget(per_message=2)) as api:
        message = await illustrated(api)
        (each,) = (await api.ask("GET", "/queue"))["budget"]
        assert (each["scope"], each["limit"], each["used"]) == ("message", 2, None)
        (own,) = (await api.ask("GET", f"/queue?message={message}"))["budget"]
        assert (own["scope"], own["limit"], own["used"], own["left"]) == ("message", 2, 1, 1)


async def test_lost_pictures_are_drawn_again_as_far_as_the_budgets_allow(tmp_path: Path) -> None:
    """Those of the message each is in, and of its owner; where none may be, it is refused."""
    async with running(tmp_path, budget=Budget(per_message=2, per_owner_day=5)) as api:
        full, free = await illustrated(api, FOX * 2), await illustrated(api, FOX, chat="free")
        for file in kept_files(api.services.library, "??/*"):
            file.unlink()
        error = await api.fails("POST", "/chats/tale/repair", status=402)
        assert error["kind"] == "budget_exceeded"
        told = await api.ask("POST", "/library/repair", status=202)
        assert (told["missing"], told["slots"]) == (3, [f"{free}/0/0"])
        assert [one["slot"] for one in told["refused"]] == [f"{full}/0/0", f"{full}/0/1"]
        assert {one["kind"] for one in told["refused"]} == {"budget_exceeded"}


async def test_lost_pictures_are_in_the_budgets_of_those_who_have_them(tmp_path: Path) -> None:
    """Whoever asks; of several owners each has what is left of their own."""
    async with running(tmp_path, budget=Budget(per_owner_day=2)) as api:
        full = await illustrated(api, FOX * 2, chat="full")
        free = await illustrated(api, FOX, chat="free")
        for file in kept_files(api.services.library, "??/*"):
            file.unlink()
        told = await api.ask("POST", "/library/repair", status=202)
        assert told["slots"] == [f"{free}/0/0"]
        assert [one["slot"] for one in told["refused"]] == [f"{full}/0/0", f"{full}/0/1"]


async def test_what_is_drawn_again_is_in_the_budget_of_whose_message_it_is(tmp_path: Path) -> None:
    """By every way of asking: it is refused where its drawing would be, and nowhere else."""
    async with running(tmp_path, budget=Budget(per_owner_day=2)) as api:
        full = await illustrated(api, BROKEN * 2, chat="full")
        free = await illustrated(api, BROKEN, chat="free")
        for path in ("/chats/full", f"/messages/{full}", f"/slots/{full}/0/1"):
            error = await api.fails("POST", f"{path}/retry", status=429)
            assert error["kind"] == "budget_exceeded", path
        for path in (f"/messages/{full}/regenerate", f"/slots/{full}/0/0/regenerate"):
            await api.fails("POST", path, {}, status=429)
        told = await api.ask("POST", "/chats/free/retry", status=202)
        assert (told["slots"], told["refused"]) == ([f"{free}/0/0"], [])
