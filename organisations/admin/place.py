"""The Supporters tab of a statement's workplace (petitions/admin/place.py)."""

from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from core.desk import Staff
from organisations.models import Motion
from petitions.admin.place import part, tab
from petitions.models import Statement

SEES = "organisations.view_endorsement"


def _says(user: Staff, statement: Statement) -> str:
    number = statement.organisations
    return ngettext("%(number)s organisation", "%(number)s organisations", number) % {"number": f"{number:,}"}


def _motion(statement: Statement) -> str:
    found = Motion.objects.filter(statement=statement).first()
    if found:
        return reverse("admin:organisations_motion_change", args=[found.pk])
    return reverse("admin:organisations_motion_add") + f"?statement={statement.pk}"


tab("supporters", gettext_lazy("Supporters"), 40, _says)
part("supporters", gettext_lazy("To check"), address="organisations_endorsement", permission=SEES)
part(
    "supporters",
    gettext_lazy("Listed"),
    address="organisations_endorsement",
    permission=SEES,
    query="?state=listed",
)
part("supporters", gettext_lazy("All"), address="organisations_endorsement", permission=SEES, query="?state=all")
part(
    "supporters",
    gettext_lazy("Not confirmed yet"),
    address="organisations_endorsementsubmission",
    permission="organisations.view_endorsementsubmission",
)
part(
    "supporters",
    gettext_lazy("Enter names"),
    address="organisations_endorsement_enter",
    permission="organisations.change_endorsement",
    is_list=False,
)
part(
    "supporters",
    gettext_lazy("Order of initial supporters"),
    address="organisations_endorsement_arrange",
    permission="organisations.change_endorsement",
    is_list=False,
)
part(
    "supporters",
    gettext_lazy("Model motion"),
    address="organisations_motion",
    permission="organisations.add_motion",
    find=_motion,
)
