"""Which spellings of an address one provider delivers to one mailbox, as the providers themselves describe it.

A provider that is not here is taken to know `+tags` (RFC 5233, and nearly everybody who runs mail) and nothing else.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Provider:
    """One provider's rules for addresses at its `domains`, all of which are equivalent to the first."""

    domains: tuple[str, ...]
    source: str
    ignores: str = ""  # signs that make no difference
    tag: str = "+"  # what follows the first of it makes no difference
    has_subdomains: bool = False  # anything@user.domain is user@domain


_YAHOO = "https://help.yahoo.com/help/uk/bt/tutorials/mail/addressguard2.html (base name and keyword)"

PROVIDERS = (
    Provider(("gmail.com", "googlemail.com"), ignores=".", source="https://support.google.com/mail/answer/7436150"),
    Provider(
        ("icloud.com", "me.com", "mac.com"),  # one account has its name at all three
        source="https://support.apple.com/118230",
    ),
    Provider(
        ("proton.me", "protonmail.com", "pm.me", "protonmail.ch"),  # a name at one is reserved at all
        ignores="._-",
        source="https://proton.me/support/change-username and https://proton.me/support/addresses-and-aliases",
    ),
    Provider(
        ("fastmail.com",),
        has_subdomains=True,
        source="https://www.fastmail.help/hc/en-us/articles/360060591053-Plus-addressing-and-subdomain-addressing",
    ),
    Provider(("fastmail.fm",), has_subdomains=True, source="the same"),
    # What precedes the dash is a name of its own, kept for one account; no account's own name has a dash.
    *(
        Provider((domain,), tag="-", source=_YAHOO)
        for domain in (
            "yahoo.com", "yahoo.co.uk", "yahoo.fr", "yahoo.de", "yahoo.it", "yahoo.es", "yahoo.ca", "yahoo.co.in",
            "yahoo.com.au", "yahoo.com.br", "ymail.com", "rocketmail.com",
        )
    ),
    # Outlook.com, Hotmail and Live know +tags as everybody does; an alias there is an address of its own:
    # https://learn.microsoft.com/exchange/recipients-in-exchange-online/plus-addressing-in-exchange-online
)  # fmt: skip

BY_DOMAIN = {domain: provider for provider in PROVIDERS for domain in provider.domains}
_OTHERS = Provider((), source="RFC 5233")
_ABOVE = {domain for domain, provider in BY_DOMAIN.items() if provider.has_subdomains}


def mailbox(local: str, domain: str) -> tuple[str, str]:
    """The one spelling of a mailbox: `a.yusuf+news`, `googlemail.com` becomes `ayusuf`, `gmail.com`.

    Both parts are folded already (core/addresses.py). What would leave no name at all is left as it is.
    """
    user, _, above = domain.partition(".")
    if above in _ABOVE and user:
        local, domain = user, above
    provider = BY_DOMAIN.get(domain, _OTHERS)
    name = local.partition(provider.tag)[0] or local
    for sign in provider.ignores:
        name = name.replace(sign, "") or name
    return name, provider.domains[0] if provider.domains else domain


"""Mail services that anybody may use."""

# Where private people and most branches read mail: normal, so never a fault.
FREE_MAIL = frozenset(
    """gmail.com googlemail.com outlook.com hotmail.com hotmail.co.uk live.com live.co.uk msn.com yahoo.com yahoo.co.uk
    ymail.com rocketmail.com icloud.com me.com mac.com aol.com aol.co.uk proton.me protonmail.com pm.me tutanota.com
    tuta.com gmx.com gmx.co.uk gmx.net web.de mail.com zoho.com fastmail.com hey.com riseup.net btinternet.com
    sky.com talktalk.net virginmedia.com ntlworld.com blueyonder.co.uk plus.net plusnet.com tiscali.co.uk""".split()
)
