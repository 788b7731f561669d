"""Random walks over all verbs: whatever is done in whatever order, the promises hold.

The ordinary run walks a fixed set of walks; `--walk-minutes 10` goes on with new ones, and prints the seed of each
round so that a failure can be walked again with `--walk-seed`.
"""

import random
import time

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.walks import model
from tests.walks.comments import Commenting
from tests.walks.moderators import Judging
from tests.walks.staff import Deciding, Publishing, Running

pytestmark = pytest.mark.whole


class EveryVerb(Deciding, Publishing, Commenting, Judging):
    """All verbs of all mixins; a kind of its own brings one more."""


class OfOrganisations(Judging, Running):
    """Those of one kind, which get deeper where they are among themselves."""


ORDINARY = settings(
    max_examples=14,
    stateful_step_count=40,
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=False,
    phases=[Phase.explicit, Phase.generate],  # a walk is short; to shrink it takes minutes
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def _walking(db, settings):
    settings.DEBUG = False
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.SIGNATURES_PER_ADDRESS = model.CROWD
    for name in ("REMOVED_DAYS", "DECLINED_DAYS", "UNDECIDED_DAYS", "LONGEST_DAYS"):  # what ends later than a walk
        setattr(settings, name, 36500)


@pytest.mark.usefixtures("_walking")
@pytest.mark.parametrize("walk", [EveryVerb, OfOrganisations])
def test_the_promises_hold_on_every_walk(request, walk):
    minutes, one = request.config.getoption("walk_minutes"), request.config.getoption("walk_seed")
    if not minutes and one is None:
        run_state_machine_as_test(walk, settings=ORDINARY)
        return
    until = time.monotonic() + 60 * minutes
    while True:
        number = random.SystemRandom().randrange(2**32) if one is None else one
        print(f"\nwalking with --walk-seed {number}", flush=True)  # noqa: T201 - whoever waits must know
        run_state_machine_as_test(
            seed(number)(type("Seeded", (walk,), {})), settings=settings(ORDINARY, derandomize=False)
        )
        if time.monotonic() >= until:
            return
