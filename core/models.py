"""Rows that every app needs: day keys for network addresses, the record, what is switched off."""

import hashlib
import hmac
import secrets
from datetime import date
from typing import Any
from unicodedata import normalize

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.sealed import SealedJSONField
from core.text import fields


class AddressKey(models.Model):
    """Half of the secret of one day, with which network addresses are hashed; destroyed after IP_KEY_DAYS.

    The other half stands in the environment, so that whoever has a copy of the database cannot link the hashes to an
    address, not even by trying all of them; and once this one is destroyed, nobody can.
    """

    day = models.DateField(primary_key=True)
    secret = models.BinaryField(max_length=32)

    @classmethod
    def of(cls, day: date) -> bytes:
        """The 32-byte secret of `day`; its half is made when first asked for, once for all processes."""
        key, _ = cls.objects.get_or_create(day=day, defaults={"secret": secrets.token_bytes(32)})
        return hmac.digest(settings.HASH_SECRET.encode(), b"networks of " + bytes(key.secret), hashlib.sha256)


class AuditDraft(models.Model):
    """A line on its way into the record. The database enters it as its transaction ends, and this row is gone.

    Entering takes a lock until the commit, because lines are chained. So it is always the last lock that is taken, and
    two verbs that both write lines never wait for each other in a circle, whatever else they lock.
    """

    by_id = models.BigIntegerField(null=True, editable=False)
    by_name = fields.LineField(max_length=150, editable=False)
    what = fields.LineField(max_length=600, editable=False)
    model = models.CharField(max_length=100, editable=False)
    object_id = models.CharField(max_length=40, editable=False)
    label = fields.LineField(max_length=200, editable=False)
    why = fields.LineField(max_length=500, blank=True, editable=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.what


class AuditEntry(models.Model):
    """One line of the record: who did what, when, to what, why. Append-only; see core/audit.py.

    The database numbers the lines without gaps and chains them: `hash` is over the line and the hash before it.
    """

    id = models.BigIntegerField(primary_key=True, editable=False)
    at = models.DateTimeField(db_default=Now(), editable=False)
    # Not a foreign key: a line outlives the log-in, and nothing may change or delete it.
    by_id = models.BigIntegerField(null=True, editable=False)
    by_name = models.CharField("who", max_length=150, editable=False)
    what = models.CharField(max_length=600, editable=False)
    model = models.CharField(max_length=100, editable=False)
    object_id = models.CharField(max_length=40, editable=False)
    label = models.CharField("to what", max_length=200, editable=False)
    why = models.CharField(max_length=500, blank=True, editable=False)
    hash = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name = _("line in the record")
        verbose_name_plural = _("record")
        indexes = [models.Index(fields=["model", "object_id"], name="auditentry_object")]

    def __str__(self) -> str:
        return f"{self.id}. {self.what}"


class Tombstone(models.Model):
    """That something of a mailbox is gone for good: a keyed hash and what it was, never who (core/tombstones.py).

    Only ever added to; the database lets nothing but `copied_at` be filled in, once (core/schema.py).
    """

    class Why(models.TextChoices):
        WITHDRAWN = "withdrawn", _("taken back by its owner")
        REMOVED = "removed", _("removed by staff")
        ERASED = "erased", _("erased at its owner's wish")
        SUPPRESSED = "suppressed", _("never to be written to")
        LIFTED = "lifted", _("to be written to again")

    subject = models.BinaryField(max_length=16, editable=False, help_text=_("Keyed hash of the mailbox."))
    kind = models.CharField(max_length=16, blank=True, editable=False, help_text=_("What is gone; empty: everything."))
    scope = models.BigIntegerField(null=True, editable=False, help_text=_("The statement; empty: everywhere."))
    which = models.CharField(
        max_length=32, blank=True, default="", editable=False, help_text=_("Which of several of one mailbox there.")
    )
    why = models.CharField(max_length=10, choices=Why.choices, editable=False)
    at = models.DateTimeField(db_default=Now(), editable=False)
    copied_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["subject", "id"], name="tombstone_subject"),
            models.Index(fields=["id"], name="tombstone_to_copy", condition=Q(copied_at=None)),
        ]

    def __str__(self) -> str:
        return f"Tombstone {self.pk}"


