"""The head: face, hair, beard."""

from limner.backends.images.sketch.look import Age, Look
from limner.backends.images.sketch.painter.people.dyes import EYES, HAIR, darker, lighter
from limner.backends.images.sketch.painter.people.pen import line, oval, shade, shape

_FRINGES = {
    "short": "M-17.5 2C-21-27 21-27 17.5 2C15.5-5 12.5-9 9-11C2-6-9-6-14.5-7.5C-16-5-17-2-17.5 2z",
    "swept": "M-17.5 2C-21-28 22-28 17.5 2C16-6 12-12 4-13.5C-3-8-11-6-15.5-4C-16.5-2-17-0-17.5 2z",
    "parted": "M-17.5 4C-22-28 22-28 17.5 4C16.5-3 12-10 1-14C-9-10-15-3-17.5 4z",
    "fringe": "M-17.5 4C-22-28 22-28 17.5 4C16-1 15-4 13.5-6C6-3.5-6-3.5-13.5-6C-15-4-16-1-17.5 4z",
}
_SPIKES = (
    "M-18 1L-21-8L-17-9L-19-20L-11-19L-9-28L-2-23L5-29L8-22L17-22L16-13L21-9L17 1"
    "C15-6 13-8 10-9L5-5L1-10L-5-5L-9-9C-13-8-16-4-18 1z"
)
_BACKS = {
    "long": "M-19-2C-23-32 23-32 19-2C22 18 27 34 23 52C10 58-10 58-23 52C-27 34-22 18-19-2z",
    "bob": "M-19-2C-24-31 24-31 19-2C22 8 22 17 19 23C8 28-8 28-19 23C-22 17-22 8-19-2z",
    "wavy": "M-19-4C-24-32 24-32 19-4C27 4 20 12 27 20C22 28 29 36 24 47C8 55-8 55-24 47C-29 36-22 28-27 20C-20 12-27 4-19-4z",
    "ponytail": "M-18-4C-22-30 22-30 18-4C26-12 35-4 33 14C32 30 27 40 21 46C24 30 22 14 15 6H-16z",
}
_SIDES = {
    "long": "M-18-2C-20 12-22 26-19 46C-14 44-13 38-13.5 30C-14 18-16 8-15.5-1z"
    "M18-2C20 12 22 26 19 46C14 44 13 38 13.5 30C14 18 16 8 15.5-1z",
}


def hair_colour(look: Look) -> str:
    """The colour of the hair."""
    return f"#{HAIR.get(look.hair) or HAIR['brown']}"


def behind(look: Look) -> str:
    """Hair that hangs behind neck and shoulders."""
    colour = darker(hair_colour(look), 0.86)
    if look.cut == "curly":
        spots = ((0, -13, 19), (-15, -4, 12), (15, -4, 12), (-17, 9, 10), (17, 9, 10))
        return "".join(oval(x, y, r, r, colour) for x, y, r in spots)
    if look.cut == "bun":
        return oval(0, -26, 9, 8, colour)
    if look.cut == "braids":
        return "".join(
            oval(side * (20 - k * 0.4), 10 + k * 8, 5.4 - k * 0.4, 5.2, colour)
            for side in (-1, 1)
            for k in range(5)
        )
    back = _BACKS.get(look.cut)
    return shape(back, colour) if back else ""


def head(look: Look) -> str:
    """Everything of the head but hats; its middle is at 0, the chin at 20."""
    skin = f"#{look.skin}"
    if look.away:
        return _from_behind(look)
    parts = [_ears(look, skin)]
    chin = "19" if look.age in (Age.CHILD, Age.YOUNG) else "20"
    jaw = 13.5 if look.woman or look.age is Age.CHILD else 15.5
    parts.append(
        shape(
            f"M-16.5-3C-17-24 17-24 16.5-3C17 7 {jaw} 12 8 17.5C4 {chin}.5-4 {chin}.5-8 17.5"
            f"C-{jaw} 12-17 7-16.5-3z",
            skin,
        )
    )
    parts.append(
        shade("M6-19C15-16 17-8 16.5-3C17 7 13 13 8 17.5C5 19 3 19.5 1 19.8C12 12 14-4 6-19z", 0.08)
    )
    parts += [_features(look), _beard(look), _front(look)]
    return "".join(parts)


def _ears(look: Look, skin: str) -> str:
    if "elf ears" in look.extras:
        return shape("M-15-2L-29-11C-26 0-21 6-14 7zM15-2L29-11C26 0 21 6 14 7z", skin)
    if look.cut in ("long", "wavy", "bob", "curly"):
        return ""
    return oval(-16.5, 2, 3.2, 4.4, skin) + oval(16.5, 2, 3.2, 4.4, darker(skin, 0.92))


def _features(look: Look) -> str:
    skin = f"#{look.skin}"
    young = look.age in (Age.CHILD, Age.YOUNG)
    size = 1.18 if young else 1.0
    ink = "#3a2a28"
    parts = [oval(side * 9.8, 9, 3.6, 2.4, "#e2645a", ' opacity=".32"') for side in (-1, 1)]
    for side in (-1, 1):
        parts.append(_eye(look, side * 6.6, 1.6, size, ink))
        brow = darker(hair_colour(look), 0.75) if look.hair != "white" else "#b9b4ae"
        tilt = {"angry": 2.2, "sad": -2.0}.get(look.mood, 0.0)
        parts.append(
            line(
                f"M{side * 3.6:g} {-5.2 + tilt:g}Q{side * 7:g}-8.4 {side * 10.2:g} {-5.4 - tilt * 0.5:g}",
                brow,
                1.4,
            )
        )
    parts.append(line("M-.6 5.2Q1.6 7.6-.8 8.2", darker(skin, 0.78), 1.1))
    parts.append(_mouth(look))
    if look.age is Age.OLD:
        wrinkle = darker(skin, 0.85)
        parts.append(line("M-11 5Q-8 6.6-5 5.6M11 5Q8 6.6 5 5.6", wrinkle, 0.8))
    return "".join(parts)


