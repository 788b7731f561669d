"""The organisations themselves: naming, finding, renaming and merging them."""

from itertools import count

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise as Lazy
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from core import audit, desk, redirects
from core.audit import Staff
from core.text import order
from organisations import likeness, listing
from organisations.models import Endorsement, Logo, Organisation
from petitions.models import Statement


class DirectoryError(Exception):
    """Base of the refusals; the text is for the person who tried."""

    message: str | Lazy = ""

    def __str__(self) -> str:
        return str(self.message)


class NameTaken(DirectoryError):
    """Two organisations of one name in one town would be taken for each other."""

    message = _("There is an organisation of that name in that town already. Merge them, or add a town.")


class SameOrganisation(DirectoryError):
    """Nothing can be merged with itself."""

    message = _("Choose another organisation to merge into this one.")


class MergedMeanwhile(DirectoryError):
    """A colleague has merged it meanwhile; a merge cannot be undone."""

    message = _("This organisation was merged into another one meanwhile. Choose again.")


class OwnBranch(DirectoryError):
    """A branch of its own branch."""

    message = _("An organisation cannot be a branch of itself or of its own branch.")


def lock() -> None:
    """Lock the directory: others who make, rename or merge organisations wait until this transaction ends.

    Always taken before the lock of a statement, never after it, so that two who decide never wait in a circle.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('organisations', 0))")


def lock_pages(*organisations: Organisation | None, also: int | None = None) -> list[Statement]:
    """The statements whose pages name these organisations or their branches, locked in one order; `also` is one more.

    Before anything is written: who changes an organisation drops the kept pages of all of them in the end. The caller
    holds the `lock`, so no statement can join them meanwhile.
    """
    known = [organisation.pk for organisation in organisations if organisation and organisation.pk]
    named = Endorsement.objects.filter(Q(organisation__in=known) | Q(organisation__parent__in=known))
    pages = Statement.objects.filter(Q(pk__in=named.values("statement")) | Q(pk=also))
    return list(pages.select_for_update(no_key=True).order_by("pk"))


def is_in_hand(organisation: Organisation, by: Staff) -> bool:
    """Whether `by` looks after every statement whose page names this organisation or a branch of it.

    Who does not may list it as it is, and changes nothing of it: others answer for how it is called on their pages.
    """
    named = Endorsement.objects.filter(Q(organisation=organisation) | Q(organisation__parent=organisation))
    return by is None or desk.sees_all(by, named)


def _refuse_gone(*organisations: Organisation | None) -> None:
    wanted = {organisation.pk for organisation in organisations if organisation and organisation.pk}
    if Organisation.objects.filter(pk__in=wanted).count() < len(wanted):
        raise MergedMeanwhile


def find(*, name: str, town: str) -> Organisation | None:
    """The organisation that goes by this name in this town, in any spelling, or None."""
    return Organisation.objects.filter(key=likeness.key(name), town__iexact=town).first()


@transaction.atomic
def describe(
    *,
    organisation: Organisation | None = None,
    name: str,
    kind: str,
    town: str = "",
    website: str = "",
    logo: Logo | None = None,
    parent: Organisation | None = None,
    by: Staff = None,
) -> Organisation:
    """Store what is known of an organisation; None makes a new one. Its address stays when it is renamed.

    Raises NameTaken, OwnBranch, MergedMeanwhile.
    """
    lock()
    lock_pages(organisation)
    _refuse_gone(organisation, parent)
    organisation = organisation or Organisation(slug=free_slug(name))
    _refuse_circle(organisation, parent)
    organisation.name, organisation.kind, organisation.town, organisation.website = name, kind, town, website
    organisation.logo, organisation.parent = logo, parent
    organisation.key, organisation.sort_key = likeness.key(name), order.key(name)
    try:
        with transaction.atomic():
            organisation.save()
    except IntegrityError as error:
        if "organisation_once_in_a_town" not in str(error):
            raise
        raise NameTaken from error
    audit.record(by=by, on=organisation, what="Described")
    _touch(organisation)
    return organisation


def _refuse_circle(organisation: Organisation, parent: Organisation | None) -> None:
    while parent is not None:
        if parent.pk == organisation.pk:
            raise OwnBranch
        parent = parent.parent


def free_slug(name: str) -> str:
    """An address that no organisation has or had."""
    stem = slugify(name)[:70].strip("-") or "organisation"
    for number in count(1):
        slug = stem if number == 1 else f"{stem}-{number}"
        if not Organisation.objects.filter(slug=slug).exists() and not redirects.is_old(_address(slug)):
            return slug
    raise AssertionError("numbers do not end")


def _touch(organisation: Organisation) -> None:
    """Drop the kept pages that show this organisation, or a branch that names it."""
    shown = Endorsement.objects.listed().filter(organisation__in=[organisation, *organisation.branches.all()])
    for statement in Statement.objects.filter(pk__in=shown.values("statement")):
        Statement.objects.touch(statement)


@transaction.atomic
def merge(*, keep: Organisation, gone: Organisation, by: Staff = None) -> Organisation:
    """Make two rows of one organisation one. Every endorsement stays; the address of `gone` redirects to `keep`.

    Where both were listed on a statement, the one that was listed first stays listed (the better place and the newer
    words with it), and the other is kept as withdrawn, so the count tells the truth. Raises SameOrganisation,
    MergedMeanwhile.
    """
    if keep.pk == gone.pk:
        raise SameOrganisation
    lock()
    statements = lock_pages(keep, gone)
    if len(Organisation.objects.select_for_update().filter(pk__in=[keep.pk, gone.pk]).order_by("pk")) < 2:
        raise MergedMeanwhile
    keep.refresh_from_db()
    gone.refresh_from_db()
    for statement in statements:
        _fold_twins(statement, keep, gone)
    Endorsement.objects.filter(organisation=gone).update(organisation=keep)
    _inherit(keep, gone)
    audit.record(by=by, on=keep, what=f"Merged “{gone.name}” into it")
    for statement in statements:
        listing.recount(statement=statement)
    _touch(keep)
    return keep


def _fold_twins(statement: Statement, keep: Organisation, gone: Organisation) -> None:
    both = Endorsement.objects.listed().filter(statement=statement, organisation__in=[keep, gone])
    twins = list(both.order_by("-is_initial", "listed_at", "pk"))
    for twin in twins[1:]:
        listing.unlist(twin, state=Endorsement.State.WITHDRAWN, decided_reason=f"The same as endorsement {twins[0].pk}")


def _inherit(keep: Organisation, gone: Organisation) -> None:
    """Give `keep` what `gone` had and it has not, then delete `gone`: both may not bear one name in one town."""
    Organisation.objects.filter(parent=gone).exclude(pk=keep.pk).update(parent=keep)
    if keep.parent_id in {None, gone.pk}:
        keep.parent = gone.parent if gone.parent_id != keep.pk else None
    keep.logo, keep.website = keep.logo or gone.logo, keep.website or gone.website
    keep.town = keep.town or (gone.town if keep.key == gone.key else "")
    gone.delete()
    keep.save()
    redirects.move(old=_address(gone.slug), new=keep.get_absolute_url())


def _address(slug: str) -> str:
    return reverse("organisation", args=[slug])
