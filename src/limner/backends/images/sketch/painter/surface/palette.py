"""The colours of the hours: one designed harmony for each time of day and state of the air."""

from dataclasses import dataclass

from limner.backends.images.sketch.painter.surface.colour import Colour, mix, rgb, varied
from limner.backends.images.sketch.painter.surface.seeded_random import seeded_random
from limner.backends.images.sketch.scene import Time, Weather


@dataclass(frozen=True, slots=True)
class Tones:
    """What the light of an hour does.

    Attributes:
        sky: From the zenith down to the horizon, four colours.
        glow: The light around the sun or moon.
        disc: The sun or the moon itself.
        cloud_lit: Clouds where the light meets them.
        cloud_shade: Clouds where it does not.
        haze: What distance dissolves into.
        light: The light on what faces it; colours are multiplied by it.
        shadow: The light on what does not.
        thickness: How much of a thing is lost in the haze at the horizon, 0 to 1.
        stars: How bright the stars are, 0 to 1.
    """

    sky: tuple[Colour, Colour, Colour, Colour]
    glow: Colour
    disc: Colour
    cloud_lit: Colour
    cloud_shade: Colour
    haze: Colour
    light: Colour
    shadow: Colour
    thickness: float
    stars: float = 0.0

    def seen(self, local: Colour, *, depth: float = 0.0, lit: float = 0.6) -> Colour:
        """How a thing's own colour looks here.

        Args:
            local: Its colour in white light.
            depth: How far away it is: 0 near, 1 at the horizon.
            lit: How much it faces the light, 0 to 1.
        """
        r, g, b = mix(self.shadow, self.light, lit)
        near = (min(1.0, local[0] * r), min(1.0, local[1] * g), min(1.0, local[2] * b))
        return mix(near, self.haze, min(1.0, depth * self.thickness))


_AIR = {
    Weather.CLEAR: "clear",
    Weather.WIND: "clear",
    Weather.CLOUDY: "grey",
    Weather.RAIN: "grey",
    Weather.STORM: "storm",
    Weather.SNOW: "pale",
    Weather.FOG: "pale",
}

# zenith, upper, lower, horizon | glow, disc, cloud lit, cloud shade, haze
_SKIES = {
    (Time.DAWN, "clear"): "6f9ccb b3c4e0 f7cdbb ffe2ac ffd39a fff3d2 ffe4cf c391ad f0cdbd",
    (Time.DAWN, "grey"): "94a5ba b3bac6 d6c6bf efd6b8 ffdcae fff0d8 ead8cd 9a95aa cdc4c3",
    (Time.DAWN, "storm"): "47506e 686c86 98868f d2a98d f6c08e ffe3bd b59d9c 474a65 95868c",
    (Time.DAWN, "pale"): "a9b9d6 cacde0 efd8d2 fde8cf ffe0b4 fff5de fbeae2 b7b3cc e9dbd8",
    (Time.DAY, "clear"): "3f93d2 7fbde6 bfe1ee f3f3df fff1bd fffae0 fffcf3 a9c3de cbe2ea",
    (Time.DAY, "grey"): "8aa3b7 a6b9c6 c4cfd3 dfdfd5 f5efdb fbf6e6 eaecea 8d9fb0 c0cbd0",
    (Time.DAY, "storm"): "3b4a5e 576a7c 82949b b9beae e3dfc3 f1ecd4 929da5 38444f 7f8e96",
    (Time.DAY, "pale"): "aac4d8 c7d9e3 e0e8ea f1f0ea fbf4e2 fffaf0 ffffff b9cad8 e0e8eb",
    (Time.SUNSET, "clear"): "383d7d 85579b ea7c6c ffc668 ffab48 ffe8ac ffb587 754f8f dd937d",
    (Time.SUNSET, "grey"): "50547a 7f7090 bc8a8b e6b284 f5b27a ffdfb5 e0ab96 655c80 ae9093",
    (Time.SUNSET, "storm"): "282a4c 53415f 965a5d da8f58 f39a55 ffd093 a4706c 2e2843 83585f",
    (Time.SUNSET, "pale"): "736f9e a789a8 dfaa9b f8d3a0 ffc98b ffedc9 f7d3bf 8d7ea3 d8b2aa",
    (Time.NIGHT, "clear"): "0c1437 19295e 2d4b88 5a7dab bcd3ff f6f3de 6e88ba 293a6d 3c5a90",
    (Time.NIGHT, "grey"): "121a34 1f294c 303f66 495a7f a9bddd e9e7d8 596a92 212b4c 384970",
    (Time.NIGHT, "storm"): "0a0f24 141c3a 243255 3d5173 9db4d8 dfe0d6 4a5b80 11182f 2c3c5e",
    (Time.NIGHT, "pale"): "17234a 293b6a 445c90 7089b0 c6d6f2 f7f5e6 93a7cc 3a4c7c 59719f",
}

