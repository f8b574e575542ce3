"""The places a picture can be set in."""

from types import MappingProxyType

from limner.backends.images.sketch.brief import Place
from limner.backends.images.sketch.painter.scenery.deep import SPACE, UNDERWATER
from limner.backends.images.sketch.painter.scenery.forest import FOREST
from limner.backends.images.sketch.painter.scenery.heights import (
    DESERT,
    MOUNTAINS,
    SKY,
    SNOWFIELD,
)
from limner.backends.images.sketch.painter.scenery.indoors import CAVE, INTERIOR
from limner.backends.images.sketch.painter.scenery.meadow import MEADOW
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.scenery.settlements import CITY, VILLAGE
from limner.backends.images.sketch.painter.scenery.water_places import LAKE, RIVER, SEA, SHORE

SCENERY = MappingProxyType(
    {
        Place.MEADOW: MEADOW,
        Place.FOREST: FOREST,
        Place.MOUNTAINS: MOUNTAINS,
        Place.SEA: SEA,
        Place.SHORE: SHORE,
        Place.LAKE: LAKE,
        Place.RIVER: RIVER,
        Place.DESERT: DESERT,
        Place.SNOWFIELD: SNOWFIELD,
        Place.CITY: CITY,
        Place.VILLAGE: VILLAGE,
        Place.INTERIOR: INTERIOR,
        Place.CAVE: CAVE,
        Place.SPACE: SPACE,
        Place.UNDERWATER: UNDERWATER,
        Place.SKY: SKY,
    }
)

__all__ = ["SCENERY", "Scenery"]
