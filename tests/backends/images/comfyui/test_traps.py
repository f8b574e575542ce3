"""What a real ComfyUI was seen to do, and what must not be made of it; one test a trap."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web

from limner.backends.http.timeouts import Timeouts
from limner.backends.images.comfyui import ComfyUIBackend, ComfyUIOptions, PollIntervals, Workflow
from limner.errors import (
    BackendRejected,
    BackendTimeout,
    BackendUnavailable,
    BadPicture,
)
from limner.illustration import Illustrator, ImageRequest
from limner.testing.comfyui_server import ComfyUIServer
from limner.testing.comfyui_server.mishap import (
    BranchDropped,
    FileGone,
    LateAnswer,
    LostAnswer,
    Mishap,
    NodeFails,
    NoEndFrame,
    Restart,
    SocketDrop,
    SomebodyClears,
    SomebodyDeletes,
    SomebodyInterrupts,
)
from limner.testing.picture_job import plain_picture

PACE = PollIntervals(poll=0.01, quiet=0.2)
NO_MODEL: dict[str, Any] = {
    "1": {"class_type": "EmptyImage", "inputs": {
        "width": "%width%", "height": "%height%", "batch_size": 1, "color": 3368652}},
    "2": {"class_type": "ImageAddNoise", "inputs": {
        "image": ["1", 0], "seed": 42, "strength": 0.3}},
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "a/b/c"}},
    "4": {"class_type": "PreviewAny", "inputs": {"source": "said: %prompt%"}},
}  # fmt: skip
"""The workflow that draws without a checkpoint."""


def backend(server: ComfyUIServer, workflow: Any = None, **changes: Any) -> ComfyUIBackend:
    """A backend that looks often."""
    made = None if workflow is None else Workflow.parse(json.dumps(workflow))
    options = ComfyUIOptions(**changes.pop("options", {}))
    return ComfyUIBackend(
        server.url, **{"pace": PACE, "workflow": made, "options": options, **changes}
    )


def request(**changes: Any) -> ImageRequest:
    """A fox."""
    return ImageRequest(**{"prompt": "a fox", "width": 64, "height": 64, **changes})


def prompts(server: ComfyUIServer) -> list[Any]:
    """What was sent to be drawn."""
    return [sent.body for sent in server.asked("/prompt")]


async def drawn(*mishaps: Mishap | None, **changes: Any) -> ComfyUIServer:
    """A server that has made one picture in spite of a mishap."""
    async with ComfyUIServer(mishaps=mishaps) as server, backend(server, **changes) as ours:
        image = await ours.generate(request(seed=7))
        assert image.seed == 7
        assert (image.width, image.height) == (64, 64)
    return server


@pytest.mark.real_time
async def test_progress_grows_and_need_not_reach_its_maximum() -> None:
    """The sampler stops telling before its last step; the fraction never falls, nor passes 1."""
    seen: list[tuple[float, bytes | None]] = []
    understood: list[set[str]] = []
    async with ComfyUIServer() as server, backend(server) as ours:

        def progress(*told: Any) -> None:
            seen.append(told)
            understood.append(set(server.worker.sockets.metadata))

        await ours.generate(request(progress=progress))
    assert understood[-1] == {prompts(server)[0]["client_id"]}  # we said so first
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert len(set(fractions)) > 5
    assert fractions[0] == 0.0
    assert 0.9 < fractions[-1] < 1
    previews = [preview for _, preview in seen if preview is not None]
    assert previews == [plain_picture(8, 8, seed=step) for step in range(3)]


@pytest.mark.real_time
async def test_previews_can_be_declined() -> None:
    """The fraction is told all the same."""
    seen: list[tuple[float, bytes | None]] = []
    async with ComfyUIServer() as server:
        async with backend(server, options={"previews": False}) as ours:
            await ours.generate(request(progress=lambda *told: seen.append(told)))
    assert seen
    assert all(preview is None for _, preview in seen)


@pytest.mark.real_time
async def test_frames_may_come_before_the_answer_of_the_post() -> None:
    """All frames come before the answer; the picture is found by our own id."""
    await drawn(LateAnswer())


@pytest.mark.real_time
@pytest.mark.parametrize("after", range(0, 24, 3))
async def test_a_broken_websocket_costs_nothing(after: int) -> None:
    """Wherever it breaks, the history tells the rest; no second socket is opened."""
    server = await drawn(SocketDrop(after))
    assert server.worker.sockets.opened == 1
    assert len(server.jobs) == 1


@pytest.mark.real_time
async def test_a_missing_end_frame_is_not_waited_for() -> None:
    """After the success the history is looked at."""
    await drawn(NoEndFrame(), pace=PollIntervals(poll=0.01, quiet=100.0))


@pytest.mark.real_time
async def test_a_cleared_history_does_not_lose_a_picture_that_was_told() -> None:
    """The frames named its file."""
    await drawn(SomebodyClears())


@pytest.mark.real_time
async def test_an_old_server_gives_ids_of_its_own() -> None:
    """The id in the answer is the one that counts."""
    async with ComfyUIServer(own_ids=False) as server, backend(server) as ours:
        assert (await ours.generate(request())).data


@pytest.mark.real_time
async def test_an_identical_workflow_gives_its_old_file() -> None:
    """Nothing is executed; the old picture is a good one."""
    async with ComfyUIServer() as server, backend(server) as ours:
        first = await ours.generate(request(seed=7))
        again = await ours.generate(request(seed=7))
    assert first.data == again.data
    assert len(server.worker.files) == 1


@pytest.mark.real_time
async def test_without_a_seed_every_attempt_has_a_new_one() -> None:
    """Equal requests are drawn anew, and the picture tells from which seed."""
    async with ComfyUIServer() as server, backend(server) as ours:
        images = [await ours.generate(request()) for _ in range(3)]
    sent = [prompt["prompt"]["5"]["inputs"]["seed"] for prompt in prompts(server)]
    assert len(set(sent)) == 3
    assert sent == [image.seed for image in images]
    assert all(0 <= seed < 2**53 for seed in sent)


@pytest.mark.real_time
async def test_a_file_that_is_gone_is_drawn_again_with_another_seed() -> None:
    """Once: the cache would name the same missing file for the same seed."""
    async with ComfyUIServer(mishaps=[FileGone()]) as server, backend(server) as ours:
        image = await ours.generate(request(seed=7))
        assert len(server.jobs) == 2
    assert image.seed != 7
    assert image.info["seed_asked_for"] == 7
    async with ComfyUIServer(mishaps=[FileGone()] * 3) as server, backend(server) as ours:
        with pytest.raises(BadPicture, match="404"):
            await ours.generate(request(seed=7))
        assert len(server.jobs) == 2


@pytest.mark.real_time
async def test_ids_are_never_used_twice() -> None:
    """Neither the prompt's nor the client's, whatever is drawn again."""
    async with ComfyUIServer(mishaps=[FileGone(), Restart(), NodeFails()]) as server:
        async with backend(server) as ours, Illustrator(backend=ours) as illustrator:
            result = await illustrator.illustrate('<!--img-prompt="a fox" seed="7" -->')
    sent = prompts(server)
    assert len(sent) >= 3, result
    for name in ("prompt_id", "client_id"):
        assert len({prompt[name] for prompt in sent}) == len(sent)


@pytest.mark.real_time
async def test_what_fails_in_the_same_way_again_is_not_asked_a_third_time() -> None:
    """The same node with the same words, numbers aside: it is a rejection then."""
    fails = [NodeFails(f"{size} MiB are too much") for size in (71, 72, 73)]
    async with ComfyUIServer(mishaps=fails) as server:
        async with backend(server) as ours, Illustrator(backend=ours) as illustrator:
            result = await illustrator.illustrate('<!--img-prompt="a fox" -->')
    assert len(prompts(server)) == 2
    (slot,) = result.failed
    assert slot.failure is not None
    assert "MiB are too much" in slot.failure.reason


@pytest.mark.real_time
async def test_a_picture_branch_that_was_dropped_is_a_rejection() -> None:
    """200 and a success without a picture: told with the reason, and the prompt is taken back."""
    async with ComfyUIServer(mishaps=[BranchDropped()]) as server, backend(server) as ours:
        with pytest.raises(BackendRejected, match=r"SaveImage \(node 7\): Required input is miss"):
            await ours.generate(request())
        await server.jobs[0].ended.wait()
        assert [sent.body for sent in server.asked("/queue") if sent.method == "POST"] == [
            {"delete": [prompts(server)[0]["prompt_id"]]}
        ]


@pytest.mark.real_time
async def test_a_broken_branch_beside_the_picture_does_not_matter() -> None:
    """Errors of other outputs are not ours."""
    workflow = {**NO_MODEL, "9": {"class_type": "PreviewImage", "inputs": {}}}
    async with ComfyUIServer() as server, backend(server, workflow) as ours:
        assert (await ours.generate(request())).data


@pytest.mark.real_time
async def test_an_unknown_model_is_told_with_those_there_are() -> None:
    """The rejection names the input, and the names that the server knows."""
    async with ComfyUIServer() as server:
        async with backend(server, options={"model": "dreamshaper.safetensors"}) as ours:
            with pytest.raises(BackendRejected) as caught:
                await ours.generate(request())
    assert "CheckpointLoaderSimple (node 1): there is no ckpt_name 'dreamshaper" in str(
        caught.value
    )
    assert "there are: dreamshaper_8.safetensors, sd_xl_base_1.0" in str(caught.value)
    assert caught.value.status == 400


@pytest.mark.real_time
async def test_every_refusal_of_a_workflow_names_what_is_wrong() -> None:
    """Unknown nodes (also unconnected), missing inputs, wrong types, no answer in JSON."""

    def changed(node: str, **inputs: Any) -> dict[str, Any]:
        content = {**NO_MODEL[node], "inputs": {**NO_MODEL[node]["inputs"], **inputs}}
        return {**NO_MODEL, node: content}

    unknown = {**NO_MODEL, "x": {"class_type": "NoSuchNode", "inputs": {}}}
    cases = [
        (unknown, "node NoSuchNode does not exist: Node ID '#x'"),
        (changed("1", width=99_999), "EmptyImage .* bigger than max of 16384"),
        (changed("1", width="wide"), "Failed to convert"),
    ]
    missing = changed("1")
    del missing["1"]["inputs"]["height"]
    cases.append((missing, r"EmptyImage \(node 1\): Required input is missing \(height\)"))
    async with ComfyUIServer() as server:
        for workflow, told in cases:
            async with backend(server, workflow) as ours:
                with pytest.raises(BackendRejected, match=told):
                    await ours.generate(request())
        async with backend(server) as ours:
            with pytest.raises(BackendUnavailable, match="got itself in trouble"):
                await ours.session.request("POST", "/prompt", data=b"no json", wanted="prompt")
        assert server.running == 0


@pytest.mark.real_time
async def test_an_interruption_by_somebody_else_is_no_failure() -> None:
    """The history says "error" for both; its messages tell them apart."""
    async with ComfyUIServer(mishaps=[SomebodyInterrupts()]) as server, backend(server) as ours:
        with pytest.raises(BackendRejected, match="by somebody else"):
            await ours.generate(request())
        assert len(server.jobs) == 1


@pytest.mark.real_time
async def test_a_failing_node_is_told_without_traceback_and_paths() -> None:
    """Its class, its error, one line."""
    words = "No such file: '/srv/ComfyUI/models/vae/x.pt'\n\nTraceback (most recent call last):\n a"
    async with ComfyUIServer(mishaps=[NodeFails(words)]) as server, backend(server) as ours:
        with pytest.raises(BackendUnavailable) as caught:
            await ours.generate(request())
    assert str(caught.value).endswith("KSampler (node 5): RuntimeError: No such file: 'x.pt'")


@pytest.mark.real_time
async def test_a_prompt_deleted_by_somebody_else_is_lost_and_drawn_again() -> None:
    """No frame and no history entry ever come: the waiter finds out by itself."""
    async with ComfyUIServer(mishaps=[SomebodyDeletes()]) as server, backend(server) as ours:
        with pytest.raises(BackendUnavailable, match="neither in its queue nor in its history"):
            await ours.generate(request())
        assert (await ours.generate(request())).data


@pytest.mark.real_time
@pytest.mark.parametrize("after", [0, 3, 15])
async def test_a_restart_loses_the_prompt_and_the_picture_is_drawn_again(after: int) -> None:
    """The history is empty and so is the queue: a typed error that is worth another try."""
    async with ComfyUIServer(mishaps=[Restart(after)]) as server:
        async with backend(server) as ours, Illustrator(backend=ours) as illustrator:
            result = await illustrator.illustrate('<!--img-prompt="a fox"-->')
        assert result.complete
        assert len(server.jobs) == 2


@pytest.mark.real_time
async def test_several_pictures_wait_in_one_queue_and_each_gets_its_own() -> None:
    """One draws at a time; frames of others, and previews without an id, are not taken for ours."""
    seen: dict[int, list[float]] = {seed: [] for seed in range(5)}
    async with ComfyUIServer() as server, backend(server) as one, backend(server) as other:
        images = await asyncio.gather(*(
            (one if seed % 2 else other).generate(
                request(seed=seed, progress=lambda fraction, _, s=seed: seen[s].append(fraction))
            )
            for seed in seen
        ))  # fmt: skip
    for seed, image in enumerate(images):
        assert image.seed == seed
        assert image.data == plain_picture(64, 64, seed=seed)
        assert seen[seed] == sorted(seen[seed])


@pytest.mark.real_time
async def test_a_waiting_prompt_is_deleted_and_nobody_is_interrupted() -> None:
    """Even on a server whose interrupt stops whatever runs."""
    gate = asyncio.Event()
    async with ComfyUIServer(gate=gate, exact=False) as server, backend(server) as ours:
        theirs = asyncio.create_task(ours.generate(request(seed=1)))
        await server.job(0)
        drawing = asyncio.create_task(ours.generate(request(seed=2)))
        await server.job(1)
        await server.until(lambda: len(server.worker.waiting) == 1)
        drawing.cancel()
        await server.jobs[1].ended.wait()
        await asyncio.wait([drawing])
        assert drawing.cancelled()
        assert server.interrupts == []
        gate.set()
        assert (await theirs).seed == 1


@pytest.mark.real_time
async def test_a_running_prompt_is_interrupted_by_its_id() -> None:
    """Deleted first, then interrupted, and the call ends when it has really stopped."""
    async with ComfyUIServer(gate=asyncio.Event()) as server, backend(server) as ours:
        drawing = asyncio.create_task(ours.generate(request()))
        await server.job()
        await server.until(lambda: server.worker.node == "5")
        drawing.cancel()
        await asyncio.wait([drawing])
        assert server.jobs[0].ended.is_set()
        assert server.worker.current is None
        assert server.interrupts == [{"prompt_id": prompts(server)[0]["prompt_id"]}]
        history = next(iter(server.worker.history.values()))["status"]
        assert (history["status_str"], history["completed"]) == ("error", False)


@pytest.mark.real_time
async def test_a_cancel_while_the_server_has_not_answered_is_not_lost() -> None:
    """The prompt is taken although its POST has no answer yet: it is stopped all the same."""
    gate = asyncio.Event()
    async with ComfyUIServer(gate=gate, mishaps=[LateAnswer()]) as server, backend(server) as ours:
        drawing = asyncio.create_task(ours.generate(request()))
        await server.until(lambda: server.worker.current is not None)
        drawing.cancel()
        await asyncio.sleep(0)
        drawing.cancel()  # twice
        await server.jobs[0].ended.wait()
        await asyncio.wait([drawing])
        assert drawing.cancelled()


class Slow(ComfyUIServer):
    """Takes prompts only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = asyncio.Event()

    async def _take(self, *taken: Any) -> web.StreamResponse:
        await self.let.wait()
        return await super()._take(*taken)


