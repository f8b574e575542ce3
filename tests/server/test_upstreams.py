"""Which model servers there are, by the settings."""

from pathlib import Path

import pytest
from tests.server.served import served

from limner.config import Settings
from limner.server.from_settings import proxy_upstreams
from limner.testing.chat_server import ChatServer, Reply


def test_a_server_that_is_named_twice_is_asked_as_the_table_says() -> None:
    """The plain address is for who has one server; what the table says of it counts."""
    table = [
        {"url": "http://one.example/v1", "name": "one"},
        {"url": "http://two.example/v1", "name": "two"},
    ]
    settings = Settings.model_validate({"llm_url": "http://one.example/v1", "upstreams": table})
    assert [one.name for one in proxy_upstreams(settings)] == ["one", "two"]


@pytest.mark.real_time
async def test_a_server_with_its_address_in_both_places_runs(tmp_path: Path) -> None:
    """It answers for the model server that it has, once."""
    async with ChatServer(Reply.stream("Snow.")) as model:
        both = {"upstreams": [{"url": model.url}]}
        async with served(tmp_path, llm=model.url, settings=both) as server:
            assert await server.status("GET", "/v1/models") == 200
