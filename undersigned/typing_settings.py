"""Settings for a type checker: `undersigned.settings` with what its environment would give; reaches nothing."""

import os

os.environ.update(
    DEMO="1",
    ORIGIN="http://127.0.0.1:8000",
    SECRET_KEY="x" * 50,
    DATABASE_URL="postgres://nobody@127.0.0.1:1/none",
)

from undersigned.settings import *  # noqa: F403 - after what they ask for
