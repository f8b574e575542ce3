"""From an address to the client behind it."""

import pytest

from limner.backends.text import OllamaChat, OllamaOptions, make_text_model
from limner.errors import BackendRejected, ConfigError


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("http://localhost:8080", "OpenAIChat('http://localhost:8080/v1', model='m')"),
        ("openai+https://host/v1", "OpenAIChat('https://host/v1', model='m')"),
        ("http://host/a+b", "OpenAIChat('http://host/a+b', model='m')"),
        ("ollama", "OllamaChat('http://127.0.0.1:11434', model='m')"),
        (" ollama+http://me:secret@host:11434/ ", "OllamaChat('http://host:11434', model='m')"),
        ("ollama+http://host:11434/v1", "OllamaChat('http://host:11434', model='m')"),
        ("ollama+http://host:11434/api/chat", "OllamaChat('http://host:11434', model='m')"),
    ],
)
def test_the_kind_stands_before_the_address(written: str, shown: str) -> None:
    """Without one it is OpenAI's API; a path to Ollama's is dropped."""
    assert repr(make_text_model(written, model="m")) == shown


def test_options_stand_in_the_address() -> None:
    """As they do for picture backends."""
    for written in ("ollama?num_ctx=8192&think=low", "ollama+http://h:1?num_ctx=8192&think=low"):
        client = make_text_model(written)
        assert isinstance(client, OllamaChat)
        assert client.options == OllamaOptions(num_ctx=8192, think="low")


@pytest.mark.parametrize(
    ("written", "kind", "said"),
    [
        ("gradio+http://host", BackendRejected, "there are: openai, ollama"),
        ("ollama+host:11434", BackendRejected, "must begin with http"),
        ("ollama+http://host?ctx=1", ConfigError, "did you mean 'num_ctx'"),
        ("ollama?num_ctx=many", ConfigError, "cannot be 'many'"),
        ("ollama?what", ConfigError, "option=value"),
        ("localhost:11434", BackendRejected, "did you mean http://localhost:11434"),
    ],
)
def test_a_mistake_is_told_before_any_work(written: str, kind: type[Exception], said: str) -> None:
    """With what there is."""
    with pytest.raises(kind) as caught:
        make_text_model(written)
    assert said in str(caught.value)