class Switch(models.Model):
    """Something that does not stand as usual. No row: it does.

    Usually that is something which staff switched off, with the sentence that visitors read; of an extra
    (core/switches.py) it is one that was switched on, by staff or, until `until`, by the site itself.
    """

    name = models.CharField(max_length=20, primary_key=True)
    sentence = fields.LineField(max_length=200, filled=True)
    off_since = models.DateTimeField(db_default=Now(), editable=False)
    until = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return self.name


class KeysOn(models.Model):
    """Somebody who switched single keys on in the queues. No row: they are off (WCAG 2.1.4)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")

    def __str__(self) -> str:
        return gettext("Keys of %(user)s") % {"user": self.user}


def redirect_key(address: str) -> str:
    """A path as redirects are looked up: NFC, lower case, single slashes, none at the end, no query and no fragment."""
    path = address.partition("#")[0].partition("?")[0]
    parts = [part for part in normalize("NFC", path.replace("\0", "")).lower().split("/") if part]
    return "".join(f"/{part}" for part in parts)


class RedirectKeyField(models.CharField):
    """The path of an address, in the one spelling that is looked up."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return redirect_key(value) if isinstance(value, str) else value

    def to_python(self, value: Any) -> Any:
        """The target as typed, which may be a whole address of this site."""
        value = super().to_python(value)
        return redirect_key(value.strip().removeprefix(settings.ORIGIN)) if isinstance(value, str) else value


# Never redirect to another site: browsers take "//" and "/\\" for the beginning of a host, and drop line ends.
STAYS_HERE = r"^/([^/\\\s]\S*)?$"
STAY_HERE = _("Write a path on this site that begins with one “/”.")


class Redirect(models.Model):
    """An address that leads to another one of this site for ever; core/redirects.py tells the rest."""

    path = RedirectKeyField(
        _("old address"), max_length=300, unique=True, help_text=_("A path on this site, such as /petition/libraries.")
    )
    target = models.CharField(
        _("leads to"), max_length=300, help_text=_("A path on this site, such as /statements/libraries/.")
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="redirect_from_a_path",
                condition=Q(path__regex=r"^(/[^/?#]+)+$"),
                violation_error_message=_("Write a path on this site that begins with “/”, and not the home page."),
            ),
            models.CheckConstraint(
                name="redirect_stays_here",
                condition=Q(target__regex=STAYS_HERE),
                violation_error_message=STAY_HERE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.path} → {self.target}"


class FormDraft(models.Model):
    """One revision of an unsaved form of the desk; see core/drafts.py."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", editable=False)
    model = models.CharField(max_length=100, editable=False)
    object_id = models.CharField(max_length=40, blank=True, editable=False)  # empty: the form adds a row
    typed = SealedJSONField(of="draft", default=dict, editable=False)  # lists of what was posted, by name
    begun_at = models.DateTimeField(db_default=Now(), editable=False)
    kept_at = models.DateTimeField(db_default=Now(), editable=False)
    # Once the form was saved it waits no longer, and can still be looked at.
    is_settled = models.BooleanField(default=False, db_default=False, editable=False)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["user", "model", "object_id", "-id"], name="formdraft_of_a_form")]

    def __str__(self) -> str:
        told = {"number": self.pk, "model": self.model, "row": self.object_id}
        return (gettext("Draft %(number)s of %(model)s %(row)s") % told).strip()


class Looking(models.Model):
    """Somebody who has a page of the desk before them; core/company.py tells the rest."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", editable=False)
    model = models.CharField(max_length=100, editable=False)
    object_id = models.CharField(max_length=40, blank=True, editable=False)  # empty: the list
    seen_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["model", "object_id", "user"], name="looking_once")]

    def __str__(self) -> str:
        return f"{self.user} at {self.model} {self.object_id}".strip()
