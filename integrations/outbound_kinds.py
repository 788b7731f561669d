"""What this app asks other hosts."""

from integrations import delivering
from integrations.fediverse import publishing, receiving
from integrations.newsletters import handing, polling
from integrations.notices import telling
from integrations.oidc import provider

__all__ = ["delivering", "handing", "polling", "provider", "publishing", "receiving", "telling"]
