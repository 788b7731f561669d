"""The manual gives the very files of deploy/, which `make test-deploy` runs."""

import re

from local.environment import ROOT

DEPLOY = ROOT / "deploy"
GIVEN = re.compile(r"^`deploy/([^`\n]+)`\n\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What shows when the alarms ring, and what is built from the others.
NOT_GIVEN = {"prometheus/alerts.test.yml"}


def test_the_manual_gives_every_file_as_it_is():
    given = dict(GIVEN.findall((ROOT / "docs" / "operating.md").read_text()))
    files = {str(path.relative_to(DEPLOY)): path.read_text() for path in DEPLOY.rglob("*") if path.is_file()}
    assert given == {name: text for name, text in files.items() if name not in NOT_GIVEN}
