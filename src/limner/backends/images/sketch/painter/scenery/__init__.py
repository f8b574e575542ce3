"""The places a picture can be set in."""

from types import MappingProxyType

from limner.backends.images.sketch.brief import Place
from limner.backends.images.sketch.painter.scenery.cave import CAVE
from limner.backends.images.sketch.painter.scenery.city import CITY
from limner.backends.images.sketch.painter.scenery.cloudscape import SKY
from limner.backends.images.sketch.painter.scenery.desert import DESERT
from limner.backends.images.sketch.painter.scenery.forest import FOREST
from limner.backends.images.sketch.painter.scenery.interior import INTERIOR
from limner.backends.images.sketch.painter.scenery.lake import LAKE
from limner.backends.images.sketch.painter.scenery.meadow import MEADOW
from limner.backends.images.sketch.painter.scenery.mountains import MOUNTAINS
from limner.backends.images.sketch.painter.scenery.river import RIVER
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.scenery.sea import SEA
from limner.backends.images.sketch.painter.scenery.shore import SHORE
from limner.backends.images.sketch.painter.scenery.snowfield import SNOWFIELD
from limner.backends.images.sketch.painter.scenery.space import SPACE
from limner.backends.images.sketch.painter.scenery.underwater import UNDERWATER
from limner.backends.images.sketch.painter.scenery.village import VILLAGE

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