@pytest.mark.real_time
async def test_a_prompt_that_is_taken_after_we_have_asked_to_delete_it_is_deleted_again() -> None:
    """The server was slow: our POST was still on its way."""
    async with Slow() as server, backend(server) as ours:
        server.gate = asyncio.Event()
        drawing = asyncio.create_task(ours.generate(request()))
        await server.job()
        drawing.cancel()
        await server.until(lambda: len(server.asked("/queue")) >= 2)
        server.let.set()
        await asyncio.wait([drawing])
        assert drawing.cancelled()
        assert server.running == 0


class Hesitant(ComfyUIServer):
    """A prompt ends just between the first look at the history and the look at the queue."""

    looks = 0

    async def _history(self, request: web.Request) -> web.StreamResponse:
        if not self.worker.history:
            return web.json_response({})
        self.looks += 1
        return await super()._history(request) if self.looks > 1 else web.json_response({})


@pytest.mark.real_time
async def test_a_prompt_that_ends_between_two_looks_is_not_lost() -> None:
    """Absent from the queue and, a moment ago, from the history: it is looked for once more."""
    async with Hesitant() as server, backend(server, options={"websocket": False}) as ours:
        assert (await ours.generate(request())).data
        assert server.looks == 2


@pytest.mark.real_time
async def test_a_lost_answer_leaves_no_prompt_behind() -> None:
    """The connection broke after the prompt was taken: it is withdrawn before the error."""
    server = ComfyUIServer(gate=asyncio.Event(), mishaps=[LostAnswer()])
    async with server, backend(server) as ours:
        drawing = asyncio.create_task(ours.generate(request()))
        await server.until(lambda: server.worker.current is not None)
        server.worker.current.answered.set()  # type: ignore[union-attr]
        with pytest.raises(BackendUnavailable, match="without an answer"):
            await drawing
        assert server.running == 0


