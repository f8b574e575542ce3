"""The version of a library's tables, and bringing an older one up to date."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from limner.errors import StorageTooNew
from limner.storage.database.sqlite import APPLICATION
from limner.storage.database.tables import metadata

MIGRATIONS = Path(__file__).parents[1] / "migrations"
VERSIONS = tuple(f"{number:04}" for number in range(1, 13))
"""Every version of the tables there has been, the newest last."""

UPGRADE_LOCK = 0x6C696D6E6572
"""PostgreSQL's advisory lock that lets one process at a time upgrade ("limner")."""


def version(connection: Connection) -> str | None:
    """The version of the tables; ``None`` if there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def check_version(found: str | None, place: str) -> bool:
    """Tell whether the tables have to be made or upgraded.

    Raises:
        StorageTooNew: This limner does not know the version.
    """
    if found is not None and found not in VERSIONS:
        raise StorageTooNew(
            f"the library {place} was written by a newer limner (its version is {found}, this"
            f" limner knows up to {VERSIONS[-1]}); it was left as it is: upgrade limner",
            place=place,
        )
    return found != VERSIONS[-1]


def wait_for_others(connection: Connection, lock: int) -> None:
    """Wait until nobody else makes or changes tables in PostgreSQL, and let others wait for us.

    Of several that begin at one instant all but one come here for as long as that takes, which on a
    busy machine is longer than anybody waits for a row.
    """
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    connection.execute(text(f"SELECT pg_advisory_xact_lock({lock})"))
    connection.execute(text("SET LOCAL lock_timeout TO DEFAULT"))


def upgrade(connection: Connection, place: str, to: str = "head") -> None:
    """Bring the tables up to date, in the transaction that is open.

    Raises:
        StorageTooNew: This limner does not know their version.
    """
    # These take a while to load, and most libraries are up to date.
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    if connection.dialect.name == "postgresql":
        wait_for_others(connection, UPGRADE_LOCK)
    found = version(connection)
    if not check_version(found, place):
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    context = MigrationContext.configure(connection, opts={"target_metadata": metadata})
    operations = Operations(context)
    # Alembic's own runner keeps the operations in a global, which two libraries would share.
    for script in reversed(list(scripts.iterate_revisions(to, found or "base"))):
        script.module.upgrade(operations)
    context.stamp(scripts, to)
