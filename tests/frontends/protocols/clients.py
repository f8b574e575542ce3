"""What one real client gives for each question, as JSON: ``python clients.py NAME ADDRESS``.

It runs in an environment of its own, which has the clients and not limner.
"""

import importlib
import json
import sys
from collections.abc import Callable
from typing import Any

KEY = "sk-nobody-reads-this"


def by_anthropic(address: str) -> dict[str, Callable[[], Any]]:
    """Anthropic's SDK: streams, their last message, whole answers, errors."""
    anthropic: Any = importlib.import_module("anthropic")

    client = anthropic.Anthropic(base_url=address, api_key=KEY, max_retries=0)

    def asking(text: str) -> dict[str, Any]:
        messages = [{"role": "user", "content": text}]
        return {"model": "m", "max_tokens": 99, "messages": messages, "system": "Be kind."}

    def streamed() -> Any:
        with client.messages.stream(**asking("A story.")) as stream:
            kinds = [event.type for event in stream]
            message = stream.get_final_message().model_dump(mode="json")
        return {"ends": kinds[-1], "message": message}

    def text() -> Any:
        with client.messages.stream(**asking("A story.")) as stream:
            return "".join(stream.text_stream)

    def fails() -> Any:
        try:
            client.messages.create(**asking("Please fail."))
        except anthropic.APIStatusError as error:
            return [type(error).__name__, error.status_code, error.body]

    return {
        "streamed": streamed,
        "text": text,
        "whole": lambda: client.messages.create(**asking("A story.")).model_dump(mode="json"),
        "error": fails,
    }


def openai_completions(address: str) -> dict[str, Callable[[], Any]]:
    """OpenAI's SDK: a prompt that goes on."""
    openai: Any = importlib.import_module("openai")
    client = openai.OpenAI(base_url=f"{address}/v1", api_key=KEY, max_retries=0)

    def streamed() -> Any:
        chunks = list(client.completions.create(model="m", prompt="A story.", stream=True))
        text = "".join(one.choices[0].text for one in chunks if one.choices)
        ends = [one.choices[0].finish_reason for one in chunks if one.choices]
        return [text, ends[-1], chunks[-1].model_dump(mode="json")["usage"]]

    return {
        "streamed": streamed,
        "whole": lambda: client.completions.create(model="m", prompt="A story.").model_dump(),
        "error": lambda: _fails(
            lambda: client.completions.create(model="m", prompt="Please fail.")
        ),
    }


def openai_responses(address: str) -> dict[str, Callable[[], Any]]:
    """OpenAI's SDK: responses, whose stream says everything twice."""
    openai: Any = importlib.import_module("openai")
    client = openai.OpenAI(base_url=f"{address}/v1", api_key=KEY, max_retries=0)
    asking: dict[str, Any] = {"model": "m", "instructions": "Be kind."}

    def streamed() -> Any:
        with client.responses.stream(input="A story.", **asking) as stream:
            events = list(stream)
            final = stream.get_final_response()
        text = "".join(one.delta for one in events if one.type == "response.output_text.delta")
        done = [one.text for one in events if one.type == "response.output_text.done"]
        return {"text": text, "done": done, "final": final.output_text, "ends": events[-1].type}

    return {
        "streamed": streamed,
        "whole": lambda: client.responses.create(input="A story.", **asking).model_dump(
            mode="json"
        ),
        "error": lambda: _fails(lambda: client.responses.create(input="Please fail.", **asking)),
    }


def ollama(address: str) -> dict[str, Callable[[], Any]]:
    """Ollama's package: chats, prompts, lists."""
    package: Any = importlib.import_module("ollama")
    client = package.Client(host=address)
    said = [{"role": "user", "content": "A story."}]

    def chat() -> Any:
        lines = [one.model_dump(mode="json") for one in client.chat("m", said, stream=True)]
        text = "".join(one["message"]["content"] or "" for one in lines)
        thought = "".join(one["message"].get("thinking") or "" for one in lines)
        return [text, thought, lines[-1]]

    def generate() -> Any:
        lines = [
            one.model_dump(mode="json") for one in client.generate("m", "A story.", stream=True)
        ]
        return ["".join(one["response"] for one in lines), lines[-1]]

    def fails() -> Any:
        try:
            client.chat("m", [{"role": "user", "content": "Please fail."}])
        except package.ResponseError as error:
            return [error.status_code, error.error]

    return {
        "chat": chat,
        "generate": generate,
        "whole": lambda: client.chat("m", said).model_dump(mode="json"),
        "models": lambda: [one.model for one in client.list().models],
        "error": fails,
    }


def _fails(ask: Callable[[], Any]) -> Any:
    openai: Any = importlib.import_module("openai")
    try:
        ask()
    except openai.APIStatusError as error:
        return [type(error).__name__, error.status_code, error.body]
    return None


CLIENTS = {
    "anthropic": by_anthropic,
    "openai completions": openai_completions,
    "openai responses": openai_responses,
    "ollama": ollama,
}

if __name__ == "__main__":
    cases = CLIENTS[sys.argv[1]](sys.argv[2])
    print(json.dumps({name: ask() for name, ask in cases.items()}))
