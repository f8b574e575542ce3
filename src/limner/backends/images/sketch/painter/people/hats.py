"""What is worn on the head and round the neck."""

from limner.backends.images.sketch.look import Look
from limner.backends.images.sketch.painter.people.dyes import cloth, darker, lighter
from limner.backends.images.sketch.painter.people.pen import line, oval, shade, shape

_BRIM = "M-31-8Q0-1 31-8Q31-14 0-14Q-31-14-31-8z"


def hat(look: Look) -> str:
    """What is on the head, whose middle is at 0 and whose crown at -20."""
    draw = HATS.get(look.hat)
    return draw(look) if draw is not None else ""


def _crown(look: Look) -> str:
    gold = cloth(look.hat_colour, "gold")
    gems = (
        oval(0, -15, 2, 2.4, "#c23b33")
        + oval(-9, -15, 1.6, 2, "#3f74b5")
        + oval(9, -15, 1.6, 2, "#3f74b5")
    )
    return (
        shape("M-16-11L-19-31L-10-22L0-36L10-22L19-31L16-11Q0-7-16-11z", gold)
        + shade("M4-31L10-22L19-31L16-11Q10-9 5-8.6z")
        + gems
    )


def _tiara(look: Look) -> str:
    gold = cloth(look.hat_colour, "gold")
    return shape("M-15-12Q0-17 15-12L11-19L7-17L0-26L-7-17L-11-19z", gold) + oval(
        0, -18, 2, 2.4, "#e5708f"
    )


def _pointed(look: Look) -> str:
    colour = cloth(look.hat_colour, "navy")
    return (
        shape("M-18-12C-10-34-4-52 12-68C11-50 15-30 18-12z", colour)
        + shade("M6-60L12-68C11-50 15-30 18-12L8-11C10-30 8-46 6-60z")
        + shape(_BRIM, darker(colour, 0.88))
        + line("M-17.4-15Q0-9 17.4-15", "#d9a92f", 4)
    )


def _top(look: Look) -> str:
    colour = cloth(look.hat_colour, "black")
    return (
        shape("M-15-13L-17-44Q0-48 17-44L15-13z", colour)
        + shade("M5-46Q12-46 17-44L15-13H7z")
        + shape("M-26-10Q0-4 26-10Q24-15 0-15Q-24-15-26-10z", darker(colour, 0.85))
        + line("M-15.4-18Q0-14 15.4-18", "#9c2735", 4)
    )


def _fedora(look: Look) -> str:
    colour = cloth(look.hat_colour, "brown")
    return (
        shape("M-16-12C-17-32-8-32 0-28C8-32 17-32 16-12z", colour)
        + shade("M6-30C13-31 17-27 16-12H8z")
        + shape("M-28-8Q0-3 28-8Q25-15 0-15Q-25-15-28-8z", darker(colour, 0.9))
        + line("M-16-15.5Q0-11 16-15.5", darker(colour, 0.55), 3.6)
    )


def _straw(look: Look) -> str:
    colour = cloth(look.hat_colour, "gold") if look.hat_colour else "#e0bf72"
    return (
        shape("M-15-12C-15-30 15-30 15-12z", colour)
        + shape("M-34-7Q0 1 34-7Q32-15 0-15Q-32-15-34-7z", darker(colour, 0.92))
        + line("M-15-15Q0-10 15-15", "#b04a3c", 3.4)
    )


def _cowboy(look: Look) -> str:
    colour = cloth(look.hat_colour, "brown")
    return (
        shape("M-15-12C-16-34-7-32 0-28C7-32 16-34 15-12z", colour)
        + shape("M-36-17Q-30-6 0-6Q30-6 36-17Q26-11 0-12Q-26-11-36-17z", darker(colour, 0.88))
        + line("M-15-15.5Q0-12 15-15.5", darker(colour, 0.6), 3)
    )


def _cap(look: Look) -> str:
    colour = cloth(look.hat_colour, "red")
    return (
        shape("M-18-7C-19-32 19-32 18-7Q0-13-18-7z", colour)
        + shade("M6-25C15-24 18-16 18-7Q14-9 9-10z")
        + shape("M-16-9Q0-16 16-9Q22-3 25 0Q8-6-16-9z", darker(colour, 0.8))
        + oval(0, -25.5, 2.4, 1.6, darker(colour, 0.7))
    )


