"""Settings and presets over HTTP."""

from pathlib import Path

import pytest
from tests.server.api.running import FOX, illustrated, running

from limner.server.preferences import Preferences

pytestmark = pytest.mark.real_time


async def test_limits_count_at_once_and_survive_a_restart(tmp_path: Path) -> None:
    """A changed limit starts what waits for it, is told, and is there after the next start."""
    async with running(tmp_path, defaults=Preferences(max_concurrent=1)) as api:
        api.gate.open.clear()
        async with api.events() as events:
            await api.ask("POST", "/chats/tale/illustrate", {"text": FOX + FOX}, status=202)
            await events.until("slot.started")
            assert await api.services.limiter.running() == 1
            told = await api.ask("PATCH", "/settings", {"max_concurrent": 2, "min_interval": 0.0})
            assert told["settings"]["max_concurrent"] == 2
            await events.until("settings")
            await events.until("slot.started")
            api.gate.open.set()
            await events.until("message.finished")
        rate = {"limit": 50, "per": 60.0}
        await api.ask("PATCH", "/settings", {"rates": [rate]})
        assert len(api.services.limiter.limits.rates) == 1
    async with running(tmp_path, defaults=Preferences(max_concurrent=1)) as api:
        told = await api.ask("GET", "/settings")
        assert told["settings"]["max_concurrent"] == api.services.limiter.limits.max_concurrent == 2
        assert told["chosen"] == ["max_concurrent", "min_interval", "rates"]
        assert told["defaults"]["max_concurrent"] == 1
        told = await api.ask("PATCH", "/settings", {"max_concurrent": None, "rates": None})
        assert (told["settings"]["max_concurrent"], told["chosen"]) == (1, ["min_interval"])
        assert api.services.limiter.limits.max_concurrent == 1


async def test_looks_count_for_the_next_picture(tmp_path: Path) -> None:
    """Size, seed, negative prompt, styles and characters reach the backend without a restart."""
    async with running(tmp_path) as api:
        choices = {
            "width": 256,
            "height": 128,
            "seed": 7,
            "negative_prompt": "text",
            "styles": [{"name": "ink", "prefix": "ink drawing"}, {"name": "oil"}],
            "style": ["ink"],
            "characters": [{"name": "Mira", "prompt": "red coat"}],
        }
        await api.ask("PATCH", "/settings", choices)
        await illustrated(api, '<!--img-prompt="Mira and a fox"-->')
        request = api.gate.scripted.calls[-1].request
        assert (request.width, request.height) == (256, 128)
        assert request.prompt == "ink drawing, Mira and a fox, red coat"
        assert request.negative_prompt == "text"
        await illustrated(api, '<!--img-prompt="Mira and a fox"-->')
        assert api.gate.scripted.calls[-1].request.seed == request.seed


async def test_settings_that_make_no_sense_change_nothing(tmp_path: Path) -> None:
    """Each is refused with its name and why, and those beside it are not taken either."""
    async with running(tmp_path) as api:
        for wrong, field in (
            ({"width": 32}, "width"),
            ({"width": "512"}, "width"),
            ({"max_concurrent": 0}, "max_concurrent"),
            ({"min_interval": -1.0}, "min_interval"),
            ({"rates": [{"limit": 1, "per": 0.0}]}, "rates.0.per"),
            ({"seed": 2**32}, "seed"),
            ({"default_mode": "shuffle"}, "default_mode"),
            ({"style": ["nobody"]}, None),
            ({"styles": [{"name": "a"}, {"name": "A"}]}, None),
            ({"styles": [{"name": "a", "prefix": "(open"}]}, "styles.0"),
            ({"preset": "nobody"}, "preset"),
            ({"llm_key": "sk"}, "llm_key"),
        ):
            error = await api.fails("PATCH", "/settings", {"height": 640} | wrong, status=422)
            assert error.get("field") == field, error
        told = await api.ask("GET", "/settings")
        assert (told["chosen"], told["settings"]["height"]) == ([], 512)


async def test_a_kept_setting_that_makes_no_sense_any_more_is_left_out(tmp_path: Path) -> None:
    """An older or damaged setting keeps neither the others nor the start from working."""
    async with running(tmp_path) as api:
        kept = {"width": 5, "height": 256, "colour": "red"}
        await api.services.library.set_setting("server", kept)
    async with running(tmp_path) as api:
        told = await api.ask("GET", "/settings")
        assert told["chosen"] == ["height"]


async def test_presets_are_kept_changed_and_exchanged(tmp_path: Path) -> None:
    """Add, rename, replace, choose, export, delete and import; built-in ones stay as they are."""
    async with running(tmp_path) as api:
        preset = {"name": "My way", "template": "Ask: {tag_example}"}
        made = await api.ask("POST", "/presets", preset, status=201)
        assert (made["id"], made["shows_a_tag"]) == ("my-way", True)
        await api.fails("POST", "/presets", preset, status=422)
        await api.ask("POST", "/presets", preset | {"overwrite": True}, status=201)
        changed = await api.ask(
            "PATCH", "/presets/my-way", {"name": "Other", "template": "No tag."}
        )
        assert (changed["name"], changed["shows_a_tag"]) == ("Other", False)
        await api.ask("PATCH", "/settings", {"preset": "my-way"})
        assert (await api.ask("GET", "/presets"))["chosen"] == "my-way"
        file = await api.ask("GET", "/presets/export")
        await api.ask("DELETE", "/presets/my-way", status=204)
        listed = await api.ask("GET", "/presets")
        assert (listed["chosen"], len(listed["presets"])) == ("default", 2)
        imported = await api.ask("POST", "/presets/import", file)
        assert [one["name"] for one in imported["presets"]][-1] == "Other"
        await api.ask("POST", "/presets/import?overwrite=true", file)
        assert (await api.ask("GET", "/presets/my-way"))["template"] == "No tag."
        await api.fails("DELETE", "/presets/default", status=422)
        await api.fails("PATCH", "/presets/default", {"name": "Mine"}, status=422)
        await api.fails("DELETE", "/presets/nobody", status=404)
        await api.fails("POST", "/presets/import", file | {"format": "other"}, status=422)


async def test_a_budget_counts_at_once(tmp_path: Path) -> None:
    """In words, as the configuration has it; what is no amount changes nothing."""
    async with running(tmp_path) as api:
        await illustrated(api, FOX)
        error = await api.fails("PATCH", "/settings", {"budget_per_day": "a few"}, status=422)
        assert error["field"] == "budget_per_day"
        await api.ask("PATCH", "/settings", {"budget_per_day": "1, 2 USD"})
        (pictures, money) = (await api.ask("GET", "/queue"))["budget"]
        assert (pictures["used"], pictures["limit"], money["unit"]) == (1, 1, "USD")
        message = await illustrated(api, FOX)
        slots = (await api.ask("GET", f"/messages/{message}"))["slots"]
        assert [slot["failure"]["kind"] for slot in slots] == ["BudgetExceeded"]
        await api.ask("PATCH", "/settings", {"budget_per_day": None})
        assert (await api.ask("GET", "/queue"))["budget"] == []
        await api.ask("POST", f"/slots/{slots[0]['id']}/retry", status=202)
