"""A picture whose place among those of all processes is lost is drawn in another one."""

from limner import Illustrator
from limner.illustration import SlotState
from limner.scheduling import Limiter
from limner.testing import ScriptedBackend
from limner.testing.shared_limits import ScriptedSharedLimits, SharedLimitsServer


async def test_it_is_begun_anew_when_the_line_is_back() -> None:
    """The process was cut off for longer than others wait; nothing of the picture is lost."""
    port = ScriptedSharedLimits(SharedLimitsServer(ttl=4.0), "cut off")
    limiter, backend = Limiter(max_concurrent=2, shared=port), ScriptedBackend(seconds=6.0)
    async with Illustrator(backend=backend, limiter=limiter) as illustrator:
        events = illustrator.stream('One <!--img-prompt="a fox"--> two.')
        async with events as happening:
            async for event in happening:
                if type(event).__name__ == "ImageStarted" and len(backend.calls) == 1:
                    port.cut(10.0)
        result = happening.result
    assert [slot.state for slot in result.slots] == [SlotState.READY]
    assert len(backend.calls) == 2
