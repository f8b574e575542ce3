"""The API of ``limner serve``: what limner's own page does, for programs too.

General layout: `make_api` puts together one class a file (`chats`, `messages`, `answers`, `slots`,
…), each with a handful of routes; `error_form` tells every error in one form, `fields` says what
requests may hold. docs/api.md describes it.
"""

from limner.server.api.app import make_api
from limner.server.api.error_form import error_answer, of_error
from limner.server.api.found import OWNER

__all__ = ["OWNER", "error_answer", "make_api", "of_error"]
