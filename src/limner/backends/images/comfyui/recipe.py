"""From a request to the workflow that draws it: pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from limner.backends.images.comfyui.built_in import DEFAULTS
from limner.backends.images.comfyui.graph import STREAMING, Graph, NodeInput, output_node
from limner.backends.images.comfyui.insertion import (
    insert_clip_skip,
    insert_loras,
    model_inputs,
)
from limner.backends.images.comfyui.options import ComfyUIOptions
from limner.backends.images.comfyui.placeholders import NAMES, Values, fill, used
from limner.backends.images.comfyui.workflow import Workflow
from limner.backends.images.comfyui.workflow_inputs import (
    Told,
    WorkflowInputs,
    encoder_classes,
    held,
    places,
    samplers,
    seeds,
)
from limner.errors import ConfigError
from limner.illustration.model.image import ImageRequest
from limner.illustration.model.reference import MOST

REFERENCES = ("reference", "reference_2", "reference_3", "reference_4")
"""The marks for reference pictures, in their order."""

GRID = 8
"""What each side is a multiple of, in pixels: a latent has one cell for so many."""

CHOSEN = {
    "steps": "steps", "cfg": "cfg", "sampler": "sampler_name", "scheduler": "scheduler",
    "denoise": "denoise",
}  # fmt: skip
"""Options and the sampler's inputs they are for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedWorkflow:
    """A workflow that is ready to be sent.

    Attributes:
        graph: Its nodes.
        output: The node that gives the picture.
        seed: What it is drawn from.
        ignored: Options that the workflow has no place for, and why.
        fields: Model, sampler, steps, …: what it draws with.
    """

    graph: Graph = field(repr=False)
    output: str
    seed: int
    ignored: Mapping[str, str]
    fields: Mapping[str, object]

    @property
    def streams(self) -> bool:
        """Whether the picture comes over the websocket."""
        return bool(self.graph[self.output]["class_type"] == STREAMING)


class Recipe:
    """How a workflow is filled. What is wrong with it is found when it is made.

    Args:
        workflow: The workflow.
        output: The id or title of the node that gives the picture; ``""``: find it.
        told: What inputs for texts the nodes have, if the server was asked.

    Raises:
        limner.errors.ConfigError: It is not clear where the picture is from, or where the prompt
            belongs.

    Attributes:
        output: The id of the node that gives the picture.

    Examples:
        >>> from limner.backends.images.comfyui.built_in import text_to_image
        >>> recipe = Recipe(text_to_image())
        >>> request = ImageRequest(prompt="a fox", width=770)
        >>> plan = recipe.plan(request, ComfyUIOptions(), seed=7, model="dream.safetensors")
        >>> plan.graph["2"]["inputs"]["text"], plan.graph["4"]["inputs"]["width"], plan.output
        ('a fox', 768, '7')
    """

    def __init__(self, workflow: Workflow, *, output: str = "", told: Told | None = None) -> None:
        self._workflow = workflow
        graph = workflow.graph()
        self.output = output_node(graph, output, source=workflow.source)
        self._marks = used(graph)
        self._places: WorkflowInputs | None = None
        if not self._marks:
            self._places = places(graph, self.output, source=workflow.source, told=told)
        elif "prompt" not in self._marks:
            raise ConfigError(
                f'{workflow.source} has placeholders, but no "%prompt%" to say where the prompt '
                f"belongs; there are: {', '.join(NAMES)}"
            )

    @property
    def needs_model(self) -> bool:
        """Whether a model must be named: there is a placeholder for it."""
        return "model" in self._marks

    @property
    def references(self) -> int:
        """How many reference pictures there are marks for."""
        marked = [number for number, name in enumerate(REFERENCES, 1) if name in self._marks]
        return max(marked, default=0)

    @property
    def model_place(self) -> tuple[str, str]:
        """The class and the input of the node that names the model."""
        graph = self._workflow.graph()
        for place in model_inputs(graph, self.output):
            return graph[place.node]["class_type"], place.input
        return "CheckpointLoaderSimple", "ckpt_name"

    @property
    def unknown_encoders(self) -> set[str]:
        """The classes of encoders to ask the server about: what is marked needs no asking."""
        if self._marks:
            return set()
        return encoder_classes(self._workflow.graph(), self.output)

    def plan(
        self,
        request: ImageRequest,
        options: ComfyUIOptions,
        *,
        seed: int,
        model: str,
        references: Sequence[str] = (),
    ) -> PreparedWorkflow:
        """The workflow for one picture.

        Args:
            request: What to draw.
            options: How.
            seed: What from.
            model: The model's file.
            references: The server's names of the pictures to draw after; where there are more
                marks, the last stands for the rest.
        """
        graph = self._workflow.graph()
        values = _values(request, options, seed=seed, model=model)
        values |= dict(zip(REFERENCES, [*references, *list(references[-1:]) * MOST], strict=False))
        chosen = {name: values[name] for name in CHOSEN if getattr(options, name) not in (None, "")}
        if options.model:
            chosen["model"] = options.model
        graph, missing = self._filled(graph, values, chosen)
        ignored = dict.fromkeys(missing, "the workflow has no place for it")
        if "seed" not in self._marks:
            _write(graph, seeds(graph, self.output), seed)
        ignored |= self._insert(graph, options)
        return PreparedWorkflow(
            graph=graph, output=self.output, seed=seed, ignored=ignored,
            fields=_fields(graph, self.output),
        )  # fmt: skip

    def _filled(
        self, graph: Graph, values: Values, chosen: Mapping[str, Any]
    ) -> tuple[Graph, list[str]]:
        """The graph with the values in it, and the chosen options for which it has no place."""
        if self._places is None:
            return fill(graph, values), [name for name in chosen if name not in self._marks]
        _write_places(graph, self._places, values)
        missing = [
            name for name, value in chosen.items()
            if not _write(graph, self._inputs(graph, name), value)
        ]  # fmt: skip
        return graph, missing

    def _inputs(self, graph: Graph, name: str) -> list[NodeInput]:
        if name == "model":
            return model_inputs(graph, self.output)[:1]
        return [NodeInput(node, CHOSEN[name]) for node in samplers(graph, self.output)]

    def _insert(self, graph: Graph, options: ComfyUIOptions) -> dict[str, str]:
        loaders = model_inputs(graph, self.output)
        wanted = [name for name in ("loras", "clip_skip") if getattr(options, name)]
        if len(loaders) != 1:
            return dict.fromkeys(wanted, "the workflow has not exactly one loader of a model")
        whole = loaders[0].input == "ckpt_name"
        insert_loras(graph, loaders[0].node, options.loras, with_clip=whole)
        if options.clip_skip is None:
            return {}
        if not whole:
            return {"clip_skip": "the workflow has no checkpoint whose CLIP it could be"}
        insert_clip_skip(graph, loaders[0].node, options.clip_skip)
        return {}


