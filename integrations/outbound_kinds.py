"""What this app asks other hosts."""

from integrations import delivering
from integrations.newsletters import handing, polling
from integrations.notices import telling

__all__ = ["delivering", "handing", "polling", "telling"]