def _beanie(look: Look) -> str:
    colour = cloth(look.hat_colour, "red")
    return (
        shape("M-18-7C-20-36 20-36 18-7z", colour)
        + line("M-17.5-8Q0-12 17.5-8", darker(colour, 0.8), 7)
        + oval(0, -29, 5, 5, lighter(colour, 0.5))
    )


def _peaked(look: Look) -> str:
    colour = cloth(look.hat_colour, "navy")
    return (
        shape("M-22-20C-22-34 22-34 22-20Q18-12 17-10Q0-15-17-10Q-18-12-22-20z", colour)
        + line("M-17-12Q0-17 17-12", darker(colour, 0.6), 5)
        + shape("M-15-10Q0-15 15-10Q10-3 0-4Q-10-3-15-10z", "#26242b")
        + oval(0, -21, 3.4, 3.6, "#e3bd5b")
    )


def _sailor(look: Look) -> str:
    return shape(
        "M-19-20C-19-31 19-31 19-20Q18-14 16-12Q0-17-16-12Q-18-14-19-20z", "#f6f3ec"
    ) + line("M-16-13Q0-18 16-13", "#2f4368", 4.4)


def _toque(look: Look) -> str:
    white = "#faf7f0"
    return (
        oval(-11, -31, 10, 9, white)
        + oval(11, -31, 10, 9, "#e9e4da")
        + oval(0, -35, 11, 10, white)
        + shape("M-15-11L-16-30H16L15-11Q0-15-15-11z", white)
        + line("M-15-13Q0-17 15-13", "#ded8cb", 3)
    )


def _helmet(look: Look) -> str:
    steel = cloth(look.hat_colour, "steel")
    plume = cloth(look.extra_colour, "red")
    return (
        shape("M-3-26C-8-46 10-52 26-38C18-38 12-34 6-24z", plume)
        + shape("M-18.5 6C-21-32 21-32 18.5 6L13 3C13-6 11-9 0-9C-11-9-13-6-13 3z", steel)
        + shade("M6-25C16-20 19-8 18.5 6L13 3C13-4 12-8 8-9z", 0.2)
        + line("M0-26V-8", lighter(steel, 0.5), 2.4)
    )


def _great_helm(look: Look) -> str:
    steel = cloth(look.hat_colour, "steel")
    plume = cloth(look.extra_colour, "red")
    return (
        shape("M-2-24C-8-44 10-52 27-40C18-38 12-34 6-24z", plume)
        + shape("M-18-14C-16-30 16-30 18-14L17 14Q0 27-17 14z", steel)
        + shade("M6-27C16-25 18-18 18-14L17 14Q12 19 6 20z", 0.2)
        + shape("M-13.5-3H13.5V2.5H-13.5z", "#22252c")
        + line("M0-25V20", lighter(steel, 0.5), 2.6)
        + "".join(oval(x, y, 1.2, 1.2, "#3a3f48") for x in (-9, -5, 5, 9) for y in (8, 12))
    )


def _horned(look: Look) -> str:
    return (
        shape(
            "M-15-14C-30-14-32-30-28-36C-24-26-20-24-13-24zM15-14C30-14 32-30 28-36C24-26 20-24 13-24z",
            "#ece2c8",
        )
        + shape("M-18.5 0C-21-32 21-32 18.5 0Q0-13-18.5 0z", cloth(look.hat_colour, "steel"))
        + line("M-18-2Q0-13 18-2", "#8a6238", 4)
    )


def _soldier(look: Look) -> str:
    colour = cloth(look.hat_colour, "olive")
    return (
        shape("M-21-5C-22-34 22-34 21-5Q0-12-21-5z", colour)
        + shade("M7-26C17-24 21-16 21-5Q16-7 10-8z")
        + line("M-21-5Q0-12 21-5", darker(colour, 0.75), 3)
    )


def _bubble(look: Look) -> str:
    return (
        '<circle cx="0" cy="-1" r="27" fill="#bfe2f5" fill-opacity=".26" stroke="#e6ebf0" stroke-width="5"/>'
        + line("M-14-14Q-9-20-2-21", "#ffffff", 3, ' opacity=".8"')
    )


def _tricorn(look: Look) -> str:
    colour = cloth(look.hat_colour, "black")
    return (
        shape("M-30-9Q-24-30 0-30Q24-30 30-9Q14-17 0-15Q-14-17-30-9z", colour)
        + line("M-29-9.5Q-14-17.5 0-15.5Q14-17.5 29-9.5", "#e3bd5b", 2.2)
        + oval(0, -22, 4, 4.2, "#f3efe6")
        + shape("M-3-19h6v3h-6z", "#f3efe6")
    )


