"""Parts of an illustrator, made from its options."""

from collections.abc import Callable
from functools import partial

from limner.illustration.capabilities import places_of, prices_of
from limner.illustration.generation.budget import Budget
from limner.illustration.generation.budget_guard import BudgetGuard
from limner.illustration.generation.drawing import Drawing
from limner.illustration.generation.patience import Patience, bound
from limner.illustration.generation.references import References
from limner.illustration.generation.styling import styling
from limner.illustration.model.request import RequestDefaults
from limner.illustration.options import Families
from limner.illustration.ports import DrawingLedger, ImageBackend, MessageStore
from limner.illustration.store_keeper import StoreKeeper
from limner.scheduling import Limiter


def make_drawing(
    backend: ImageBackend,
    limiter: Limiter,
    options: Families,
    budget: BudgetGuard,
    kept: MessageStore | None,
    store: MessageStore,
    clock: Callable[[], float],
) -> Drawing:
    """The way to a picture.

    Args:
        backend: What draws.
        limiter: Through which every picture goes.
        options: What pictures are like, and how long they may be silent.
        budget: Gives leave to draw.
        kept: Where pictures of identical requests are looked for; ``None``: nowhere.
        store: Where the messages are, of whose pictures some are references.
        clock: Gives the seconds since the epoch.
    """
    look = options.look
    return Drawing(
        backend,
        limiter,
        defaults=RequestDefaults(
            width=options.size.width,
            height=options.size.height,
            seed=look.seed,
            negative_prompt=look.negative_prompt,
        ),
        patience=Patience(
            bound(options.timeouts.picture_timeout, "picture_timeout"),
            bound(options.timeouts.settle_timeout, "settle_timeout"),
        ),
        store=kept,
        composer=look.compose or styling(look.style, look.styles, look.characters),
        budget=budget,
        former=look.former,
        references=References(store, look.references, partial(places_of, backend)),
        clock=clock,
        spans=options.policies.spans,
    )


def make_guard(
    budget: Budget | None,
    ledger: DrawingLedger | None,
    backend: ImageBackend,
    store: MessageStore,
    clock: Callable[[], float],
    keeper: StoreKeeper,
) -> BudgetGuard:
    """What reserves and counts pictures; in the store, if there is a budget and no other ledger.

    Raises:
        ValueError: There is a budget, and the store cannot count.
    """
    chosen = budget or Budget()
    if ledger is None and chosen.bounds():
        if not isinstance(store, DrawingLedger):
            raise ValueError("a budget needs a ledger, and this store is none: give one as ledger=")
        ledger = store
    return BudgetGuard(chosen, ledger, clock, keeper, partial(prices_of, backend))
