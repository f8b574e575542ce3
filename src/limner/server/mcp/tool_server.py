"""The tools in the protocol's words: a server of the official package around them."""

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError
from starlette.requests import Request

import limner
from limner.config import Settings
from limner.errors import LimnerError, PictureMissing
from limner.server.mcp.arguments import described
from limner.server.mcp.caller import Caller
from limner.server.mcp.progress_report import ProgressReport, Send
from limner.server.mcp.results import Answer
from limner.server.mcp.shown_pictures import SCHEME, ShownPictures
from limner.server.mcp.toolbox import INSTRUCTIONS, Tool, toolbox
from limner.server.picture_search import PictureSearch, found_pictures
from limner.server.services import Services

log = logging.getLogger(__name__)

Context = ServerRequestContext[Any, Any]
CallerOf = Callable[[Context], Caller]
"""Who makes a request."""

PAGE = 50
"""Pictures on one page of the list of resources."""
_CURSOR = re.compile(r"[0-9]{1,18}")
TEMPLATE = types.ResourceTemplate(
    uri_template=SCHEME + "{digest}",
    name="picture",
    description="A picture as it was drawn, by the SHA-256 of its bytes.",
)


class ToolServer:
    """Answers what the protocol asks. Errors of tools are told to the model, in one line.

    Args:
        services: What the tools work with.
        settings: How.
        public_url: Under which browsers reach the server; ``None``: there is none.
        caller_of: Says who makes a request.
    """

    def __init__(
        self,
        services: Services,
        settings: Settings,
        *,
        public_url: str | None,
        caller_of: CallerOf,
    ) -> None:
        self._illustrator = services.illustrator
        self._library = services.library
        self._shown = ShownPictures(services.library, public_url=public_url)
        self._tools = toolbox(services, settings, self._shown)
        self._listed = [_listed(tool) for tool in self._tools.values()]
        self._caller_of = caller_of

    def server(self) -> Server[Any]:
        """A server of the official package; it can be run several times."""
        schemas = {tool.name: tool.input_schema for tool in self._listed}
        return Server(
            "limner",
            title="limner",
            version=limner.__version__,
            instructions=INSTRUCTIONS,
            get_tool_input_schema=schemas.get,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
            on_list_resources=self._list_resources,
            on_list_resource_templates=self._list_templates,
            on_read_resource=self._read_resource,
        )

    async def _list_tools(
        self, context: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=self._listed)

    async def _call_tool(
        self, context: Context, params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        tool = self._tools.get(params.name)
        if tool is None:
            raise MCPError(types.INVALID_PARAMS, f"there is no tool {params.name[:100]!r}")
        try:
            asked = tool.arguments.model_validate(params.arguments or {})
            report = ProgressReport(self._illustrator, _sender(context))
            answer = await tool.run(asked, self._caller_of(context), report)
        except ValidationError as error:
            return _failed(_first_fault(error))
        except LimnerError as error:
            return _failed(str(error))
        except Exception:
            log.exception("the tool %s failed", tool.name)
            return _failed("limner failed; its log says why")
        return await self._told(answer)

    async def _told(self, answer: Answer) -> types.CallToolResult:
        blocks = await self._shown.blocks(answer.pictures, answer.side)
        return types.CallToolResult(
            content=[types.TextContent(text=_clean(answer.words)), *blocks],
            structured_content=answer.told.model_dump(mode="json", exclude_none=True),
            is_error=answer.failed,
        )

    async def _list_resources(
        self, context: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        caller = self._caller_of(context)
        cursor = params.cursor if params else None
        if cursor is not None and not _CURSOR.fullmatch(cursor):
            raise MCPError(types.INVALID_PARAMS, "this cursor is none that was given")
        search = PictureSearch(owner=None if caller.admin else caller.owner or "")
        after = None if cursor is None else int(cursor)
        try:
            found, more = await found_pictures(self._library, search, limit=PAGE, after=after)
        except LimnerError as error:
            raise MCPError(types.INTERNAL_ERROR, str(error)) from error
        resources = [
            types.Resource(
                uri=SCHEME + entry.digest,
                name=str(entry.slot_id),
                description=_clean(entry.prompt)[:300],
                mime_type=entry.image.media_type,
                size=entry.size,
            )
            for entry in found
        ]
        return types.ListResourcesResult(
            resources=resources, next_cursor=None if more is None else str(more)
        )

    async def _list_templates(
        self, context: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(resource_templates=[TEMPLATE])

    async def _read_resource(
        self, context: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        try:
            return types.ReadResourceResult(contents=[await self._shown.read(str(params.uri))])
        except PictureMissing as error:
            raise MCPError(types.INVALID_PARAMS, str(error)) from error
        except LimnerError as error:
            raise MCPError(types.INTERNAL_ERROR, str(error)) from error


def who_asked(context: Context) -> Caller:
    """Whoever sent the HTTP request that a request of the protocol came in.

    Raises:
        RuntimeError: It came in none.
    """
    if not isinstance(context.request, Request):
        raise RuntimeError("this request of the protocol came over no HTTP")
    return Caller.of(context.request)


def _listed(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.about,
        input_schema=described(tool.arguments),
        output_schema=tool.result.model_json_schema(),
        annotations=types.ToolAnnotations(
            title=tool.title,
            read_only_hint=tool.reads,
            destructive_hint=False,  # what is drawn again can be had back: operations are undone
            open_world_hint=False,
        ),
    )


def _sender(context: Context) -> Send | None:
    """What sends progress, if whoever calls wants any."""
    meta: Mapping[str, Any] = context.meta or {}
    return context.session.report_progress if "progress_token" in meta else None


def _failed(told: str) -> types.CallToolResult:
    line = _clean(" ".join(told.split()))
    return types.CallToolResult(content=[types.TextContent(text=line)], is_error=True)


def _first_fault(error: ValidationError) -> str:
    """What is wrong first with the arguments, and where."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    said = first["msg"].removeprefix("Value error, ")
    return f"{where}: {said}" if where else said


def _clean(text: str) -> str:
    """The text as UTF-8 can hold it."""
    return text.encode("utf-8", "replace").decode()
