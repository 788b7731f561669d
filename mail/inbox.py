"""The webmail page of an address, by its domain."""

_GMAIL = ("Gmail", "https://mail.google.com/mail/u/0/")
_OUTLOOK = ("Outlook", "https://outlook.live.com/mail/0/")
_YAHOO = ("Yahoo Mail", "https://mail.yahoo.com/")
_ICLOUD = ("iCloud Mail", "https://www.icloud.com/mail")
_PROTON = ("Proton Mail", "https://mail.proton.me/")

_BY_DOMAIN = {
    "gmail.com": _GMAIL,
    "googlemail.com": _GMAIL,
    "outlook.com": _OUTLOOK,
    "hotmail.com": _OUTLOOK,
    "hotmail.co.uk": _OUTLOOK,
    "live.com": _OUTLOOK,
    "live.co.uk": _OUTLOOK,
    "msn.com": _OUTLOOK,
    "yahoo.com": _YAHOO,
    "yahoo.co.uk": _YAHOO,
    "icloud.com": _ICLOUD,
    "me.com": _ICLOUD,
    "proton.me": _PROTON,
    "protonmail.com": _PROTON,
}


def inbox_of(address: str) -> dict[str, str] | None:
    """`{"name", "url"}` of the web mail for `address`, or None when the domain is not a well-known one."""
    found = _BY_DOMAIN.get(address.rpartition("@")[2].lower())
    return {"name": found[0], "url": found[1]} if found else None
