"""A provider from npm, where there is Node.js; elsewhere its tests say so aloud and sleep."""

import os

import pytest

from tests.integrations.oidc.programs import Strict, install, needs_node


@pytest.fixture
def strict():
    """`oidc-provider`. Where npm is there it must be had in CI; elsewhere nobody need be online to run tests."""
    if why := needs_node():
        pytest.skip(why)
    if why := install():
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    return Strict()