def _hood(look: Look) -> str:
    colour = cloth(look.hat_colour, "brown")
    return shape(
        "M-20 20C-27-8-24-34 0-35C24-34 27-8 20 20C17 24 15 22 14 18C18 0 16-17 0-18C-16-17-18 0-14 18C-15 22-17 24-20 20z",
        colour,
    ) + shade("M4-35C24-33 27-8 20 20C17 24 15 22 14 18C18 2 17-12 8-16z")


def _headscarf(look: Look) -> str:
    colour = cloth(look.hat_colour, "purple")
    return shape(
        "M-19 26C-25-2-22-32 0-32C22-32 25-2 19 26Q12 32 0 26Q-12 32-19 26zM-14-2C-15 10-10 20 0 20.5C10 20 15 10 14-2C12-16-12-16-14-2z",
        colour,
        ' fill-rule="evenodd"',
    )


def _veil(look: Look) -> str:
    return shape("M-18-10C-20-30 20-30 18-10Q0-18-18-10z", "#fbf8f2") + "".join(
        oval(x, -14 - abs(x) * -0.12 - 1.5, 2.8, 2.8, "#f1c6cf") for x in (-12, -6, 0, 6, 12)
    )


def _turban(look: Look) -> str:
    colour = cloth(look.hat_colour, "white")
    return (
        shape("M-20-6C-24-36 24-36 20-6Q0-14-20-6z", colour)
        + line("M-19-12Q4-28 20-20M-19-20Q-4-30 12-29", darker(colour, 0.84), 1.8)
        + oval(0, -16, 3, 3.6, "#c23b33")
    )


def _wreath(look: Look) -> str:
    dyes = ("#f2a7bd", "#fbf3dc", "#f4d35e", "#f2a7bd", "#c9a0dc", "#fbf3dc", "#f2a7bd")
    leaves = line("M-17-9Q0-21 17-9", "#5c8a4e", 3.4)
    return leaves + "".join(
        oval(-16 + k * 5.3, -10 - 6.6 * (1 - ((k - 3) / 3) ** 2), 3.3, 3.3, dye)
        for k, dye in enumerate(dyes)
    )


def _santa(look: Look) -> str:
    return (
        shape("M-18-10C-14-34 4-44 28-26C22-26 20-22 18-10z", "#c23b33")
        + line("M-17.5-9Q0-14 17.5-9", "#fbf8f2", 7)
        + oval(28, -24, 5.4, 5.4, "#fbf8f2")
    )


def _mortarboard(look: Look) -> str:
    return (
        shape("M-15-10C-15-22 15-22 15-10Q0-14-15-10z", "#2b2b33")
        + shape("M0-34L30-24L0-14L-30-24z", "#34343d")
        + line("M0-24Q14-22 22-20V-8", "#e3bd5b", 1.8)
    )


def _band(look: Look) -> str:
    return line("M-17.4-8Q0-15 17.4-8", cloth(look.hat_colour, "red"), 4)


def _bow(look: Look) -> str:
    colour = cloth(look.hat_colour, "red")
    return shape("M0-23L-13-31Q-15-23-13-15zM0-23L13-31Q15-23 13-15z", colour) + oval(
        0, -23, 3.2, 3.6, darker(colour, 0.8)
    )


def _ears_of_a_cat(look: Look) -> str:
    colour = darker(f"#{look.skin}", 0.4) if not look.hat_colour else cloth(look.hat_colour)
    return shape("M-17-9L-18-33L-4-20zM17-9L18-33L4-20z", colour) + shape(
        "M-14-14L-15-26L-8-19zM14-14L15-26L8-19z", "#e9a3ae"
    )


def _horns(look: Look) -> str:
    return shape(
        "M-13-13C-24-18-24-32-18-40C-17-30-12-26-6-20zM13-13C24-18 24-32 18-40C17-30 12-26 6-20z",
        cloth(look.hat_colour, "crimson"),
    )