# light, shadow | thickness of the haze
_LIGHTS = {
    (Time.DAWN, "clear"): ((1.08, 0.95, 0.86), (0.62, 0.60, 0.80), 0.66),
    (Time.DAWN, "grey"): ((0.95, 0.89, 0.85), (0.58, 0.59, 0.70), 0.72),
    (Time.DAWN, "storm"): ((0.80, 0.74, 0.72), (0.40, 0.42, 0.56), 0.72),
    (Time.DAWN, "pale"): ((1.05, 0.97, 0.92), (0.68, 0.68, 0.84), 0.86),
    (Time.DAY, "clear"): ((1.05, 1.03, 0.94), (0.58, 0.68, 0.82), 0.62),
    (Time.DAY, "grey"): ((0.90, 0.92, 0.91), (0.56, 0.62, 0.69), 0.70),
    (Time.DAY, "storm"): ((0.72, 0.77, 0.79), (0.38, 0.45, 0.54), 0.72),
    (Time.DAY, "pale"): ((1.00, 1.00, 1.00), (0.66, 0.73, 0.83), 0.86),
    (Time.SUNSET, "clear"): ((1.10, 0.84, 0.64), (0.48, 0.40, 0.62), 0.66),
    (Time.SUNSET, "grey"): ((0.95, 0.78, 0.69), (0.44, 0.41, 0.57), 0.72),
    (Time.SUNSET, "storm"): ((0.82, 0.60, 0.52), (0.30, 0.27, 0.42), 0.70),
    (Time.SUNSET, "pale"): ((1.04, 0.86, 0.76), (0.58, 0.52, 0.70), 0.84),
    (Time.NIGHT, "clear"): ((0.58, 0.70, 0.98), (0.19, 0.26, 0.49), 0.62),
    (Time.NIGHT, "grey"): ((0.47, 0.56, 0.79), (0.18, 0.23, 0.41), 0.66),
    (Time.NIGHT, "storm"): ((0.42, 0.51, 0.72), (0.15, 0.20, 0.36), 0.66),
    (Time.NIGHT, "pale"): ((0.68, 0.79, 1.04), (0.28, 0.35, 0.58), 0.82),
}

_MOODS = {
    "spooky": rgb("4a5a4e"),
    "magic": rgb("9a6fd0"),
    "cosy": rgb("f0b070"),
    "battle": rgb("8a3f2a"),
}


def tones(time: Time, weather: Weather, *, mood: str | None = None, seed: str = "") -> Tones:
    """The harmony of an hour and its weather, varied a little by the seed.

    >>> tones(Time.NIGHT, Weather.CLEAR).stars
    1.0
    """
    air = _AIR[weather]
    rng = seeded_random(seed, "palette")
    hue, strength = rng.uniform(-0.014, 0.014), rng.uniform(0.92, 1.08)
    sky = [varied(rgb(code), hue, strength) for code in _SKIES[time, air].split()]
    if mood in _MOODS:
        sky = [mix(colour, _MOODS[mood], 0.14) for colour in sky]
    light, shadow, thickness = _LIGHTS[time, air]
    return Tones(
        sky=(sky[0], sky[1], sky[2], sky[3]),
        glow=sky[4],
        disc=sky[5],
        cloud_lit=sky[6],
        cloud_shade=sky[7],
        haze=sky[8],
        light=light,
        shadow=shadow,
        thickness=min(0.97, thickness + (0.1 if weather is Weather.FOG else 0.0)),
        stars=_stars(time, air),
    )


def _stars(time: Time, air: str) -> float:
    if time is not Time.NIGHT:
        return 0.0
    return {"clear": 1.0, "pale": 0.5, "grey": 0.25, "storm": 0.0}[air]
