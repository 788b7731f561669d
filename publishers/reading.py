"""How a publisher's row becomes what the public reads (core/identity.py): in one query, with its menu and look."""

from django.db.models import QuerySet

from core import hosts, identity
from core.identity import Identity
from publishers import look, menus
from publishers.models import Host, Publisher, picture


@identity.read_by
def read(pk: int | None) -> Identity | None:
    """The publisher of that row id, or the site's first; None where there is none."""
    rows: QuerySet[Publisher] = Publisher.objects.all()
    found = (rows.filter(pk=pk) if pk is not None else rows).first()
    return identity_of(found) if found else None


def identity_of(publisher: Publisher) -> Identity:
    """What the public reads of it, worked out from the row alone."""
    large, small = (picture(name, publisher.header_words) for name in (publisher.header_id, publisher.header_small_id))
    ours = identity.from_environment()
    dark = look.accent(publisher.accent, "dark")
    return Identity(
        pk=publisher.pk,
        slug=publisher.slug,
        origin=publisher.origin,
        name=publisher.name,
        legal_name=publisher.legal_name,
        legal_address=publisher.legal_address,
        contact_email=publisher.contact_email,
        mail_from=publisher.mail_from or ours.mail_from,
        fediverse=publisher.fediverse,
        introduction=publisher.introduction,
        foot_words=publisher.foot_words,
        share_words=publisher.share_words,
        privacy_words=publisher.privacy_words,
        accessibility_words=publisher.accessibility_words,
        pack=publisher.pack,
        basis=publisher.basis,
        basis_law=publisher.basis_law,
        joint_controllers=publisher.joint_controllers,
        children_words=publisher.children_words,
        quiet_subjects=publisher.quiet_subjects,
        accent=look.accent(publisher.accent, "light").colour,
        accent_dark=dark.colour,
        on_dark=dark.on,
        pair=publisher.pair,
        sheet=look.path(publisher.accent, publisher.pair),
        logo=picture(publisher.logo_id),
        header=tuple(filter(None, (large, small))),
        menu=menus.links(publisher.menu),
        links=menus.links(publisher.links),
    )


@hosts.read_by
def hosts_of_publishers() -> dict[str, int]:
    """By name, whose each host is."""
    return dict(Host.objects.values_list("name", "publisher"))


def learn(publisher: Publisher) -> Identity:
    """Remember a row that was just read together with something else."""
    return identity.learn(identity_of(publisher), is_first=publisher.position == 0)


def at_home() -> QuerySet[Publisher]:
    """Those whose pages are at the origin that was asked: the host's, or all without a host of their own."""
    here = identity.here()
    return Publisher.objects.filter(origin="") if here is None else Publisher.objects.filter(pk=here)
