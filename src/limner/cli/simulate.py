"""`limner simulate`: what limits would do to traffic, before there is any."""

import itertools
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer

Workload = Annotated[
    Path | None, typer.Argument(metavar="[WORKLOAD]", help="A TOML or JSON file; options go first.")
]
Users = Annotated[str | None, typer.Option("--users", help="How many there are; 50.")]
Duration = Annotated[str | None, typer.Option("--duration", help="Such as 24h or 90m; 1h.")]
PerHour = Annotated[
    str | None, typer.Option("--answers-per-hour", help="Answers of an average user; 12.")
]
PerDay = Annotated[str | None, typer.Option("--answers-per-day", help="The same, for a day.")]
ChatsPerDay = Annotated[
    str | None, typer.Option("--chats-per-day", help="Of all users together, an answer each.")
]
Arrivals = Annotated[
    str | None, typer.Option("--arrivals", help="poisson (by chance) or fixed (regular).")
]
Spread = Annotated[
    str | None, typer.Option("--spread", help="How much users differ: 0 all alike, 1 a lot.")
]
Weights = Annotated[
    str | None, typer.Option("--weights", help="Their activities: 1,1,7 or ada=1,bob=7.")
]
Day = Annotated[
    str | None, typer.Option("--day", help="flat, evening, or weights of equal parts of a day.")
]
Tags = Annotated[str | None, typer.Option("--tags", help="An answer's: 3, 2-4 or poisson:3.")]
WritingTime = Annotated[
    str | None, typer.Option("--writing-time", help="An answer's, as --picture-time; 30s.")
]
Spacing = Annotated[
    str | None, typer.Option("--spacing", help="Tags in an answer: even, random, or at its end.")
]
PictureTime = Annotated[
    str | None,
    typer.Option(
        "--picture-time",
        help="4s, uniform:2:6, exponential:4, lognormal:MEDIAN:SIGMA or empirical:3.1,4,9.",
    ),
]
Failures = Annotated[str | None, typer.Option("--failures", help="Share of attempts, as 0.02.")]
Expiration = Annotated[
    str | None, typer.Option("--expiration", help="Stop an attempt after so long.")
]
QueueTimeout = Annotated[
    str | None, typer.Option("--queue-timeout", help="Give a waiting picture up after so long.")
]
ServerWidth = Annotated[
    str | None, typer.Option("--server-width", help="How many the server draws at once; any.")
]
ServerAway = Annotated[
    list[str] | None,
    typer.Option("--server-away", help="When it refuses everything: 20s-1m; can be repeated."),
]
ServerQuota = Annotated[
    str | None, typer.Option("--server-quota", help="How many it lets in: 15/10s.")
]
ServerBad = Annotated[
    str | None, typer.Option("--server-bad", help="Pictures it always refuses: 3 or 1,2.")
]
ServerRefusal = Annotated[
    str | None,
    typer.Option("--server-refusal", help="How: 503, 502, 429, 429/30s or refused; 503."),
]
Replicas = Annotated[
    str | None, typer.Option("--replicas", help="Servers of a cluster, which order pictures.")
]
Workers = Annotated[str | None, typer.Option("--workers", help="And its workers, which draw them.")]
WorkerWidth = Annotated[
    str | None, typer.Option("--worker-width", help="Pictures that a worker has at once; 8.")
]
Deaths = Annotated[
    str | None, typer.Option("--deaths-per-hour", help="Servers and workers that die; 0.")
]
BackAfter = Annotated[
    str | None, typer.Option("--back-after", help="Until another is in its place; 10s.")
]
GrantDelay = Annotated[
    str | None,
    typer.Option("--grant-delay", help="Until a worker hears that it may; as --picture-time."),
]
MaxConcurrent = Annotated[
    str | None, typer.Option("--max-concurrent", help="Pictures at once; 3. 2,4,8 compares.")
]
MinInterval = Annotated[
    str | None, typer.Option("--min-interval", help="Between two starts. 0,1s compares.")
]
Rates = Annotated[
    list[str] | None,
    typer.Option("--rate", help="Starts in any stretch of time: 15/10s; can be repeated."),
]
Retry = Annotated[str | None, typer.Option("--retry", help="Attempts a picture has in all.")]
Fair = Annotated[bool | None, typer.Option("--fair/--no-fair", help="Users take turns.")]
Limits = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        metavar="NAME=VALUE",
        help="Any other option of the limiter: aging=30s, high_water=50, overflow=block, "
        "fair=false,true; can be repeated.",
    ),
]
Seed = Annotated[str | None, typer.Option("--seed", help="Other traffic of the same kind; 1.")]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", help="Draw it: a .html page or an .svg picture.")
]
From = Annotated[str | None, typer.Option("--from", help="Draw this part: 8h …")]
To = Annotated[str | None, typer.Option("--to", help="… to 8h10m. Else the busiest minutes.")]
Json = Annotated[bool, typer.Option("--json", help="Print the figures, one line for each limit.")]