@pytest.mark.real_time
async def test_a_time_limit_stops_the_prompt_too() -> None:
    """The total counts from the start, the queue included; the server is told to stop."""
    # Long enough that it is begun by then on a machine under load, too.
    timeouts = Timeouts(connect=5, first_byte=5, idle=5, total=3)
    async with ComfyUIServer(gate=asyncio.Event()) as server:
        async with backend(server, timeouts=timeouts) as ours:
            with pytest.raises(BackendTimeout, match="within 3 s; it was being drawn"):
                await ours.generate(request())
        assert server.running == 0


@pytest.mark.real_time
async def test_the_picture_may_come_over_the_websocket() -> None:
    """`SaveImageWebsocket` keeps no file; previews before it are not taken for it."""
    workflow = {**NO_MODEL, "3": {
        "class_type": "SaveImageWebsocket", "inputs": {"images": ["2", 0]}}}  # fmt: skip
    async with ComfyUIServer() as server, backend(server, workflow) as ours:
        image = await ours.generate(request(seed=7))
    assert image.data == plain_picture(64, 64, seed=7)
    assert server.worker.files == {}
    async with ComfyUIServer(websockets=404) as server, backend(server, workflow) as ours:
        with pytest.raises(BackendRejected, match="use SaveImage"):
            await ours.generate(request())
        assert server.jobs == []
    async with ComfyUIServer(mishaps=[SocketDrop(5)]) as server, backend(server, workflow) as ours:
        with pytest.raises(BackendUnavailable, match="lost with the websocket"):
            await ours.generate(request())


