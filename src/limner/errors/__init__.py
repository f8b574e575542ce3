"""Every error limner raises on purpose, in one tree.

::

    LimnerError
    ├── SchedulingError            the limiter, its groups and barriers
    │   ├── JobDropped             shed by an overflow strategy or by stop()
    │   ├── JobCancelled           cancelled through the limiter, not by the awaiter
    │   ├── JobExpired             ran longer than its `expiration`
    │   ├── QueueTimeout           waited longer than its `queue_timeout`
    │   ├── JobTimeout             took longer in all than its `timeout`
    │   ├── WrongThread            the limiter belongs to another thread (also a RuntimeError)
    │   ├── WrongLoop              it has jobs in another event loop (also a RuntimeError)
    │   ├── LeaseLost              its slot of the shared limits went to others
    │   ├── SharedLimitsUnavailable  they cannot be asked at present
    │   ├── LimiterStopped         submitted after stop()
    │   ├── DuplicateJob           its id is already in use
    │   ├── Overweight             heavier than the limiter can ever carry (also a ValueError)
    │   ├── WouldDeadlock          waits inside itself for a slot that only it can free
    │   ├── RetryAfter             raised by a job: nobody may start for so many seconds
    │   └── BarrierTimeout         some named parts never arrived
    ├── PatternError               a tag pattern cannot be used (also a ValueError)
    ├── TagError                   a tag cannot be written as asked (also a ValueError)
    ├── PartError                  a style's or character's part is malformed (also a ValueError)
    ├── PresetError                a change of the presets was refused (also a ValueError)
    ├── RefineError                a model's answer to a refinement holds no prompt
    ├── IllustrationError          one message being illustrated
    │   ├── MessageBusy            a manual operation on a message that is being written
    │   ├── UnknownSlot            no such message, slot or alternative (also a LookupError)
    │   ├── BudgetExceeded         no more pictures may be drawn for now
    │   └── SourceFailed           the text stopped with an error; what arrived is in `.result`
    ├── BackendError               a picture or text server, or the way to it
    │   ├── BackendUnavailable     cannot be reached, or answered with its own failure
    │   ├── BackendRejected        it understood and refused: key, model, option
    │   ├── BackendBusy            it asked us to come back later
    │   │   └── BackendCooling     and said when (also a RetryAfter: the limiter cools down)
    │   ├── BackendTimeout         it took longer than it was given
    │   ├── ContentRefused         its content filter said no
    │   ├── StreamCut              a text stream ended before the answer did
    │   └── BadPicture             what it sent is not a picture that can be trusted
    ├── UnknownBackend             no backend has that name (also a LookupError)
    ├── StorageError               the library on disk or in a database
    │   ├── StorageUnavailable     it cannot be opened, reached or written
    │   │   ├── StorageReadOnly    it cannot be written by whoever runs limner
    │   │   └── StorageClosed      the program itself has closed it
    │   ├── StorageBusy            somebody else held it for too long
    │   ├── SlotOvertaken          another process changed the slot meanwhile
    │   ├── WorkTaken              others took this process for dead
    │   ├── StorageFull            there is no room left
    │   ├── StorageCorrupt         what is there is damaged, or is no library
    │   ├── StorageForeign         its pictures' place is another library's
    │   ├── StorageTooNew          a newer limner wrote it
    │   ├── NotKept                a message is made, and not all kept; it is in `.result`
    │   └── PictureMissing         a picture's file is gone
    ├── ConfigError                a setting is unknown or wrong
    ├── SourceError                a text file or standard input cannot be read
    ├── OutputError                the result cannot be written where it was asked for
    ├── MissingExtra               a package is not installed; the text says what to install
    └── RequestRejected            a client of our server asked for what cannot be done

Each carries its context in fields, so that code never parses a message, and keeps them when it is
pickled or copied (`LimnerError` says how). A user's own exception is never wrapped by the
scheduler; it passes through as it is.
"""

from limner.errors.backend import (
    BackendBusy,
    BackendCooling,
    BackendError,
    BackendRejected,
    BackendTimeout,
    BackendUnavailable,
    BadPicture,
    ContentRefused,
    StreamCut,
    UnknownBackend,
)
from limner.errors.edge import ConfigError, OutputError, RequestRejected, SourceError
from limner.errors.illustration import (
    BudgetExceeded,
    IllustrationError,
    MessageBusy,
    SourceFailed,
    UnknownSlot,
)
from limner.errors.installation import MissingExtra
from limner.errors.prompts import PartError, PatternError, PresetError, RefineError, TagError
from limner.errors.root import LimnerError
from limner.errors.scheduling import (
    BarrierTimeout,
    DuplicateJob,
    JobCancelled,
    JobDropped,
    JobExpired,
    JobTimeout,
    LeaseLost,
    LimiterStopped,
    Overweight,
    QueueTimeout,
    RetryAfter,
    SchedulingError,
    SharedLimitsUnavailable,
    WouldDeadlock,
    WrongLoop,
    WrongThread,
)
from limner.errors.storage import (
    NotKept,
    PictureMissing,
    SlotOvertaken,
    StorageBusy,
    StorageClosed,
    StorageCorrupt,
    StorageError,
    StorageForeign,
    StorageFull,
    StorageReadOnly,
    StorageTooNew,
    StorageUnavailable,
    WorkTaken,
)

__all__ = [
    "BackendBusy",
    "BackendCooling",
    "BackendError",
    "BackendRejected",
    "BackendTimeout",
    "BackendUnavailable",
    "BadPicture",
    "BarrierTimeout",
    "BudgetExceeded",
    "ConfigError",
    "ContentRefused",
    "DuplicateJob",
    "IllustrationError",
    "JobCancelled",
    "JobDropped",
    "JobExpired",
    "JobTimeout",
    "LeaseLost",
    "LimiterStopped",
    "LimnerError",
    "MessageBusy",
    "MissingExtra",
    "NotKept",
    "OutputError",
    "Overweight",
    "PartError",
    "PatternError",
    "PictureMissing",
    "PresetError",
    "QueueTimeout",
    "RefineError",
    "RequestRejected",
    "RetryAfter",
    "SchedulingError",
    "SharedLimitsUnavailable",
    "SlotOvertaken",
    "SourceError",
    "SourceFailed",
    "StorageBusy",
    "StorageClosed",
    "StorageCorrupt",
    "StorageError",
    "StorageForeign",
    "StorageFull",
    "StorageReadOnly",
    "StorageTooNew",
    "StorageUnavailable",
    "StreamCut",
    "TagError",
    "UnknownBackend",
    "UnknownSlot",
    "WorkTaken",
    "WouldDeadlock",
    "WrongLoop",
    "WrongThread",
]