def simulate(
    workload: Workload = None,
    users: Users = None,
    duration: Duration = None,
    answers_per_hour: PerHour = None,
    answers_per_day: PerDay = None,
    chats_per_day: ChatsPerDay = None,
    arrivals: Arrivals = None,
    spread: Spread = None,
    weights: Weights = None,
    day: Day = None,
    tags: Tags = None,
    writing_time: WritingTime = None,
    spacing: Spacing = None,
    picture_time: PictureTime = None,
    failures: Failures = None,
    expiration: Expiration = None,
    queue_timeout: QueueTimeout = None,
    server_width: ServerWidth = None,
    server_away: ServerAway = None,
    server_quota: ServerQuota = None,
    server_bad: ServerBad = None,
    server_refusal: ServerRefusal = None,
    replicas: Replicas = None,
    workers: Workers = None,
    worker_width: WorkerWidth = None,
    deaths_per_hour: Deaths = None,
    back_after: BackAfter = None,
    grant_delay: GrantDelay = None,
    max_concurrent: MaxConcurrent = None,
    min_interval: MinInterval = None,
    rate: Rates = None,
    retry: Retry = None,
    fair: Fair = None,
    limit: Limits = None,
    seed: Seed = None,
    output: Output = None,
    begin: From = None,
    end: To = None,
    json: Json = False,
) -> int:
    """Run made-up traffic through the real limiter in virtual time, and report what comes of it.

    A day of ten thousand users takes seconds. With servers and workers it goes through a cluster
    whose nodes may die. Several values of a limit, with commas between
    them, are compared on the same traffic. Exit codes: 0, or 2 for wrong usage or an unreadable
    workload.
    """
    # Imported here, so that help and version need not wait for it.
    from limner.cli.shared.simulation import SimulationRequest, simulate_and_show

    given = {
        "duration": duration,
        "seed": seed,
        "users.count": users,
        "users.answers_per_hour": answers_per_hour,
        "users.answers_per_day": answers_per_day,
        "users.chats_per_day": chats_per_day,
        "users.arrivals": arrivals,
        "users.spread": spread,
        "users.weights": weights,
        "users.day": day,
        "answers.tags": tags,
        "answers.writing_time": writing_time,
        "answers.spacing": spacing,
        "pictures.time": picture_time,
        "pictures.failures": failures,
        "pictures.expiration": expiration,
        "pictures.queue_timeout": queue_timeout,
        "server.width": server_width,
        "server.away": server_away,
        "server.quota": server_quota,
        "server.bad": server_bad,
        "server.refusal": server_refusal,
        "nodes.replicas": replicas,
        "nodes.workers": workers,
        "nodes.width": worker_width,
        "nodes.deaths_per_hour": deaths_per_hour,
        "nodes.back_after": back_after,
        "nodes.grant_delay": grant_delay,
        "limits.max_concurrent": _alternatives(max_concurrent),
        "limits.min_interval": _alternatives(min_interval),
        "limits.rates": _rates(rate),
        "limits.retry": _alternatives(retry),
        "limits.fair": fair,
        **{f"limits.{name}": value for name, value in map(_limit, limit or [])},
    }
    return simulate_and_show(
        SimulationRequest(
            file=workload,
            given={name: value for name, value in given.items() if value is not None},
            output=output,
            begin=begin,
            end=end,
            json=json,
        )
    )


def _alternatives(text: str | None) -> Any:
    """What an option says of a limit: one value, or several with commas between them.

    Examples:
        >>> _alternatives("2,4"), _alternatives("true"), _alternatives("1.5s")
        ([2, 4], True, '1.5s')
    """
    if text is None:
        return None
    values = [_plain(value.strip()) for value in text.split(",")]
    return values if len(values) > 1 else values[0]


def _plain(text: str) -> str | int | float | bool:
    """A number or a truth value as such; all else as it is written."""
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"-?[0-9]{1,15}", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?[0-9]{0,15}\.[0-9]{1,15}", text) else text


def _rates(rates: list[str] | None) -> list[list[str]] | None:
    """Rates given one by one hold together; those with a comma between them are alternatives.

    Examples:
        >>> _rates(["15/10s,30/10s", "500/1h"])
        [['15/10s', '500/1h'], ['30/10s', '500/1h']]
    """
    if not rates:
        return None
    return [list(chosen) for chosen in itertools.product(*(rate.split(",") for rate in rates))]


def _limit(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise typer.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--limit")
    name, value = name.strip().replace("-", "_"), value.strip()
    if not value.startswith(("{", "[")):
        return name, _rates([value]) if name == "rates" else _alternatives(value)
    try:
        return name, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError as error:
        raise typer.BadParameter(f"{text!r}: {error}", param_hint="--limit") from None