def fitted(side: int) -> int:
    """The nearest side that a latent can have.

    Examples:
        >>> fitted(770), fitted(64)
        (768, 64)
    """
    return max(GRID, round(side / GRID) * GRID)


def _values(
    request: ImageRequest, options: ComfyUIOptions, *, seed: int, model: str
) -> dict[str, str | int | float]:
    negative = [text.strip() for text in (request.negative_prompt, options.negative_prompt)]
    values: dict[str, str | int | float] = {
        **DEFAULTS,
        "prompt": request.prompt,
        "negative_prompt": ", ".join(text for text in negative if text),
        "width": fitted(request.width),
        "height": fitted(request.height),
        "seed": seed,
        "model": model,
        "strength": options.strength,
    }
    return values | {
        name: value for name in CHOSEN if (value := getattr(options, name)) not in (None, "")
    }


def _write_places(graph: Graph, found: WorkflowInputs, values: Values) -> None:
    for name in ("prompt", "width", "height"):
        _write(graph, getattr(found, name), values[name])
    if values["negative_prompt"]:  # else what the workflow itself avoids
        _write(graph, found.negative_prompt, values["negative_prompt"])


def _write(graph: Graph, where: Iterable[NodeInput], value: Any) -> bool:
    """Write a value to every place that there is; tells whether there is one."""
    written = False
    for place in where:
        if place.input in graph[place.node]["inputs"]:
            to = held(graph, place)
            graph[to.node]["inputs"][to.input] = value
            written = True
    return written


def _fields(graph: Graph, output: str) -> dict[str, object]:
    """What a workflow draws with, as far as it stands there."""
    found: dict[str, object] = {}
    for place in model_inputs(graph, output)[:1]:
        found["model"] = graph[place.node]["inputs"][place.input]
    for node in samplers(graph, output):
        inputs = graph[node]["inputs"]
        found = {name: inputs[key] for name, key in CHOSEN.items() if key in inputs} | found
    return {
        name: value[:200] if isinstance(value, str) else value
        for name, value in found.items()
        if isinstance(value, str | int | float) and value != ""
    }
