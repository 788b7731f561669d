"""Reads the environment and refuses nonsense with a sentence that says how to mend it.

Everything raises ImproperlyConfigured. No sentence repeats a value that may hold a password.
"""

from undersigned.environment.file import read_env_file
from undersigned.environment.mail import Provider, Returns, email, mailbox, provider, returns
from undersigned.environment.reading import flag, home, number, refuse_unknown, roles, shaped, text, zone
from undersigned.environment.stores import cache, database
from undersigned.environment.web import allowed_host, hosts, origin, private_hosts, web_address

__all__ = [
    "Provider",
    "Returns",
    "allowed_host",
    "cache",
    "database",
    "email",
    "flag",
    "home",
    "hosts",
    "mailbox",
    "number",
    "origin",
    "private_hosts",
    "provider",
    "read_env_file",
    "refuse_unknown",
    "returns",
    "roles",
    "shaped",
    "text",
    "web_address",
    "zone",
]
