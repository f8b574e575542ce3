"""The places a picture can be set in."""

from types import MappingProxyType

from limner.backends.images.sketch.painter.scenery.cave import CAVE
from limner.backends.images.sketch.painter.scenery.country.city import CITY
from limner.backends.images.sketch.painter.scenery.country.cloudscape import SKY
from limner.backends.images.sketch.painter.scenery.country.desert import DESERT
from limner.backends.images.sketch.painter.scenery.country.forest import FOREST
from limner.backends.images.sketch.painter.scenery.country.meadow import MEADOW
from limner.backends.images.sketch.painter.scenery.country.mountains import MOUNTAINS
from limner.backends.images.sketch.painter.scenery.country.snowfield import SNOWFIELD
from limner.backends.images.sketch.painter.scenery.country.village import VILLAGE
from limner.backends.images.sketch.painter.scenery.indoors.interior import INTERIOR
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.scenery.space import SPACE
from limner.backends.images.sketch.painter.scenery.waters.deck import DECK
from limner.backends.images.sketch.painter.scenery.waters.lake import LAKE
from limner.backends.images.sketch.painter.scenery.waters.river import RIVER
from limner.backends.images.sketch.painter.scenery.waters.sea import SEA
from limner.backends.images.sketch.painter.scenery.waters.shore import SHORE
from limner.backends.images.sketch.painter.scenery.waters.underwater import UNDERWATER
from limner.backends.images.sketch.painter.scenery.waters.waterfall import WATERFALL
from limner.backends.images.sketch.scene import Place

SCENERY = MappingProxyType(
    {
        Place.MEADOW: MEADOW,
        Place.FOREST: FOREST,
        Place.MOUNTAINS: MOUNTAINS,
        Place.SEA: SEA,
        Place.SHORE: SHORE,
        Place.LAKE: LAKE,
        Place.RIVER: RIVER,
        Place.WATERFALL: WATERFALL,
        Place.DECK: DECK,
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
