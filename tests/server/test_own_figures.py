"""Where users have theirs to themselves they are told of their own, and of nobody else's."""

import json
from pathlib import Path

import pytest
from tests.server.test_roles import house
from tests.waiting import until

pytestmark = pytest.mark.real_time


async def test_users_pin_their_own_chats(tmp_path: Path) -> None:
    """What one pins another does not see, nor the admin, whose pins are the server's."""
    async with house(tmp_path, household=False) as home:
        for who, pins in (("anna", ["a"]), ("ben", ["b", "c"]), ("boss", ["d"])):
            body = {"pinned_chats": pins}
            status, told = await home.ask(who, "PATCH", "/settings", body)
            assert (status, told["settings"]["pinned_chats"]) == (200, pins)
        for who, pins in (("anna", ["a"]), ("ben", ["b", "c"]), ("boss", ["d"])):
            told = (await home.ask(who, "GET", "/settings"))[1]
            assert told["settings"]["pinned_chats"] == pins, who
        more = {"pinned_chats": [], "every_words": 9}
        assert (await home.ask("anna", "PATCH", "/settings", more))[0] == 403
        assert (await home.ask("anna", "PATCH", "/settings", {"pinned_chats": None}))[0] == 200
        assert (await home.ask("anna", "GET", "/settings"))[1]["settings"]["pinned_chats"] == []


async def test_users_are_not_told_where_the_servers_are(tmp_path: Path) -> None:
    """Neither by the settings that only a restart changes."""
    async with house(tmp_path, household=False) as home:
        assert (await home.ask("anna", "GET", "/settings"))[1]["restart"] == []
        assert (await home.ask("boss", "GET", "/settings"))[1]["restart"] != []


async def test_the_queue_counts_for_users_what_is_their_own(tmp_path: Path) -> None:
    """Totals, what runs and waits, and how far it is; admins are told of all."""
    async with house(tmp_path, household=False) as home:
        for who, number in (("anna", 1), ("ben", 1), ("boss", 2)):
            told = (await home.ask(who, "GET", "/queue"))[1]
            assert told["totals"]["received"] == told["totals"]["succeeded"] == number, who
        assert (await home.ask("boss", "POST", "/queue/pause"))[0] == 200
        bens = await home.chat_of("ben")
        messages = (await home.ask("ben", "GET", f"/chats/{bens}/messages"))[1]["messages"]
        slot = messages[1]["slots"][0]["id"]
        sent = {"Authorization": f"Bearer {home.tokens['anna']}"}
        url = f"{home.server.address}/api/events"
        async with home.server.client.get(url, headers=sent) as heard:
            for _ in range(3):
                status, _ = await home.ask("ben", "POST", f"/slots/{slot}/regenerate")
                assert status == 202
            limiter = home.server.running.services.limiter
            await until(lambda: len(limiter.jobs()) == 3)
            for who, number in (("anna", 0), ("ben", 3), ("boss", 3)):
                told = (await home.ask(who, "GET", "/queue"))[1]
                assert (told["waiting"], told["running"]) == (number, 0), who
                assert told["progress"]["total"] == told["progress"]["queued"] == number, who
            told = b""
            while b"event: queue" not in told:
                told += await heard.content.readany()
        lines = [line for line in told.split(b"\n") if b'"running"' in line]
        assert [json.loads(line.partition(b" ")[2])["waiting"] for line in lines] == [0]


async def test_the_figures_of_all_are_an_admins(tmp_path: Path) -> None:
    """In a household everybody is told."""
    for household in (False, True):
        async with house(tmp_path / str(household), household=household) as home:
            for who, status in (("anna", 200 if household else 403), ("boss", 200)):
                sent = {"Authorization": f"Bearer {home.tokens[who]}"}
                assert await home.server.status("GET", "/metrics", headers=sent) == status


async def test_users_are_told_of_their_own_budget_alone(tmp_path: Path) -> None:
    """What all have used together is an admin's to know; in a household everybody's."""
    budget = {"per_day": "9", "per_owner_day": "5", "per_message": "3"}
    for household in (False, True):
        place = tmp_path / str(household)
        async with house(place, household=household, budget=budget) as home:
            for who, all_used in (("anna", household), ("boss", True)):
                told = (await home.ask(who, "GET", "/queue"))[1]["budget"]
                known = {(one["scope"], one["per_owner"]): one["used"] for one in told}
                assert (("day", False) in known) == all_used, who
                assert known.get(("day", False), 2) == 2
                assert known["day", True] == (1 if who == "anna" else 0)
                assert ("message", False) in known
