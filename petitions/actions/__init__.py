"""Events, and calendars that follow them."""
