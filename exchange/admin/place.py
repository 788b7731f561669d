"""The Hand over tab of a statement's workplace (petitions/admin/place.py)."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.desk import Staff
from exchange.models import HandOver
from petitions.admin.place import part, tab
from petitions.models import Statement


def _says(user: Staff, statement: Statement) -> str:
    handed = HandOver.objects.filter(pack__statement=statement).count()
    if not handed:
        return _("Not handed over yet")
    return ngettext("handed over %(number)s time", "handed over %(number)s times", handed) % {"number": handed}


tab("hand-over", gettext_lazy("Hand over"), 85, _says)
part(
    "hand-over", gettext_lazy("Hand-over packs"), address="exchange_pack", permission="exchange.view_pack",
)  # fmt: skip
part("hand-over", gettext_lazy("Farewells"), address="exchange_farewell", permission="exchange.view_farewell")
