"""What stands in the log, and what never does."""

import io
import json
import logging
import re
from pathlib import Path

import pytest
from tests.server.served import served

from limner.backends.http.secrets import Secrets
from limner.server.logs import Correlation, logging_to
from limner.server.logs.formatting import FIELDS

log = logging.getLogger("limner.test_logs")
SECRET = "sk-something-secret"


def written(*, as_json: bool) -> str:
    """What is logged of an error whose text comes from outside."""
    stream = io.StringIO()
    with logging_to(
        stream,
        correlation=Correlation(),
        secrets=Secrets([SECRET]),
        level="info",
        as_json=as_json,
    ):
        log.debug("too small to be told")
        try:
            raise ValueError(f"no such key: {SECRET}\n12:00:00  INFO     all is well")
        except ValueError:
            log.exception("asked by %s", f"a\x1b[2Jb\r\n12:00:00  INFO     forged {SECRET}")
    log.error("after the end")
    return stream.getvalue()


@pytest.mark.parametrize("as_json", [True, False])
def test_no_secret_stands_in_it(as_json: bool) -> None:
    """Neither in a message nor in the traceback below it."""
    text = written(as_json=as_json)
    assert SECRET not in text
    assert "***" in text


def test_json_is_one_object_a_line() -> None:
    """With the traceback in it; what came before and after is not there."""
    (line,) = written(as_json=True).splitlines()
    told = json.loads(line)
    assert told["level"] == "error"
    assert told["logger"] == "limner.test_logs"
    assert "ValueError" in told["traceback"]


def test_text_from_outside_forges_no_line_and_commands_no_terminal() -> None:
    """Each record begins one line, and all below it is moved in."""
    first, *rest = written(as_json=False).splitlines()
    assert "\\x1b[2Jb\\r\\n12:00:00" in first
    assert rest
    assert all(line.startswith("    ") for line in rest)
    assert "\x1b" not in "".join(rest)


def test_everything_is_as_before_afterwards() -> None:
    """Handlers and levels are given back."""
    root = logging.getLogger()
    before = root.level, tuple(root.handlers), logging.getLogger("uvicorn").level
    written(as_json=True)
    assert before == (root.level, tuple(root.handlers), logging.getLogger("uvicorn").level)


@pytest.mark.real_time
async def test_the_line_of_a_request_that_failed_says_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What the client is told, in the line and as a field; what a client did wrong is its own."""
    body = {"model": "m", "messages": [{"role": "user", "content": "Go."}]}
    async with served(tmp_path, llm="http://127.0.0.1:1/v1") as server:
        with caplog.at_level(logging.INFO, "limner.access"):
            url = f"{server.address}/v1/chat/completions"
            async with server.client.post(url, json=body) as answer:
                assert answer.status == 502
                told = (await answer.json())["error"]["message"]
            failed = caplog.records[-1]
            assert await server.status("GET", "/api/chats/nobody") == 404
    assert f" 502 ({told}) " in failed.getMessage()
    assert vars(failed)[FIELDS]["failure"] == told
    assert vars(caplog.records[-1])[FIELDS]["failure"] is None


@pytest.mark.real_time
async def test_the_files_of_the_page_are_logged_only_for_whoever_wants_all(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """There are some forty of them whenever somebody opens it; one that is not there is told."""
    async with served(tmp_path) as server:
        async with server.client.get(f"{server.address}/") as answer:
            file = re.search(r"page/\w+/main\.js", await answer.text())
        assert file is not None
        with caplog.at_level(logging.INFO, "limner.access"):
            assert await server.status("GET", f"/{file[0]}") == 200
            assert await server.status("GET", "/page/0/nothing.js") == 404
    told = [record.getMessage() for record in caplog.records if record.name == "limner.access"]
    assert ["/page/0/nothing.js 404" in line for line in told] == [True]
