"""What Ollama is asked, and its list of models."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.backends.text.ollama.options import OllamaOptions
from limner.backends.text.ollama.wire import read_tags, request_body
from limner.errors import BackendRejected

HI = [{"role": "user", "content": "Hi"}]


def body(
    messages: list[dict[str, Any]] = HI,
    options: OllamaOptions | None = None,
    extra: dict[str, Any] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """A request's body."""
    return request_body(messages, options or OllamaOptions(), fields, extra or {})


def test_the_plainest_request_is_plain() -> None:
    """No option, no field of an option."""
    assert body() == {"messages": HI, "stream": True}


def test_every_option_stands_where_ollama_looks_for_it() -> None:
    """Those of the model inside, those of the request outside."""
    options = OllamaOptions(
        num_ctx=8192, num_predict=100, temperature=0.5, keep_alive="10m", think="high"
    )
    assert body(options=options) == {
        "messages": HI,
        "keep_alive": "10m",
        "think": "high",
        "options": {"num_ctx": 8192, "num_predict": 100, "temperature": 0.5},
        "stream": True,
    }


@pytest.mark.parametrize(
    ("written", "sent"), [("-1", -1), ("3600", 3600), ("0", 0), ("10m", "10m"), ("", None)]
)
def test_seconds_are_numbers(written: str, sent: object) -> None:
    """A text without a unit would be refused."""
    assert body(options=OllamaOptions(keep_alive=written)).get("keep_alive") == sent


@pytest.mark.parametrize(
    ("written", "sent"), [("true", True), ("false", False), ("low", "low"), ("", None)]
)
def test_thinking_is_a_switch_or_a_degree(written: Any, sent: object) -> None:
    """As Ollama has it."""
    assert body(options=OllamaOptions(think=written)).get("think") == sent


def test_options_of_one_answer_go_before() -> None:
    """By either's names; None leaves one out; what must not change does not."""
    options = OllamaOptions(num_predict=100, temperature=0.5)
    made = body(
        options=options, max_tokens=5, temperature=None, seed=7, stop=["x"], stream=False, n=3,
        tools=[1], think=False, model="m", response_format={"type": "json_object"},
        extra={"options": {"mirostat": 1}, "truncate": True},
    )  # fmt: skip
    assert made == {
        "messages": HI, "tools": [1], "think": False, "model": "m", "format": "json",
        "truncate": True, "stream": True,
        "options": {"num_predict": 5, "seed": 7, "stop": ["x"], "mirostat": 1},
    }  # fmt: skip


def test_a_schema_is_a_format() -> None:
    """OpenAI wraps it, Ollama does not."""
    schema = {"type": "object"}
    wrapped = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    assert body(response_format=wrapped)["format"] == schema
    assert body(format=schema)["format"] == schema
    assert body(response_format={"type": "text"})["format"] is None


def test_conversations_are_translated() -> None:
    """Parts of text, roles that Ollama does not know, tool calls with a text of arguments."""
    call = {"id": "1", "function": {"name": "draw", "arguments": '{"what": "fox"}'}}
    made = body([
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "On"}, {"text": "ce"}]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "done", "name": "draw", "tool_call_id": "1"},
        {"role": "assistant", "content": "", "tool_calls": [
            {"function": {"name": "a", "arguments": {"b": 1}}},
            {"function": {"name": "a", "arguments": "no json"}},
        ]},
    ])  # fmt: skip
    assert made["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Once"},
        {"role": "assistant", "content": "",
         "tool_calls": [{"function": {"name": "draw", "arguments": {"what": "fox"}}}]},
        {"role": "tool", "content": "done", "tool_name": "draw"},
        {"role": "assistant", "content": "", "tool_calls": [
            {"function": {"name": "a", "arguments": {"b": 1}}},
            {"function": {"name": "a", "arguments": {}}},
        ]},
    ]  # fmt: skip


@pytest.mark.parametrize("content", [[{"type": "image_url", "image_url": {"url": "x"}}], 7, {}])
def test_only_text_is_sent(content: object) -> None:
    """A picture in a message is refused, not dropped in silence."""
    with pytest.raises(BackendRejected, match="only text"):
        body([{"role": "user", "content": content}])


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["models", "name", "model", "details", "family"]), inner
            )
        ),
    )
)
def test_no_list_of_models_makes_it_crash(answer: object) -> None:
    """Whatever comes."""
    read_tags(answer)
    read_tags({"models": [answer]})


def test_an_empty_ollama_has_an_empty_list() -> None:
    """Some versions say null."""
    assert read_tags({"models": None}) == read_tags({"models": []}) == []
