"""Pages that a publisher writes: stored, published, moved and taken away by these verbs, whoever asks."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import audit, redirects
from core.audit import Staff
from publishers import describing, menus
from publishers.models import Page


class PageError(Exception):
    """Something that cannot be done as things stand; the text says why."""


@transaction.atomic
def save(*, page: Page, by: Staff = None) -> Page:
    """Store a page, new or changed, and bring the menu up to date; an address that it had before leads to the new one.

    Raises PageError when its new address is an old one of another page.
    """
    before = Page.objects.select_for_update().filter(pk=page.pk).first() if page.pk else None
    if (before is None or before.slug != page.slug) and redirects.is_old(
        page.get_absolute_url(), besides=before.get_absolute_url() if before else ""
    ):
        raise PageError(_("This address leads to another page already. Choose another one."))
    page.changed_at = Now()  # the database's clock
    page.save()
    page.refresh_from_db()
    if before is not None and before.published_at and before.slug != page.slug:
        redirects.move(old=before.get_absolute_url(), new=page.get_absolute_url())
    _list(page, was=before.get_absolute_url() if before else page.get_absolute_url())
    audit.record(by=by, on=page, what="Wrote the page")
    return page


@transaction.atomic
def publish(*, page: Page, by: Staff = None) -> Page:
    """Let everybody read it."""
    Page.objects.filter(pk=page.pk).update(published_at=Now(), changed_at=Now())
    page.refresh_from_db()
    _list(page, was=page.get_absolute_url())
    audit.record(by=by, on=page, what="Published the page")
    return page


@transaction.atomic
def withdraw(*, page: Page, by: Staff = None) -> Page:
    """Let nobody read it any more; its words stay on the desk."""
    Page.objects.filter(pk=page.pk).update(published_at=None, changed_at=Now())
    page.refresh_from_db()
    _list(page, was=page.get_absolute_url())
    audit.record(by=by, on=page, what="Took the page off the site")
    return page


def _list(page: Page, *, was: str) -> None:
    """Its line in the menu: there while it is public and wants to be, under its title, at its address."""
    publisher = type(page.publisher).objects.select_for_update().get(pk=page.publisher_id)
    new = page.get_absolute_url() if page.in_menu and page.published_at else ""
    title = page.title[: menus.LONGEST]
    menu = menus.moved(publisher.menu, old=was, new=new, label=title)
    if menu != publisher.menu:
        publisher.menu = menu
        publisher.save(update_fields=["menu"])
        describing.told(publisher)
