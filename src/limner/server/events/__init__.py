"""Everything that happens, told to everybody who listens: the events of ``limner serve``.

General layout: `EventHub` is the pure core (publish, subscribe, resume), `SharedHub` the same for
several servers with one journal; `EventResponse` puts what a subscription gets on the network.
`serialised` makes of an illustrator's event what goes over the wire. `WatchedStore` publishes every
commit, `QueuePublisher` the state of the limiter, and `BlockPublisher` what is being written as
HTML. `RecentRuns` remembers what was drawn lately.
docs/api.md lists the kinds of events.
"""

from limner.server.events.block_publisher import BlockPublisher, place_prefix
from limner.server.events.event_stream import EventResponse
from limner.server.events.hub import EventHub
from limner.server.events.notes import Notes
from limner.server.events.own_events import OwnEvents
from limner.server.events.preview_box import Preview, PreviewBox
from limner.server.events.queue_publisher import OwnFigures, QueuePublisher
from limner.server.events.recent_runs import RecentRuns, Run
from limner.server.events.serialisers import error_data, serialised
from limner.server.events.shared_hub import SharedHub
from limner.server.events.subscription import End, Subscription
from limner.server.events.watched_store import WatchedStore
from limner.server.events.wire_event import WireEvent, coalesced

__all__ = [
    "BlockPublisher",
    "End",
    "EventHub",
    "EventResponse",
    "Notes",
    "OwnEvents",
    "OwnFigures",
    "Preview",
    "PreviewBox",
    "QueuePublisher",
    "RecentRuns",
    "Run",
    "SharedHub",
    "Subscription",
    "WatchedStore",
    "WireEvent",
    "coalesced",
    "error_data",
    "place_prefix",
    "serialised",
]
