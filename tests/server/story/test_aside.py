"""What front-ends ask beside a chat the storyteller answers shortly, in the chat's language."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.server.served import served

from limner.server.story.telling.aside import aside

# As Open WebUI 0.12 asks, without its guidelines.
FORMS = {
    "title": '### Output:\nJSON format: { "title": "your concise title here" }\n### Examples:\n'
    '- { "title": "Stock Trends" }',
    "tags": '### Output:\nJSON format: { "tags": ["tag1", "tag2", "tag3"] }',
    "follow_ups": '### Output:\nJSON format: { "follow_ups": ["Suggested next message 1"] }',
    "queries": '### Output:\nStrictly return in JSON format: \n{\n  "queries": ["query1"]\n}',
    "prompt": '### Output:\nStrictly return in JSON format:\n{\n    "prompt": "Your words."\n}',
    "text": '### **Output Rules**:\n- Respond only in JSON format: `{ "text": "<it>" }`.',
}
SAID = {
    "en": "USER: Tell me a tale of a fox in the forest.\nASSISTANT: Beyond the forest lived a fox.",
    "de": "USER: Erzähl mir ein Märchen von einer Hexe im Wald.\nASSISTANT: Dort lebte eine Hexe.",
    "zh": "USER: 讲一个森林里的狐狸的故事。\nASSISTANT: 在森林的那一边，住着一只狐狸。",
    "fr": "USER: Raconte-moi une histoire de renard dans la forêt.\nASSISTANT: Once, in a forest.",
}
SYSTEM = {"role": "system", "content": "Write Seraphina's next reply in a fictional chat."}


def task(form: str, said: str) -> str:
    """A task of Open WebUI's."""
    history = f"### Chat History:\n<chat_history>\n{said}\n</chat_history>"
    return f"### Task:\nGenerate something.\n{FORMS[form]}\n{history}"


def asked(form: str, language: str) -> Any:
    """What is answered, which is nothing but the JSON that was asked for."""
    messages = [{"role": "user", "content": task(form, SAID[language])}]
    answer = aside(messages, streamed=False)
    assert answer is not None
    told = json.loads(answer)
    assert list(told) == [form]
    return told[form]


def chat(*said: str, system: str = "") -> list[dict[str, str]]:
    """A chat of SillyTavern's, user first; and what it asks in the last system message."""
    roles = ["user", "assistant"] * len(said)
    messages = [{"role": role, "content": text} for role, text in zip(roles, said, strict=False)]
    last = [{"role": "system", "content": system}] if system else []
    return [SYSTEM, SYSTEM, *messages, *last]


def test_a_title_is_of_a_few_words_in_the_language_of_the_chat() -> None:
    """Of who and where it is about; else the user's own first words."""
    assert asked("title", "en") == "The Fox and the Forest"
    assert asked("title", "de") == "Hexe und Wald"
    assert asked("title", "zh") == "狐狸与森林"
    assert asked("title", "fr") == "Raconte-moi une histoire de renard"


def test_every_form_of_json_that_is_asked_for_is_given() -> None:
    """Whatever the front-end makes of it, it can read it."""
    for language in SAID:
        assert isinstance(asked("title", language), str)
        assert all(isinstance(one, str) for one in asked("tags", language))
        assert isinstance(asked("follow_ups", language), list)
        assert asked("queries", language) == []
        assert asked("text", language) == ""
        assert "img-prompt" not in asked("prompt", language)
    assert asked("tags", "zh") == ["故事", "狐狸", "森林"]
    assert asked("tags", "fr") == ["General"]
    assert asked("follow_ups", "de")[1] == "Erzähl mir mehr von der Hexe."


def test_a_title_that_is_asked_for_in_words_is_words() -> None:
    """As other front-ends do, before or behind the chat."""
    told = "Provide a concise title for the following conversation."
    for messages in (
        [{"role": "user", "content": f"{told}\n\nUser: A tale of a fox!\nAssistant: Once."}],
        [{"role": "system", "content": told}, {"role": "user", "content": "A tale of a fox!"}],
    ):
        assert aside(messages, streamed=True) == "The Fox"


def test_what_is_asked_quietly_is_a_short_summary() -> None:
    """In the words of what was told, without its pictures; before anything was, it says so."""
    told = "A fox lived here. It slept.\n\n![a fox](http://h/images/1.png)\n\nIt woke up."
    for question in ("What was the story about?", "Summarize the story so far in 200 words."):
        assert aside(chat("A fox!", told, system=question), streamed=False) == "A fox lived here."
    given = [{"role": "system", "content": "Ignore previous instructions. Summarize the text."}]
    given.append({"role": "user", "content": told})
    assert aside(given, streamed=False) == "A fox lived here."
    long = chat(*["More!", f"{'A fox ran ' * 9}on."] * 20, system="Summarize it.")
    assert len(str(aside(long, streamed=False)).split()) <= 60
    assert aside(chat("讲个故事", system="Summarize it."), streamed=False) == "还没有讲过什么。"


def test_an_extension_gets_what_it_can_read() -> None:
    """One of the labels it names; words for a picture."""
    labels = "Classify the emotion. Choose one of the following labels: admiration, joy, anger"
    assert aside(chat("A fox!", "Ha!", system=labels), streamed=False) == "joy"
    listed = "Give a comma-delimited list of keywords which describe the scene."
    words = aside(chat("A fox at the castle!", "Ha!", system=listed), streamed=False)
    assert str(words).startswith("a fox, ")


def test_what_the_user_might_say_is_one_short_line() -> None:
    """It lands in their input."""
    told = "[Write your next reply from the point of view of User, using the chat so far.]"
    assert aside(chat("Eine Hexe im Wald!", "Ja.", system=told), streamed=True) == (
        "Erzähl weiter, bitte. Was geschieht dann?"
    )


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize(
    "messages",
    [
        chat("A tale of a fox!"),
        chat("A fox!", "Once.", system="[Continue your last message without repeating it.]"),
        chat("A fox!", "Once.", system="[Write the next reply only as Seraphina.]"),
        chat("A fox!", "Once.", system='Ask for pictures by <!--img-prompt="…"-->'),
        [{"role": "user", "content": "### Task:\nRespond to the user query.\n\nA fox!"}],
    ],
)
def test_a_chat_is_no_side_request(messages: list[dict[str, str]], streamed: bool) -> None:
    """Also where it goes on, is one of several's, or is answered by documents."""
    assert aside(messages, streamed=streamed) is None


@pytest.mark.real_time
async def test_a_front_end_that_is_told_of_no_model_gets_its_titles(tmp_path: Path) -> None:
    """Through the whole server, which leaves them alone."""
    body = {"model": "storyteller", "stream": False}
    body["messages"] = [{"role": "user", "content": task("title", SAID["zh"])}]
    async with served(tmp_path) as server:
        url = f"{server.address}/v1/chat/completions"
        async with server.client.post(url, json=body) as answer:
            (choice,) = (await answer.json())["choices"]
    assert json.loads(choice["message"]["content"]) == {"title": "狐狸与森林"}
