"""The staff pages of comments: the queue, the threads, and the rules."""

from comments.admin import place, queue, threads, waiting  # noqa: F401  each registers its own
