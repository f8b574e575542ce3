"""In which language somebody is answered."""

import re

from limner.illustration.rendering.language import guess_language
from limner.server.story.telling.cast import TOLD, cast

_WISHES = {
    "zh": re.compile(
        r"\bin (?:mandarin |simplified )?chinese\b|\bauf chinesisch\b|用(?:中|汉|华)[文语]", re.I
    ),
    "de": re.compile(r"\bin german\b|\bauf deutsch\b|用德[文语]", re.I),
    "en": re.compile(r"\bin english\b|\bauf englisch\b|用英[文语]", re.I),
}
"""Somebody may ask for a language in another one; the last wish counts."""

ONLY = {
    "es": "Solo sé contar cuentos en inglés, alemán y chino.",
    "fr": "Je ne sais conter qu'en anglais, en allemand et en chinois.",
    "it": "So raccontare solo in inglese, tedesco e cinese.",
    "ja": "私がお話しできるのは、英語とドイツ語と中国語だけです。",
    "ko": "저는 영어, 독일어, 중국어로만 이야기할 수 있습니다.",
    "nl": "Ik kan alleen in het Engels, Duits en Chinees vertellen.",
    "pt": "Só sei contar histórias em inglês, alemão e chinês.",
    "ru": "Я умею рассказывать только по-английски, по-немецки и по-китайски.",
    "sv": "Jag kan bara berätta på engelska, tyska och kinesiska.",
    "uk": "Я вмію розповідати лише англійською, німецькою та китайською.",
}
"""What is said before a tale to somebody in whose language there is none."""


def language_of(said: str) -> str:
    """The language of what somebody said, or the one that is asked for in it.

    Examples:
        >>> [language_of(said) for said in ("A fox!", "Hexen", "讲个故事", "讲个故事, in English")]
        ['en', 'de', 'zh', 'en']
        >>> language_of("Raconte-moi une histoire de renard dans la forêt.")
        'fr'
    """
    wishes = [
        (found.end(), language)
        for language, wish in _WISHES.items()
        for found in wish.finditer(said)
    ]
    if wishes:
        return max(wishes)[1]
    guessed = guess_language(said)
    if guessed is not None:
        return guessed
    # A few words are too little to tell by; whom they name may be enough.
    return max(TOLD, key=lambda language: len(cast(language).named(said)))