def _jester(look: Look) -> str:
    return (
        shape(
            "M-18-8C-26-34-34-30-38-14C-30-46-6-40 0-22C6-40 30-46 38-14C34-30 26-34 18-8Q0-14-18-8z",
            cloth(look.hat_colour, "purple"),
        )
        + shape("M0-22C6-40 30-46 38-14C34-30 26-34 18-8Q9-11 0-11z", cloth("gold"))
        + oval(-38, -13, 3.6, 3.6, "#e3bd5b")
        + oval(38, -13, 3.6, 3.6, "#e3bd5b")
    )


HATS = {
    "crown": _crown,
    "tiara": _tiara,
    "pointed": _pointed,
    "top": _top,
    "fedora": _fedora,
    "straw": _straw,
    "cowboy": _cowboy,
    "cap": _cap,
    "beanie": _beanie,
    "peaked": _peaked,
    "sailor": _sailor,
    "toque": _toque,
    "helmet": _helmet,
    "great helm": _great_helm,
    "horned": _horned,
    "soldier": _soldier,
    "bubble": _bubble,
    "tricorn": _tricorn,
    "hood": _hood,
    "headscarf": _headscarf,
    "veil": _veil,
    "turban": _turban,
    "wreath": _wreath,
    "santa": _santa,
    "mortarboard": _mortarboard,
    "band": _band,
    "bow": _bow,
    "cat ears": _ears_of_a_cat,
    "horns": _horns,
    "jester": _jester,
}


def worn(look: Look) -> str:
    """Spectacles, masks and patches, over the face."""
    if look.away:
        return ""
    return "".join(draw(look) for name, draw in _FACEWEAR.items() if name in look.extras)


def _glasses(look: Look) -> str:
    return (
        '<g fill="#ffffff" fill-opacity=".22" stroke="#3a3036" stroke-width="1.5">'
        '<circle cx="-6.8" cy="1.8" r="5.6"/><circle cx="6.8" cy="1.8" r="5.6"/></g>'
        + line("M-1.2 1.4H1.2", "#3a3036", 1.5)
    )


def _sunglasses(look: Look) -> str:
    lenses = "M-13-2.4H-1.4V2Q-3 7-7.4 6.4Q-12 6-13-2.4zM13-2.4H1.4V2Q3 7 7.4 6.4Q12 6 13-2.4z"
    return shape(lenses, "#26242b") + line("M-13-2.4H13", "#26242b", 1.6)


def _mask(look: Look) -> str:
    colour = cloth(look.extra_colour, "gold")
    rim = "M-16-6Q-8-9 0-4Q8-9 16-6Q19 5 9 8Q3 8 0 3.6Q-3 8-9 8Q-19 5-16-6z"
    holes = "M-10.6.6Q-6.6-2.6-3 .8Q-6 4.4-10.6.6zM10.6.6Q6.6-2.6 3 .8Q6 4.4 10.6.6z"
    plume = shape("M-15-6Q-22-18-17-24Q-14-14-10-8z", lighter(colour, 0.4))
    return shape(rim + holes, colour, ' fill-rule="evenodd"') + plume


def _veiled(look: Look) -> str:
    return shape("M-17 4Q0 10 17 4Q16 18 0 22Q-16 18-17 4z", cloth(look.colour, "black"))


def _patch(look: Look) -> str:
    return oval(6.6, 1.6, 4.6, 4.4, "#26242b") + line("M-15-9L16 4", "#26242b", 1.3)


_FACEWEAR = {
    "glasses": _glasses,
    "sunglasses": _sunglasses,
    "mask": _mask,
    "veiled": _veiled,
    "patch": _patch,
}


def neckwear(look: Look, neck: float, shoulder: float) -> str:
    """A scarf or a necklace."""
    parts = []
    if "scarf" in look.extras:
        colour = cloth(look.extra_colour, "red")
        parts.append(
            shape(f"M{shoulder * 0.1:g} {neck + 3:g}l13 2l3 34l-12 2z", darker(colour, 0.88))
            + line(
                f"M{-shoulder * 0.44:g} {neck - 4:g}Q0 {neck + 7:g} {shoulder * 0.44:g} {neck - 4:g}",
                colour,
                9,
            )
        )
    if "necklace" in look.extras:
        parts.append(
            line(
                f"M{-shoulder * 0.36:g} {neck + 1:g}Q0 {neck + 20:g} {shoulder * 0.36:g} {neck + 1:g}",
                "#e9d9a5",
                1.7,
            )
            + oval(0, neck + 11, 2.4, 2.8, "#c23b33")
        )
    return "".join(parts)
