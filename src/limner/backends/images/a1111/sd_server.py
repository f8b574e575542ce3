"""stable-diffusion.cpp's ``sd-server`` behind A1111's routes: what it takes in its own way. Pure.

Source: ``examples/server/routes_sdapi.cpp`` and ``api.md`` of stable-diffusion.cpp, August 2026. It
reads no ``<lora:…>`` in a prompt and no ``override_settings``; LoRAs are a list of their own, by
the paths that ``/sdapi/v1/loras`` tells, and what A1111 has no field for is taken from a block in
the prompt, which it cuts out.
"""

import json
from collections.abc import Mapping
from typing import Any

from limner.backends.images.a1111.options import A1111Options
from limner.backends.images.support.lora import Lora

LORAS = "/loras"


def read_loras(answer: object) -> dict[str, str]:
    """The paths of the LoRAs that a server has, by their names.

    Examples:
        >>> read_loras([{"name": "ink", "path": "styles/ink.safetensors"}])
        {'ink': 'styles/ink.safetensors'}
    """
    entries = answer if isinstance(answer, list) else []
    return {
        entry["name"]: entry["path"]
        for entry in entries
        if isinstance(entry, dict)
        and isinstance(entry.get("name"), str)
        and isinstance(entry.get("path"), str)
    }


def own_fields(
    prompt: str, options: A1111Options, known: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """What is sent to it beside what the whole family understands.

    Args:
        prompt: What to draw.
        options: How.
        known: The paths of its LoRAs, by name.

    Returns:
        Fields of the request, the prompt among them; and what was left out, and why.
    """
    loras = [Lora.parse(text) for text in options.loras]
    missing = [lora.name for lora in loras if not _path(lora.name, known)]
    fields: dict[str, Any] = {"prompt": prompt + _extra(options)}
    if found := [
        {"path": path, "multiplier": lora.weight}
        for lora in loras
        if (path := _path(lora.name, known))
    ]:
        fields["lora"] = found
    if not missing:
        return fields, {}
    has = ", ".join(sorted(known)[:20]) or "none"
    return fields, {"loras": f"the server has no {', '.join(missing)}; it has: {has}"}


def _path(name: str, known: Mapping[str, str]) -> str:
    """The path of a LoRA, whether it is called by its name or by its file."""
    return known.get(name) or next(
        (path for path in known.values() if name in (path, path.rpartition("/")[2])), ""
    )


def _extra(options: A1111Options) -> str:
    """What stands in the prompt because there is no field for it."""
    if options.distilled_cfg is None:
        return ""
    guidance = {"distilled_guidance": options.distilled_cfg}
    extra = {"sample_params": {"guidance": guidance}}
    return f" <sd_cpp_extra_args>{json.dumps(extra)}</sd_cpp_extra_args>"
