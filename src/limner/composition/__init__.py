"""From settings to the parts that work: the one place where commands and the server have them made.

- ``backends``: what draws
- ``limits``: how fast, and how much
- ``learning``: what a server bears, found out while it draws
- ``pipeline``: all of these and the illustrator, opened and closed in order
- ``text_models``: who writes
- ``scenes``: who finds places for pictures in a text without tags
- ``library``: where everything is kept
- ``sharing``: what several servers on one library tell one another
- ``tracing``: who is told what happens, as spans of a trace
- ``lost_pictures``: those of it whose files are gone, and how they are drawn again

Nothing here asks a server anything, and what is heavy is loaded only where it is needed.
"""

from limner.composition.backends import (
    Wrap,
    backend_addresses,
    check_backends,
    closing,
    keepable_backend,
    make_backend_at,
    make_backends,
    shown_backends,
)
from limner.composition.learning import learning
from limner.composition.library import begin_library, default_library, open_library, pictures_of
from limner.composition.limits import (
    make_budget,
    make_limiter,
    message_budget,
    open_limiter,
)
from limner.composition.pipeline import Pipeline, open_pipeline
from limner.composition.scenes import Scenes, ScenesMode, answers_folder, scene_writer
from limner.composition.sharing import Sharing, open_sharing
from limner.composition.text_models import (
    model_for,
    model_servers,
    openai_address,
    server_kind,
    text_model,
)
from limner.composition.tracing import open_tracing, place_facts, traced, with_spans

__all__ = [
    "Pipeline",
    "Scenes",
    "ScenesMode",
    "Sharing",
    "Wrap",
    "answers_folder",
    "backend_addresses",
    "begin_library",
    "check_backends",
    "closing",
    "default_library",
    "keepable_backend",
    "learning",
    "make_backend_at",
    "make_backends",
    "make_budget",
    "make_limiter",
    "message_budget",
    "model_for",
    "model_servers",
    "open_library",
    "open_limiter",
    "open_pipeline",
    "open_sharing",
    "open_tracing",
    "openai_address",
    "pictures_of",
    "place_facts",
    "scene_writer",
    "server_kind",
    "shown_backends",
    "text_model",
    "traced",
    "with_spans",
]
