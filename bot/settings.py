"""Every setting of Segue.  `.env.example` shows them all; a test keeps the two in step."""

from pathlib import Path
from typing import Annotated

import platformdirs
from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from recommender.errors import MusicError

STARTER = Path(__file__).parent / "data" / "starter.csv"
"""The catalogue that fills an empty database."""

UserPath = Annotated[Path, AfterValidator(Path.expanduser)]


class Settings(BaseSettings):
    """Read from arguments, then the environment (`SEGUE_...`), then `.env` in the working folder."""

    model_config = SettingsConfigDict(
        env_prefix="SEGUE_", env_file=".env", env_ignore_empty=True, extra="ignore"
    )

    database: UserPath = Field(
        default_factory=lambda: platformdirs.user_data_path("segue", appauthor=False) / "segue.db",
        description="the SQLite file that holds everything; made at the first start",
    )
    log: UserPath = Field(
        default_factory=lambda: platformdirs.user_log_path("segue", appauthor=False) / "segue.log",
        description="where unexpected errors are written, under the code that the person was told",
    )
    seed: int | None = Field(
        default=None, ge=0, description="makes every recommendation repeatable; unset for everyday use"
    )


def load(database: Path | None = None) -> Settings:
    """Return the settings, with `database` going before all else; MusicError names one that cannot be."""
    try:
        return Settings() if database is None else Settings(database=database)
    except ValidationError as error:
        first = error.errors()[0]
        name = f"SEGUE_{'_'.join(map(str, first['loc']))}".upper()
        raise MusicError(f"The setting {name} cannot be {first['input']!r}: {first['msg']}.") from error
