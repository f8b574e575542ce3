"""The options of Pollinations."""

from dataclasses import dataclass

from limner.backends.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class PollinationsOptions:
    """What can be chosen; see ``help`` of each."""

    model: str = option("", help="the model, such as flux; empty: the service's own choice")
    negative_prompt: str = option("", help="what no picture should show")
    enhance: bool = option(False, help="have a model rewrite the prompt first", per_picture=True)
    nologo: bool = option(True, help="no logo in the picture, where that may be chosen")
    nofeed: bool = option(True, help="keep the picture out of the public feed")
    safe: bool = option(False, help="refuse what is not for everybody")
    extra: str = option("", help="a JSON object whose fields are added to each address")
    referrer: str = option("limner", help="who asks, as the service wants to know without a key")
