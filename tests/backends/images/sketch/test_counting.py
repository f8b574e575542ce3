"""How many there are is seen in every language, also where its plurals change the word."""

import pytest

from limner.backends.images.sketch.lexicon import read
from limner.backends.images.sketch.lexicon.languages import translated
from limner.backends.images.sketch.lexicon.languages.dictionary import dictionary

# Plurals as they stand behind a number: of each language that has them, endings of every kind.
PLURALS = {
    "de": """Füchse:fox Wölfe:wolf Hasen:rabbit Bären:bear Mäuse:mouse Vögel:bird Häuser:house
        Bäume:tree Türme:tower Schlösser:castle Königinnen:queen Hexen:witch Kühe:cow Gänse:goose
        Frösche:frog Blumen:flower Boote:boat Eulen:owl Ritter:knight Hüte:hat Bücher:book""",
    "fr": """renards:fox chevaux:horse oiseaux:bird bateaux:boat châteaux:castle loups:wolf
        hiboux:owl fleurs:flower chats:cat sorcières:witch ours:bear gâteaux:cake tours:tower""",
    "es": """zorros:fox lobos:wolf dragones:dragon leones:lion ratones:mouse flores:flower
        árboles:tree peces:fish gatos:cat brujas:witch búhos:owl castillos:castle barcos:ship""",
    "it": """volpi:fox lupi:wolf streghe:witch draghi:dragon gatti:cat fiori:flower alberi:tree
        leoni:lion gufi:owl castelli:castle barche:boat cavalli:horse api:honeybee""",
    "pt": """raposas:fox lobos:wolf leões:lion cães:dog dragões:dragon balões:balloon flores:flower
        faróis:lighthouse corujas:owl árvores:tree castelos:castle barcos:boat anões:dwarf""",
    "ru": """лисы:fox волка:wolf сов:owl кошек:cat медведей:bear дома:houses башен:tower
        льва:lion птиц:bird дракона:dragon девочки:girl лошадей:horse уток:duck роз:rose
        деревьев:tree котенка:cat кошки:cat львов:lion грибов:mushroom""",
    "pl": """lisy:fox wilki:wolf sowy:owl sów:owl koty:cat konie:horse psy:dog róż:rose
        domy:house wieże:tower drzewa:tree drzew:tree smoków:dragon kaczek:duck lwów:lion
        niedźwiedzie:bear dziewczynki:girl ptaków:bird żab:frog kotów:cat łabędzi:swan""",
}
THREE = {"de": "drei", "fr": "trois", "es": "tres", "it": "tre", "pt": "três", "ru": "три",
         "pl": "trzy"}  # fmt: skip
FIVE = {"de": "fünf", "fr": "cinq", "es": "cinco", "it": "cinque", "pt": "cinco", "ru": "пять",
        "pl": "pięć"}  # fmt: skip
TABLE = [
    (language, *pair.split(":")) for language, pairs in PLURALS.items() for pair in pairs.split()
]


@pytest.mark.parametrize(("language", "plural", "english"), TABLE)
def test_a_number_before_a_plural_counts_it(language: str, plural: str, english: str) -> None:
    """As a word or in digits, small or large."""
    for said, number in ((THREE[language], 3), ("3", 3), (FIVE[language], 5), ("7", 5)):
        prompt = f"{said} {plural}"
        (seen,) = read(translated(prompt, language)).subjects
        (known,) = read(f"{number} {english}").subjects
        assert (seen.name, seen.count) == (known.name, number), prompt


@pytest.mark.parametrize("language", PLURALS)
def test_no_rule_for_plurals_takes_a_word_from_its_meaning(language: str) -> None:
    """Every word of the tables is still what they say, before any rule is asked."""
    table = dictionary(language)
    for word, english in table._entries.items():
        if " " not in word:
            assert table.lookup(word) == english


@pytest.mark.parametrize(
    ("prompt", "name", "number"),
    [
        ("三只狐狸在雪地里", "fox", 3),
        ("五只狐狸", "fox", 5),
        ("十二只猫头鹰", "owl", 5),
        ("3只红色的狐狸", "red fox", 3),
        ("两位骑士", "knight", 2),
        ("七座城堡", "castle", 5),
        ("一群羊", "sheep", 5),
        ("一只狐狸", "fox", 1),
        ("三匹の狐", "fox", 3),
        ("狐が三匹、森の中", "fox", 3),
        ("5羽のフクロウ", "owl", 5),
        ("七人の騎士", "knight", 5),
        ("一匹の狐", "fox", 1),
        ("여우 세 마리가 숲에", "fox", 3),
        ("세 마리 여우", "fox", 3),
        ("다섯 마리의 여우", "fox", 5),
        ("눈 속의 여우 3마리", "fox", 3),
        ("기사 두 명", "knight", 2),
        ("숲 속의 일곱 마리 여우", "fox", 5),
    ],
)
def test_words_of_measure_count(prompt: str, name: str, number: int) -> None:
    """Before the noun and behind it; how many trees a forest has they do not say."""
    seen = [(one.name, one.count) for one in read(prompt).subjects]
    assert seen == [(name.removeprefix("red "), number)]


@pytest.mark.parametrize(
    ("prompt", "name", "number"),
    [
        ("Ein stiller Garten am Abend, 3 rose", "rose", 3),
        ("Der Garten im Sommer, 3 Rosen", "rose", 3),
        ("Ein Wald in der Nacht. Drei Füchse", "fox", 3),
        ("Un jardin le soir, 2 roses", "rose", 2),
        ("Drei kleine rote Füchse im Schnee", "fox", 3),
        ("3 lupi neri nella notte", "wolf", 3),
        ("Zwanzig Enten auf dem Teich", "duck", 5),
    ],
)
def test_a_number_counts_behind_another_clause_and_before_adjectives(
    prompt: str, name: str, number: int
) -> None:
    """Digits are as good as words."""
    (seen,) = read(prompt).subjects
    assert (seen.name, seen.count) == (name, number)


def test_a_word_that_only_lacks_an_umlaut_is_another_word() -> None:
    """Umlauts come with plurals; none goes with one."""
    assert "beautiful" not in translated("Es ist schon Nacht, ein Fuchs", "de")
