"""How many, in languages that count with words of measure: 三只狐狸, 狐が三匹, 여우 세 마리."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_DIGITS = r"\d{1,6}|[\uff10-\uff19]{1,6}"
_HAN = "[一二三四五六七八九十百千]{1,5}"
_MEASURES = MappingProxyType(
    {
        "zh": "个只位名条匹座艘棵把头朵本架辆间栋颗块支枝张群株尾艘幅盏口",
        "ja": "匹 羽 頭 人 名 つ 本 個 台 軒 枚 輪 冊 隻 体 株 棟 ひき びき ぴき",
        "ko": "마리 명 사람 개 송이 그루 채 척 대 권 자루 분 쌍 필 장 켤레",
    }
)
_NATIVE = {
    "한": 1, "하나": 1, "두": 2, "둘": 2, "세": 3, "셋": 3, "석": 3, "네": 4, "넷": 4, "넉": 4,
    "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9, "열": 10, "열두": 12, "스무": 20,
}  # fmt: skip
_HAN_DIGITS = {c: n for n, c in enumerate("一二三四五六七八九十", 1)} | {"两": 2, "俩": 2}
_ENGLISH = ("a", "two", "three", "four", "five")
_FLOCK, _MANY = "群", 5
_PEOPLE = ("人", "名", "位", "명", "사람", "분")


@dataclass(frozen=True, slots=True)
class Counted:
    """A number that counts something.

    Attributes:
        number: In English; what is more than five is five.
        length: Characters it takes, its word of measure and what joins it to a noun included.
        before: Whether the noun follows it, for certain.
        people: Whether it counts people.
    """

    number: str
    length: int
    before: bool
    people: bool


def _pattern(language: str) -> re.Pattern[str]:
    measures = _MEASURES[language]
    named = "|".join(sorted(measures.split() if " " in measures else measures, key=len)[::-1])
    if language == "ko":
        native = "|".join(sorted(_NATIVE, key=len, reverse=True))
        ends = r"(?=[\s가이은는을를도와과.,、。]|$)"  # "두 장미" are two roses, no two sheets
        return re.compile(rf"(?P<n>{_DIGITS}|{native})\s?(?P<m>{named})(?:(?P<j>의)|{ends})")
    if language == "ja":
        return re.compile(rf"(?P<n>{_DIGITS}|{_HAN})\s?(?P<m>{named})(?P<j>の)?")
    return re.compile(rf"(?P<n>{_DIGITS}|[两俩]|{_HAN})\s?(?P<m>{named})(?P<j>)")


_PATTERNS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {language: _pattern(language) for language in _MEASURES}
)
_MARK_OR_END = re.compile(r"\s*(?:$|[。、，；：！？.,;:!?\n])")
_PARTICLE = MappingProxyType(
    {"ko": re.compile("[가이은는을를도와과]"), "ja": re.compile("[がはをもとい]")}
)
"""What follows a number that its noun stands before."""


def counted(text: str, at: int, language: str) -> Counted | None:
    """The number with a word of measure that stands at a place, if there is one.

    Examples:
        >>> counted("三只狐狸", 0, "zh")
        Counted(number='three', length=2, before=True, people=False)
        >>> counted("여우 7마리가", 3, "ko")
        Counted(number='five', length=3, before=False, people=False)
        >>> counted("三匹の狐", 0, "ja").before
        True
    """
    found = _PATTERNS[language].match(text, at)
    if found is None:
        return None
    number = _value(found["n"]) if found["m"] != _FLOCK else _MANY
    if number < 1:
        return None
    particle = _PARTICLE.get(language)
    after = _MARK_OR_END.match(text, found.end()) or (
        particle is not None and particle.match(text, found.end())
    )
    return Counted(
        _ENGLISH[min(number, 5) - 1],
        found.end() - at,
        before=bool(found["j"]) or not after,
        people=found["m"] in _PEOPLE,
    )


def _value(written: str) -> int:
    if written in _NATIVE:
        return _NATIVE[written]
    if written.isdecimal():
        return int(written)
    return _HAN_DIGITS.get(written, 10)
