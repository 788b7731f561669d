"""The staff pages of comments: the queue, the threads, and the rules."""

from comments.admin import queue, threads  # noqa: F401  each registers its own
