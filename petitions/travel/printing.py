"""Paper: a sheet to sign by hand and a poster, as tagged PDF with a QR code (UX 2.9)."""

from typing import Any

from core import identity, paper, qr
from petitions.statements import sharing
from petitions.statements.models import Statement


def sheet(statement: Statement) -> bytes:
    """An A4 page with the text (or the ask, when the text is too long), ten rows to sign, and where to send it."""
    version = statement.version
    return paper.pdf(
        "petitions/sheet.typ",
        _about(statement, "paper")
        | {
            "addressed_to": paper.breakable(statement.addressed_to),
            "body": paper.tree(version.body if version else ""),
            "ask": paper.breakable(statement.summary),
            "contact": statement.contact_email or statement.who.contact_email,
            "controller": statement.who.legal_name,
            "privacy": f"{_short(identity.origin())}/privacy/",
        },
    )


def poster(statement: Statement) -> bytes:
    """An A4 page that is read from two metres: title, QR code, address."""
    return paper.pdf("petitions/poster.typ", _about(statement, "poster"))


def _about(statement: Statement, via: str) -> dict[str, Any]:
    address = sharing.address(statement)
    return {
        "author": statement.who.name,
        "accent": statement.who.accent,
        "title": statement.title,
        "heading": paper.breakable(statement.title),
        "language": statement.language,
        "dir": statement.direction,
        "address": address,
        "short": _short(address),
        "qr": qr.svg(sharing.address(statement, via)),
    }


def _short(address: str) -> str:
    return address.partition("://")[2]
