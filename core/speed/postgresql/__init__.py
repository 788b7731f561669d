"""Django's PostgreSQL backend, which asks whether a pooled connection still stands without asking the server."""