@pytest.mark.real_time
async def test_of_a_batch_the_first_picture_is_taken() -> None:
    """The others stay at the server."""
    workflow = {**NO_MODEL, "1": {"class_type": "EmptyImage", "inputs": {
        **NO_MODEL["1"]["inputs"], "batch_size": 2}}}  # fmt: skip
    async with ComfyUIServer() as server, backend(server, workflow) as ours:
        image = await ours.generate(request(seed=7))
    assert len(server.worker.files) == 2
    assert image.data == plain_picture(64, 64, seed=7)


@pytest.mark.real_time
@pytest.mark.parametrize("kind", ["SaveImage", "PreviewImage"])
async def test_files_are_found_in_their_folders(kind: str) -> None:
    """A prefix with folders in it, and previews in the folder for what is passing."""
    inputs = {"images": ["2", 0]} | ({"filename_prefix": "a/b/c"} if kind == "SaveImage" else {})
    workflow = {**NO_MODEL, "3": {"class_type": kind, "inputs": inputs}}
    async with ComfyUIServer() as server, backend(server, workflow) as ours:
        assert (await ours.generate(request())).data
    place = ("output", "a/b") if kind == "SaveImage" else ("temp", "")
    assert [key[:2] for key in server.worker.files] == [place]


@pytest.mark.real_time
async def test_the_workflow_in_the_picture_is_told_apart_and_cut_away() -> None:
    """The prompt stands in info; the bytes that are kept do not have it."""
    async with ComfyUIServer() as server, backend(server) as ours:
        image = await ours.generate(request(prompt="a secret fox"))
    assert "a secret fox" in image.info["metadata"]["prompt"]  # type: ignore[index]
    assert b"secret" not in image.data
    assert any(b"secret" in data for data, _ in server.worker.files.values())


@pytest.mark.real_time
async def test_a_prompt_is_data_and_arrives_unchanged() -> None:
    """Quotes, backslashes, braces, placeholders, other scripts: nothing breaks the JSON."""
    said = 'He said "%seed%" \\n {{x}} ☔ \u2028 </script> %prompt%'
    async with ComfyUIServer() as server, backend(server, NO_MODEL) as ours:
        await ours.generate(request(prompt=said))
    (entry,) = server.worker.history.values()
    assert entry["outputs"]["4"]["text"] == [f"said: {said}"]


@pytest.mark.real_time
async def test_no_origin_is_ever_sent() -> None:
    """A foreign one is answered with 403."""
    async with ComfyUIServer() as server, backend(server) as ours:
        await ours.generate(request())
        assert not any("origin" in sent.headers for sent in server.requests)
        with pytest.raises(BackendRejected):
            await ours.session.request(
                "GET", "/queue", headers={"Origin": "http://evil.example"}, wanted="queue"
            )