def _eye(look: Look, x: float, y: float, size: float, ink: str) -> str:
    if look.mood == "asleep":
        return line(f"M{x - 3:g} {y:g}Q{x:g} {y + 2.6:g} {x + 3:g} {y:g}", ink, 1.2)
    iris = f"#{EYES.get(look.eyes) or EYES['brown']}"
    lash = line(
        f"M{x - 3.8 * size:g} {y - 1:g}Q{x:g} {y - 4.8 * size:g} {x + 3.8 * size:g} {y - 1:g}",
        ink,
        1.5 if look.woman else 1.1,
    )
    return (
        oval(x, y, 3.5 * size, 3.2 * size, "#fdfbf6")
        + oval(x, y + 0.2, 2.5 * size, 2.8 * size, iris)
        + oval(x, y + 0.3, 1.35 * size, 1.6 * size, "#1f1717")
        + oval(x - 0.9, y - 0.9, 0.8 * size, 0.8 * size, "#ffffff")
        + lash
    )


def _mouth(look: Look) -> str:
    lips = "#b4494c" if look.woman else "#8f4a40"
    if look.mood == "sad":
        return line("M-4 14.2Q0 11.2 4 14.2", lips, 1.4)
    if look.mood in ("angry", "calm", "asleep"):
        return line("M-3.6 13Q0 13.6 3.6 13", lips, 1.4)
    if look.mood == "laugh" or look.age is Age.CHILD:
        return shape("M-5 11Q0 18.4 5 11Q0 12.6-5 11z", "#8c2f33")
    if look.woman:
        return shape("M-4.6 12.4Q-2 10.9 0 12Q2 10.9 4.6 12.4Q0 16.2-4.6 12.4z", lips)
    return line("M-4.6 12Q0 15.4 4.6 12", lips, 1.5)


_CHEEKS = "C14 8 11 10 7 10.4C3 9-3 9-7 10.4C-11 10-14 8-16.5 1z"
_BEARDS = {
    "full": f"M-16.5 1C-17 14-12 25 0 27C12 25 17 14 16.5 1{_CHEEKS}",
    "long": f"M-16.5 1C-18 20-13 44 0 60C13 44 18 20 16.5 1{_CHEEKS}",
}
_MOUSTACHE = "M0 9.4C-3 7.8-8 9-9.5 12.6C-6 12-3 12.6 0 11.6C3 12.6 6 12 9.5 12.6C8 9 3 7.8 0 9.4z"


def _beard(look: Look) -> str:
    if not look.beard:
        return ""
    colour = hair_colour(look)
    moustache = shape(_MOUSTACHE, darker(colour, 0.92))
    if look.beard not in _BEARDS:
        return moustache
    strands = ""
    if look.beard == "long":
        strands = line("M-6 24Q-4 38-1 48M6 22Q5 36 2 46", darker(colour, 0.88), 1.2)
    lips = line("M-3.4 13.4Q0 14.8 3.4 13.4", "#8f4a40", 1.5)
    return shape(_BEARDS[look.beard], colour) + strands + lips + moustache


def _front(look: Look) -> str:
    colour = hair_colour(look)
    if look.cut == "none":
        return ""
    if look.cut == "bald":
        return shape(
            "M-17.6-1C-20 4-19 9-16.5 12C-15 7-15.6 2-16-2zM17.6-1C20 4 19 9 16.5 12C15 7 15.6 2 16-2z",
            colour,
        )
    if look.cut == "spiky":
        return shape(_SPIKES, colour)
    style = {
        "long": "parted",
        "wavy": "swept",
        "bob": "fringe",
        "bun": "swept",
        "ponytail": "swept",
        "braids": "parted",
    }
    fringe = _FRINGES[style.get(look.cut, "swept" if look.woman else "short")]
    gloss = line("M-9-14.5Q-3-18 4-17", lighter(colour, 0.35), 1.5, ' opacity=".55"')
    if look.cut == "curly":
        spots = ((-12, -11, 7), (-4, -16, 8), (6, -16, 8), (13, -10, 7))
        return "".join(oval(x, y, r, r * 0.9, colour) for x, y, r in spots)
    sides = shape(_SIDES["long"], colour) if look.cut in ("long", "wavy") else ""
    return sides + shape(fringe, colour) + gloss


def _from_behind(look: Look) -> str:
    colour = hair_colour(look)
    skin = f"#{look.skin}"
    skull = oval(0, 0, 16.5, 20, skin)
    if look.cut in ("bald", "none"):
        return skull
    return (
        skull
        + shape("M-18 4C-22-29 22-29 18 4C18 13 12 17 0 17C-12 17-18 13-18 4z", colour)
        + line("M-8-15Q0-19 8-15M-10 6Q0 10 10 6", darker(colour, 0.85), 1.2)
    )
