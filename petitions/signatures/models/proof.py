"""What proves the count: blocks of leaves that name nobody, the key of each leaf, and the root of each day.

petitions/signatures/proof.py tells how they hang together.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from petitions.statements.models import Statement


class CountBlock(models.Model):
    """Up to 1,024 leaves of a statement, in their order; one that is full never changes again."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    leaves = models.BinaryField(help_text=_("Hashes of leaves, 32 bytes each."))
    root = models.BinaryField(max_length=32, help_text=_("The root over them."))

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["statement", "number"], name="countblock_once")]

    def __str__(self) -> str:
        return f"Block {self.number}"


class CountKey(models.Model):
    """The key with which a signature's leaf was made. It goes with the signature, and then nobody can say whose it was.

    No foreign key: the database deletes it, whichever way the signature goes (petitions/schema.py).
    """

    signature_id = models.BigIntegerField(primary_key=True)
    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="+")
    place = models.PositiveIntegerField(help_text=_("Which leaf of the statement, from 0."))
    key = models.BinaryField(max_length=16)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Leaf {self.place}"


class CountRoot(models.Model):
    """The root over all leaves of a statement at the end of a day, as it is published."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="count_roots", db_index=False)
    day = models.DateField()
    size = models.PositiveIntegerField(help_text=_("How many leaves there were."))
    gone = models.PositiveIntegerField(help_text=_("How many of them counted no more."))
    root = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(fields=["statement", "day"], name="countroot_once_a_day"),
            models.CheckConstraint(
                name="countroot_is_a_hash",
                condition=Q(root__regex=r"^[0-9a-f]{64}$") & Q(gone__lte=models.F("size")),
                violation_error_message=_("A root is a SHA-256, and no more can be gone than there were."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.root}"
