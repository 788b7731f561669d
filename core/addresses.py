"""E-mail addresses: which ones reach the same mailbox."""

IGNORE_DOTS = {"gmail.com"}
SAME_DOMAIN = {"googlemail.com": "gmail.com"}


def canonical(address: str) -> str:
    """The form that two spellings of one mailbox share: folded case, no `+tag`, no dots where the provider ignores them.

    Only for comparing; mail goes to the address as it was typed.
    """
    local, _, domain = address.strip().casefold().rpartition("@")
    domain = domain.encode("idna").decode() if not domain.isascii() else domain
    domain = SAME_DOMAIN.get(domain, domain)
    local = local.partition("+")[0] or local
    if domain in IGNORE_DOTS:
        local = local.replace(".", "")
    return f"{local}@{domain}"
