"""A run as a picture: a lane for each slot, the queue below, and the whole run above.

General layout: ``ticks`` and ``window`` choose what is shown and how it is marked, ``lanes`` and
``palette`` lay bars out and colour them, ``markup`` writes SVG, ``panel`` draws the parts,
``drawing`` puts them together, ``page`` makes a web page of it.
"""

from limner.simulation.timeline.drawing import Timeline, timeline_svg
from limner.simulation.timeline.page import timeline_page

__all__ = ["Timeline", "timeline_page", "timeline_svg"]
