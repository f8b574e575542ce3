"""How a picture is framed: what a tag's ``shot`` means, in words that image models know.

The words are plain English that is also what models trained on tags were taught with, so that one
list serves both kinds. A prompt that says them already is left as it is.
"""

import re

from limner.prompts.composition.character import contains_word, fold
from limner.prompts.composition.prompt_parts import split_blocks
from limner.prompts.composition.style import merge_parts

_FRAMINGS = {
    "extreme close-up": "extreme close-up, detail/macro/insert",
    "close-up": "close-up, close/head/headshot/face/tight",
    "portrait": "portrait, bust/head and shoulders/medium close-up/medium close/three-quarter",
    "medium shot, from the waist up": "medium, mid/waist/half body/upper body/cowboy/american",
    "full body": "full, whole body/full length/long body/full shot",
    "wide shot": "wide, long/wide angle/group/master/two/landscape",
    "very wide shot": "establishing, extreme wide/extreme long/panorama/panoramic/scenery/vista",
    "from above": "high angle, high/overhead/top/top down/aerial/bird's eye/birds eye/drone",
    "from below": "low angle, low/worm's eye/worms eye",
    "from behind": "back, rear/over the shoulder/over shoulder",
    "from side": "profile, side/side view",
    "first-person view, pov": "pov, point of view/first person",
    "dutch angle": "dutch, tilted/canted",
    "facing the viewer": "front, frontal/straight on/eye level",
}
"""What is said to the model, and the words of a tag that mean it."""


def _means() -> dict[str, str]:
    return {
        _key(name): words
        for words, names in _FRAMINGS.items()
        for name in (words, *re.split(r"[,/]", names))
    }


def _key(text: str) -> str:
    plain = " ".join(re.findall(r"\w+", re.sub(r"['’]", "", fold(text))))
    return re.sub(r"(?<=\w)( (shot|view|framing|angle))+$", "", plain)


def framing(shot: str) -> str:
    """The words for a tag's ``shot``; ``""`` if nobody knows what it means.

    Examples:
        >>> framing("close-up"), framing("Bird's-eye view"), framing("WIDE SHOT"), framing("best")
        ('close-up', 'from above', 'wide shot', '')
    """
    return _MEANS.get(_key(shot[:60]), "")


_MEANS = _means()


def framed(prompt: str, shot: str) -> str:
    """A prompt that says how the picture is framed.

    Examples:
        >>> framed("a fox | 1girl", "wide"), framed("a close-up of a fox", "close-up")
        ('wide shot, a fox | 1girl', 'a close-up of a fox')
    """
    words = framing(shot)
    said = fold(split_blocks(prompt)[0])
    missing = [part for part in words.split(", ") if part and not contains_word(said, fold(part))]
    return merge_parts(prompt, before=", ".join(missing)) if missing else prompt
