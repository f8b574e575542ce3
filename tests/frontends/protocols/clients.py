"""What one real client gives for each question, as JSON.

``python clients.py NAME ADDRESS [QUESTION…]``

It runs in an environment of its own, which has the clients and not limner.
"""

import asyncio
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
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
        "tokens": lambda: client.messages.count_tokens(
            model="m", messages=[{"role": "user", "content": "A story."}]
        ).model_dump(mode="json"),
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
        "models": lambda: client.list().model_dump(mode="json"),
        "running": lambda: client.ps().model_dump(mode="json"),
        "show": lambda: client.show("m").model_dump(mode="json"),
        "embed": lambda: client.embed("m", "A story.").model_dump(mode="json"),
        "error": fails,
    }


def kobold(address: str) -> dict[str, Callable[[], Any]]:
    """KoboldAPI: a prompt that goes on, streamed and not, and what is asked beside."""
    package: Any = importlib.import_module("koboldapi.core.api")
    client = package.KoboldAPI(address)

    async def pieces() -> str:
        return "".join([piece async for piece in client.stream_generate("A story.")])

    def fails() -> Any:
        try:
            client.generate("Please fail.")
        except package.KoboldAPIError as error:
            return str(error).partition(" for url")[0]

    return {
        "streamed": lambda: asyncio.run(pieces()),
        "whole": lambda: client.generate("A story."),
        "tokens": lambda: client.count_tokens("A story."),
        "length": client.get_max_context_length,
        "model": client.get_model,
        "version": client.get_version,
        "check": client.check_generation,
        "abort": client.abort_generation,
        "error": fails,
    }


def llm(address: str) -> dict[str, Callable[[], Any]]:
    """Simon Willison's ``llm``: chats, prompts, conversations that go on; by OpenAI's protocols."""
    models = [
        {"model_id": "chat", "model_name": "m", "api_base": f"{address}/v1", "api_key_name": "x"},
        {"model_id": "text", "model_name": "m", "api_base": f"{address}/v1", "completion": True},
    ]

    runs = _runner({"OPENAI_API_KEY": KEY}, models)

    return {
        "chat": lambda: runs(["-m", "chat", "-s", "Be kind.", "A story."]),
        "chat at once": lambda: runs(["-m", "chat", "--no-stream", "A story."]),
        "a chat that goes on": lambda: runs(
            ["-m", "chat", "A story."], ["-m", "chat", "-c", "A story again."]
        ),
        "text": lambda: runs(["-m", "text", "A story."]),
        "error": lambda: runs(["-m", "chat", "Please fail."]),
    }


def llm_ollama(address: str) -> dict[str, Callable[[], Any]]:
    """Its plug-in for Ollama, which lists the models, asks what they can, and chats."""
    runs = _runner({"OLLAMA_HOST": address})

    return {
        "models": lambda: runs(["ollama", "models"]),
        "chat": lambda: runs(["-m", "ollama/m", "-s", "Be kind.", "A story."]),
        "chat at once": lambda: runs(["-m", "ollama/m", "--no-stream", "A story."]),
        "a chat that goes on": lambda: runs(
            ["-m", "ollama/m", "A story."], ["-m", "ollama/m", "-c", "A story again."]
        ),
        "error": lambda: runs(["-m", "ollama/m", "Please fail."]),
    }


def _runner(env: dict[str, str], models: Any = ()) -> Callable[..., Any]:
    """Runs commands of `llm` one after the other, each time as somebody new.

    Args:
        env: What tells it where to ask.
        models: Those of OpenAI's protocol that are set up.
    """

    def runs(*commands: list[str]) -> Any:
        """What they print, and how the last one ends."""
        with tempfile.TemporaryDirectory() as folder:
            # Every JSON is YAML.
            (Path(folder) / "extra-openai-models.yaml").write_text(json.dumps(models))
            program = str(Path(sys.executable).with_name("llm"))
            ended = [
                subprocess.run(
                    [program, *command],
                    env={**os.environ, "LLM_USER_PATH": folder, **env},
                    capture_output=True,
                    text=True,
                    check=False,
                )
                for command in commands
            ]
        return [ended[-1].returncode, *(one.stdout for one in ended), ended[-1].stderr]

    return runs


def llm_anthropic(address: str) -> dict[str, Callable[[], Any]]:
    """Its plug-in for Anthropic."""
    package: Any = importlib.import_module("llm_anthropic")
    model = package.ClaudeMessages("m", base_url=address)

    def ask(stream: bool) -> str:
        return str(model.prompt("A story.", key=KEY, stream=stream).text())

    return {"streamed": lambda: ask(True), "whole": lambda: ask(False)}


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
    "koboldapi": kobold,
    "llm": llm,
    "llm-anthropic": llm_anthropic,
    "llm-ollama": llm_ollama,
}

if __name__ == "__main__":
    cases = CLIENTS[sys.argv[1]](sys.argv[2])
    print(json.dumps({name: cases[name]() for name in sys.argv[3:] or cases}))
