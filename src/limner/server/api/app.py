"""The API as one application."""

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware import Middleware

import limner
from limner.server.api.about import About
from limner.server.api.answers import Answers
from limner.server.api.chats import Chats
from limner.server.api.costs import Costs
from limner.server.api.error_form import add_errors
from limner.server.api.event_route import EventRoute
from limner.server.api.exports import Exports
from limner.server.api.front_ends.pairing import PairingRoutes
from limner.server.api.front_ends.picture_states import PictureStateRoutes
from limner.server.api.front_ends.tokens import TokenRoutes
from limner.server.api.gallery import Gallery
from limner.server.api.library import LibraryRoutes
from limner.server.api.messages import Messages
from limner.server.api.middleware.body_limit import BodyLimit
from limner.server.api.middleware.ownership import Ownership
from limner.server.api.operation_routes import OperationRoutes
from limner.server.api.pages.picture_pages import PicturePages
from limner.server.api.presets import Presets
from limner.server.api.queue import Queue
from limner.server.api.redrawing import Redrawing
from limner.server.api.sessions import Sessions
from limner.server.api.settings import SettingsRoutes
from limner.server.api.slots import Slots
from limner.server.api.steering.chat_settings import ChatSettings
from limner.server.api.steering.order import QueueOrder
from limner.server.api.steering.timeline import Timeline
from limner.server.api.taking.gallery_index import GalleryIndex
from limner.server.api.taking.picture_file import PictureFiles
from limner.server.api.trying.patterns import PatternRoutes
from limner.server.api.trying.preview import Preview
from limner.server.api.trying.servers import ServerRoutes
from limner.server.api.uploads.manuscripts import Manuscripts
from limner.server.api.uploads.references import References
from limner.server.schemas import Schema
from limner.server.services import Services

ABOUT = """\
Everything limner's own page does: conversations, messages and their pictures, presets, settings,
the queue, the gallery, and all that happens as events. Errors have one form:
`{"error": {"kind": …, "message": …, "field": …}}`.
"""


class ErrorDetail(Schema):
    """What went wrong."""

    kind: str
    message: str
    field: str | None = None
    retry_after: int | None = None


class ErrorView(Schema):
    """The form of every error."""

    error: ErrorDetail


def make_api(services: Services) -> FastAPI:
    """The API, with all its routes under ``/api``, and its description at ``/openapi.json``.

    It does not check who asks: that is for whoever stands before it, who puts the owner into the
    ASGI scope (`limner.server.api.OWNER`), and whether that may do everything. Closing the
    services is their owner's.

    Args:
        services: What it works with.
    """
    app = FastAPI(
        title="limner",
        version=limner.__version__,
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_name,
        middleware=[
            Middleware(BodyLimit),
            Middleware(Ownership, library=services.library),
        ],
        responses={"4XX": {"model": ErrorView}, "5XX": {"model": ErrorView}},
    )
    add_errors(app)
    redrawing = Redrawing(services)
    for part in (
        Chats(services),
        Messages(services),
        OperationRoutes(services),
        Answers(services),
        Sessions(services),
        redrawing,
        Slots(services, redrawing),
        Presets(services),
        SettingsRoutes(services),
        Queue(services),
        QueueOrder(services),
        Timeline(services),
        ChatSettings(services),
        GalleryIndex(services),
        PictureFiles(services),
        PairingRoutes(services),
        TokenRoutes(services),
        PictureStateRoutes(services),
        Costs(services),
        References(services),
        Manuscripts(),
        Gallery(services),
        Exports(services),
        LibraryRoutes(services),
        EventRoute(services),
        ServerRoutes(services),
        PatternRoutes(services),
        Preview(services),
        About(services),
    ):
        part.add_to(app)
    PicturePages(services, redrawing).add_to(app)
    return app


def _name(route: APIRoute) -> str:
    return route.name
