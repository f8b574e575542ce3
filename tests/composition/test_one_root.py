"""Every command that draws, writes or looks goes by the same settings."""

import pytest
from tests.cli import test_resume
from tests.cli.kept import in_library
from tests.composition.roots import Roots, elsewhere, limner, roots

from limner.cli import demo
from limner.cli.shared.kept_run import remembered
from limner.scheduling import Rate
from limner.storage import Library
from limner.testing.chat_server import ChatServer, Reply

__all__ = ["limner", "roots"]

pytestmark = pytest.mark.real_time

LIMITS = """
backend = "crayon"
max_concurrent = 2
min_interval = 0.001
rates = [{limit = 900, per = 60}, {limit = 5000, per = 3600}]
"""


def keeps_to_them(made: Roots) -> bool:
    """Whether the last pipeline has the limits above."""
    limits = made.pipelines[-1].limiter.limits
    rates = (Rate(900, per=60.0), Rate(5000, per=3600.0))
    return (limits.max_concurrent, limits.min_interval, limits.rates) == (2, 0.001, rates)


def test_limits_of_the_settings_bind_the_demo(
    roots: Roots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rates among them; but its tags are its own, whatever the settings say of other texts."""
    monkeypatch.setattr(demo, "TIMES", 100_000)
    roots.settings(LIMITS + "patterns = ['\\[\\[(.+)\\]\\]']")
    done = roots.command("demo", "-q")
    assert done.ran.code == 0, done.ran.err
    assert keeps_to_them(roots)
    assert len(roots.crayon.prompts) > 3


def test_limits_of_the_settings_bind_what_is_resumed(roots: Roots) -> None:
    """The rates among them, over all messages together."""

    async def make(library: Library) -> None:
        for name in ("a", "b"):
            path = str(roots.place / f"{name}.html")
            await test_resume.interrupted(library, name, path, backend="crayon")

    in_library(roots.place / "kept", make)
    roots.settings(LIMITS)
    done = roots.command("resume", "--library", "kept", "-q")
    assert done.ran.code == 0, done.ran.err
    assert keeps_to_them(roots)
    assert len({id(pipeline.limiter) for pipeline in roots.pipelines}) == 1
    assert len(roots.pipelines) == 2


def test_an_option_goes_before_the_settings(roots: Roots) -> None:
    """What is not given is as they say."""
    roots.settings(LIMITS)
    done = roots.command("illustrate", "story.md", "-q", "--max-concurrent", "7")
    assert done.ran.code == 0, done.ran.err
    limits = done.limiter.limits
    assert (limits.max_concurrent, len(limits.rates)) == (7, 2)


def test_all_servers_that_drew_are_remembered_for_the_rest(roots: Roots) -> None:
    """Those of the settings, too: what is resumed is drawn by the same."""
    roots.settings(
        'backends = ["crayon", "horde"]\nmax_concurrent = 1\n'
        "settle_timeout = 0.05\npicture_timeout = 0"
    )
    (roots.place / "story.md").write_text('<!--img-prompt="hang"--> <!--img-prompt="a fox"-->')
    done = roots.command("illustrate", "story.md", "--library", "kept", "-q")
    assert done.ran.code == 1, done.ran.err
    (kept,) = in_library(roots.place / "kept", remembered)
    assert kept.backend == "crayon,horde"


def test_doctor_is_as_patient_as_the_settings_say(roots: Roots) -> None:
    """Its test picture is given up after their time, not after half an hour."""
    roots.crayon.hanging = "lighthouse"
    roots.settings('backend = "crayon"\npicture_timeout = 0.05')
    done = roots.command("doctor")
    assert done.ran.code == 1
    assert "0.05 s" in done.ran.out


def test_doctor_and_models_look_at_every_model_server(roots: Roots) -> None:
    """Each with the key and the model that are its own."""
    with elsewhere(ChatServer(Reply.stream("Yes."), models=["other"], key="sk-2")) as second:
        roots.settings(
            'backend = "crayon"\nllm_url = "MODEL"\nllm_model = "tiny"\n[[upstreams]]\n'
            f'url = "{second.url}"\nkey = "sk-2"'
        )
        looked = roots.command("doctor", "--no-picture")
        assert looked.ran.code == 0, looked.ran.out
        assert looked.ran.out.count(" reachable: ") == 2
        listed = roots.command("models")
    assert listed.ran.code == 0, listed.ran.err
    assert {"tiny", "other"} < set(listed.ran.out.split())


def test_a_server_that_is_named_and_configured_keeps_its_key(roots: Roots) -> None:
    """The key of the first server is not shown to another."""
    roots.settings(
        'backend = "crayon"\nllm_url = "http://127.0.0.1:9"\nllm_key = "sk-1"\n'
        '[[upstreams]]\nurl = "MODEL"\nkey = "sk-2"'
    )
    done = roots.command("illustrate", "--llm", roots.model.url, "--ask", "Go.", "-o", "x.md")
    assert done.ran.code == 0, done.ran.err
    assert roots.model.requests[-1].headers["authorization"] == "Bearer sk-2"


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("max_concurrent = 5000", "max_concurrent"),
        ("min_interval = 90000", "min_interval"),
        ("llm_model = ''", "llm_model"),
        ("rates = [" + "{limit = 1, per = 1}, " * 9 + "]", "rates"),
        ("[serve]\npreset = ''", "serve.preset"),
    ],
)
def test_what_a_server_could_not_begin_with_is_refused_in_one_line(
    roots: Roots, file: str, told: str
) -> None:
    """By every command, with the setting's name."""
    roots.settings(file)
    for arguments in (("serve", "--port", "0"), ("illustrate", "story.md")):
        ran = roots.command(*arguments).ran
        assert ran.code == 2
        assert told in ran.err
        assert ran.err.count("\n") == 1
