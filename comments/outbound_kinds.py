"""What comments ask other hosts."""

from comments import akismet

__all__ = ["akismet"]
