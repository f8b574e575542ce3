"""Ask a model by an SDK: ``python_sdks.py NAME URL`` tells what came, as JSON.

It runs where the SDKs are installed, and limner is not.
"""
# mypy: ignore-errors
# The SDKs are not installed where types are checked.

import json
import os
import sys

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
PARAMETERS = {"type": "object", "properties": {}}
FUNCTION = {"name": "look", "description": "Looks.", "parameters": PARAMETERS}
TOOLS = [{"type": "function", "function": FUNCTION}]
USAGE = {"include_usage": True}


def result(text, calls, finish, usage):
    """What came, in one form."""
    return {"text": text, "calls": calls, "finish": finish, "usage": usage}


def joined(chunks):
    """What came in chunks of OpenAI's form."""
    text, calls, finish, usage = "", [], None, None
    for chunk in chunks:
        usage = getattr(chunk, "usage", None) or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            calls += [call.function.name for call in choice.delta.tool_calls or ()]
            finish = choice.finish_reason or finish
    return result(text, calls, finish, usage and usage.total_tokens)


def whole(answer):
    """The same of what came at once."""
    [choice] = answer.choices
    calls = [call.function.name for call in choice.message.tool_calls or ()]
    return result(choice.message.content, calls, choice.finish_reason, answer.usage.total_tokens)


def openai(url):
    """OpenAI's own."""
    from openai import OpenAI

    client = OpenAI(base_url=url, api_key="x", max_retries=0)

    def ask(words, stream):
        said = [{"role": "user", "content": words}]
        more = {"stream": True, "stream_options": USAGE} if stream else {}
        made = client.chat.completions.create(model="m", messages=said, tools=TOOLS, **more)
        return joined(made) if stream else whole(made)

    return ask


def litellm(url):
    """LiteLLM, as a library."""
    import litellm as library

    library.suppress_debug_info = True

    def ask(words, stream):
        said = [{"role": "user", "content": words}]
        more = {"stream": True, "stream_options": USAGE} if stream else {}
        made = library.completion(
            model="openai/m", api_base=url, api_key="x", num_retries=0, max_retries=0,
            messages=said, tools=TOOLS, **more
        )  # fmt: skip
        return joined(made) if stream else whole(made)

    return ask


def langchain(url):
    """LangChain."""
    from langchain_openai import ChatOpenAI

    made = ChatOpenAI(model="m", base_url=url, api_key="x", max_retries=0, stream_usage=True)
    bound = made.bind_tools(TOOLS)

    def ask(words, stream):
        if stream:
            answer = None
            for chunk in bound.stream(words):
                answer = chunk if answer is None else answer + chunk
        else:
            answer = bound.invoke(words)
        calls = [call["name"] for call in answer.tool_calls]
        usage = answer.usage_metadata and answer.usage_metadata["total_tokens"]
        return result(answer.content, calls, answer.response_metadata["finish_reason"], usage)

    return ask


def pydantic_ai(url):
    """Pydantic AI, without an agent."""
    from openai import AsyncOpenAI
    from pydantic_ai import ModelRequest, ToolDefinition
    from pydantic_ai.direct import model_request_stream_sync, model_request_sync
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    client = AsyncOpenAI(base_url=url, api_key="x", max_retries=0)
    model = OpenAIChatModel("m", provider=OpenAIProvider(openai_client=client))
    look = ToolDefinition(name="look", description="Looks.", parameters_json_schema=PARAMETERS)
    offered = ModelRequestParameters(function_tools=[look])

    def ask(words, stream):
        said = [ModelRequest.user_text_prompt(words)]
        if stream:
            with model_request_stream_sync(model, said, model_request_parameters=offered) as coming:
                for _ in coming:
                    pass
                answer = coming.response
        else:
            answer = model_request_sync(model, said, model_request_parameters=offered)
        text = "".join(part.content for part in answer.parts if part.part_kind == "text")
        calls = [part.tool_name for part in answer.parts if part.part_kind == "tool-call"]
        return result(text, calls, answer.finish_reason, answer.usage.total_tokens)

    return ask


SDKS = {
    "openai": openai,
    "litellm": litellm,
    "langchain-openai": langchain,
    "pydantic-ai": pydantic_ai,
}


def main(name, url):
    """Ask for a story, for a call, and in vain."""
    ask = SDKS[name](url)
    told = {}
    for case, words in {"story": "A story.", "call": "Please look.", "error": "fail"}.items():
        for how, stream in ((case, True), (f"{case}, plain", False)):
            try:
                told[how] = ask(words, stream)
            except Exception as error:
                if case != "error":
                    raise
                told[how] = {"error": type(error).__name__,
                             "status": getattr(error, "status_code", None),
                             "says": "slow down" in str(error)}  # fmt: skip
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:3])
