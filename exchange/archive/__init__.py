"""Everything of a site in one zip that it, or another site, reads again: docs/exchange/archive.md has the format."""
