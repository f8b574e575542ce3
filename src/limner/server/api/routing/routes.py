"""The routes of one part of the API."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from fastapi import FastAPI
from fastapi.params import Depends

PREFIX = "/api"
"""What all their paths begin with."""

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class Routes:
    """Takes the routes of one part of the API into its application.

    They are made there at once: those of a router that is included are made once by the router and
    once more by the application, and making them is most of what the API costs.

    Args:
        app: The application.
        tag: Under which they are described.
        dependencies: What each of them depends on.
    """

    def __init__(self, app: FastAPI, tag: str, *, dependencies: Sequence[Depends] = ()) -> None:
        self._app = app
        self._tag = tag
        self._dependencies = tuple(dependencies)

    def get(self, path: str, **options: Any) -> Callable[[Endpoint], Endpoint]:
        """Have a function answer GET; the options are those of `FastAPI.get`."""
        return self._at("GET", path, options)

    def post(self, path: str, **options: Any) -> Callable[[Endpoint], Endpoint]:
        """The same for POST."""
        return self._at("POST", path, options)

    def put(self, path: str, **options: Any) -> Callable[[Endpoint], Endpoint]:
        """The same for PUT."""
        return self._at("PUT", path, options)

    def patch(self, path: str, **options: Any) -> Callable[[Endpoint], Endpoint]:
        """The same for PATCH."""
        return self._at("PATCH", path, options)

    def delete(self, path: str, **options: Any) -> Callable[[Endpoint], Endpoint]:
        """The same for DELETE."""
        return self._at("DELETE", path, options)

    def _at(
        self, method: str, path: str, options: dict[str, Any]
    ) -> Callable[[Endpoint], Endpoint]:
        depends = [*self._dependencies, *options.pop("dependencies", ())]

        def add(endpoint: Endpoint) -> Endpoint:
            self._app.add_api_route(
                PREFIX + path,
                endpoint,
                methods=[method],
                tags=[self._tag],
                dependencies=depends,
                **options,
            )
            return endpoint

        return add
