"""One decision about several rows, taken at once; many are asked about first."""

from collections.abc import Callable
from functools import partial

from core.admin import OwnRecord, decision

bulk: Callable[..., Callable] = partial(decision, made_of=OwnRecord, few=20, keep=lambda row: row.pk)
"""An action whose verb takes `by`, writes its own record and can be taken back, so that a few need no question."""
