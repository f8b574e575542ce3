"""The few things that are said in the languages of conversations, beside tales."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Phrases:
    """What is said in one language.

    Attributes:
        tale: The title of a tale of whatever.
        story: What tales are called.
        joined: A title of two.
        and_then: Asks how it goes on.
        more_of: Asks for more of the hero.
        another: Asks for another tale.
    """

    tale: str
    story: str
    joined: str
    and_then: str
    more_of: str
    another: str

    def title(self, nouns: Sequence[str]) -> str:
        """A title of one or two.

        Examples:
            >>> PHRASES["en"].title(["fox", "night market"]), PHRASES["de"].title(["Fuchs"])
            ('The Fox and the Night Market', 'Fuchs')
        """
        if self.joined.isascii() and self.joined.startswith("The"):
            nouns = [noun.title() for noun in nouns]
        if len(nouns) == 1:
            return self.joined.split("{0}")[0] + nouns[0]
        return self.joined.format(*nouns)


PHRASES: Mapping[str, Phrases] = MappingProxyType(
    {
        "en": Phrases(
            tale="A Tale",
            story="Story",
            joined="The {0} and the {1}",
            and_then="What happened next?",
            more_of="Tell me more about {hero_the}.",
            another="Tell me another tale.",
        ),
        "de": Phrases(
            tale="Ein Märchen",
            story="Geschichte",
            joined="{0} und {1}",
            and_then="Und wie ging es weiter?",
            more_of="Erzähl mir mehr von {hero_dat}.",
            another="Erzähl mir noch ein Märchen.",
        ),
        "zh": Phrases(
            tale="一个故事",
            story="故事",
            joined="{0}与{1}",
            and_then="后来怎么样了？",
            more_of="再讲讲{hero_the}的事吧。",
            another="再讲一个故事吧。",
        ),
    }
)

GENERAL = "General"
"""The tag for what has none, as Open WebUI's instruction says."""

NOTHING_YET = MappingProxyType(
    {
        "en": "Nothing has been told yet.",
        "de": "Es ist noch nichts erzählt.",
        "zh": "还没有讲过什么。",
    }
)

GO_ON = MappingProxyType(
    {
        "en": "Go on, please. What happens next?",
        "de": "Erzähl weiter, bitte. Was geschieht dann?",
        "es": "Sigue, por favor. ¿Qué pasa después?",
        "fr": "Continue, s'il te plaît. Que se passe-t-il ensuite ?",
        "it": "Continua, per favore. Che cosa succede poi?",
        "ja": "続けてください。それからどうなりますか。",
        "ko": "계속해 주세요. 그다음에는 어떻게 되나요?",
        "nl": "Ga verder, alsjeblieft. Wat gebeurt er dan?",
        "pt": "Continua, por favor. O que acontece depois?",
        "ru": "Продолжай, пожалуйста. Что было дальше?",
        "sv": "Fortsätt, är du snäll. Vad händer sedan?",
        "uk": "Продовжуй, будь ласка. Що було далі?",
        "zh": "请接着讲。后来怎么样了？",
    }
)
"""What somebody who listens may say."""
