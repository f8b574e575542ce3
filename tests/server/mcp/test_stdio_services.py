"""What the tools work with where there is no server: the same library, budget and choices."""

from pathlib import Path

import pytest
from mcp import Client
from tests.cli.conftest import plugged, scripted
from tests.server.mcp.connected import text_of

from limner.config import Settings
from limner.server.mcp.caller import Caller
from limner.server.mcp.stdio import tool_services
from limner.server.mcp.tool_server import ToolServer
from limner.storage import Library
from limner.testing import ScriptedBackend

__all__ = ["plugged", "scripted"]

pytestmark = pytest.mark.real_time


async def test_settings_budget_and_what_was_chosen_on_the_page_hold(
    tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """The budget is counted in the library, whoever draws into it."""
    chosen = {"width": 640, "height": 384, "styles": [{"name": "ink", "prefix": "ink drawing"}]}
    settings = Settings(backend="scripted", max_concurrent=2, serve={"budget": {"per_day": 2}})
    for first in (True, False):
        async with await Library.open(tmp_path) as library:
            await library.set_setting("server", {**chosen, "style": ["ink"]})
            async with tool_services(settings, library) as services:
                tools = ToolServer(
                    services, settings, public_url=None, caller_of=lambda _: Caller()
                )
                async with Client(tools.server()) as client:
                    answer = await client.call_tool("draw_picture", {"prompt": "a fox", "count": 2})
                limits = services.limiter.limits
        assert answer.is_error is not first, text_of(answer)
        assert limits.max_concurrent == 2
    assert [call.request.prompt for call in scripted.calls] == ["ink drawing, a fox"] * 2
    assert {(call.request.width, call.request.height) for call in scripted.calls} == {(640, 384)}
    assert "a day" in text_of(answer) or "day" in text_of(answer)
