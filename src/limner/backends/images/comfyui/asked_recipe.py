"""How a workflow is filled, when the server has told what only it knows of the nodes."""

import asyncio

from limner.backends.images.comfyui.client import ComfyUIClient
from limner.backends.images.comfyui.error_text import text_inputs
from limner.backends.images.comfyui.recipe import Recipe
from limner.backends.images.comfyui.workflow import Workflow
from limner.errors import BackendRejected, ConfigError


class AskedRecipe:
    """The recipe of one workflow; the server is asked once, when it is first wanted.

    Args:
        client: The server.
        workflow: The workflow.
        output: The node that gives the picture, by id or title; ``""``: find it.

    Raises:
        limner.errors.ConfigError: The workflow cannot be used; of one in the editor's format that
            is known only when the server was asked.
    """

    def __init__(self, client: ComfyUIClient, workflow: Workflow, *, output: str) -> None:
        self._client = client
        self._workflow = workflow
        self._output = output
        self._read: Recipe | None = None
        self._reading = asyncio.Lock()
        if workflow.editor is None:  # a mistake in it is told now
            Recipe(workflow, output=output)

    async def get(self) -> Recipe:
        """The recipe.

        Raises:
            limner.errors.BackendRejected: A text would stay beside the new prompt, or the server
                does not know a node; the message says what to do.
        """
        if self._read is None:
            async with self._reading:
                if self._read is None:
                    self._read = await self._asked()
        return self._read

    async def _asked(self) -> Recipe:
        client, output, editor = self._client, self._output, self._workflow.editor
        classes = editor.classes if editor is not None else []
        infos = {kind: await client.info(kind) for kind in classes}
        try:
            workflow = self._workflow.as_sent(infos)
            unknown = sorted(Recipe(workflow, output=output).unknown_encoders)
            answers = {
                kind: text_inputs(infos[kind]) if kind in infos else await client.texts(kind)
                for kind in unknown
            }
            told_by = {kind: names for kind, names in answers.items() if names is not None}
            return Recipe(workflow, output=output, told=told_by)
        except ConfigError as error:
            raise BackendRejected(str(error), server=client.session.shown) from error
