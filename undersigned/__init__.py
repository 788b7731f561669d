"""The wiring of the site. Importing it makes the apps importable, from a checkout and from an installed wheel.

A wheel carries the apps, the templates and the static files in `undersigned/bundled/`, so that nothing of ours lies in
site-packages under a name as common as `core` or `mail` (docs/decisions/0023-what-a-wheel-holds.md).
"""

import sys
from pathlib import Path

__version__ = "1.0.0rc1"

_HERE = Path(__file__).resolve().parent
INSTALLED = (_HERE / "bundled").is_dir()
# Where the apps, templates/, static/ and locale/ are.
PROGRAM = _HERE / "bundled" if INSTALLED else _HERE.parent

if str(PROGRAM) not in sys.path:
    sys.path.insert(0, str(PROGRAM))
