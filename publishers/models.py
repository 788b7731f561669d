"""Who publishes, how it looks, its pages and its people. Names of fields are a contract (DESIGN 4)."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import identity, richtext, roles
from core.speed import links
from core.text import fields
from publishers import bases, packs, typefaces

COLOUR = r"^#[0-9a-f]{6}$"


class Picture(models.Model):
    """A picture that was drawn anew from what somebody sent: WebP, without metadata (core/pictures.py).

    Its name tells content and size, `<32 hexadecimal digits>-<width>x<height>`, so it may be kept for ever, and a page
    knows how much room it takes. It rests in the database, as logos of organisations do (docs/decisions/0009).
    """

    name = models.CharField(max_length=48, primary_key=True, editable=False)
    data = models.BinaryField(max_length=1_000_000)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(name="picture_named", condition=Q(name__regex=r"^[0-9a-f]{32}-[0-9]+x[0-9]+$")),
        ]

    def __str__(self) -> str:
        return self.name


def picture(name: str | None, words: str = "") -> identity.Picture | None:
    """How pages show the picture of that name, by its name alone."""
    if not name:
        return None
    width, _, height = name.partition("-")[2].partition("x")
    return identity.Picture(links.path("publisher_picture", name), int(width), int(height), words)


class Publisher(models.Model):
    """A group that puts statements online: one brand through page, mail, card, paper and embed.

    `legal_name` and `legal_address` are the controller's (GDPR Art. 4(7)). The one with the lowest `position` is the
    site's own: its words stand on pages that belong to nobody else.
    """

    name = fields.LineField(max_length=80, filled=True, help_text=_("As people know it."))
    slug = fields.SlugField(
        _("short name"), max_length=80, unique=True, filled=True, help_text=_("The end of its page's address.")
    )
    position = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    # The first of its hosts as an origin, kept true by publishers/hosting.py; empty: its pages are at the site's own.
    origin = models.CharField(max_length=270, blank=True, default="", db_default="", editable=False)
    legal_name = fields.LineField(
        max_length=200, filled=True, help_text=_("Who answers in law for people's data: an association, a person.")
    )
    legal_address = fields.ProseField(
        max_length=400, blank=True, help_text=_("Where to write to them by post; it stands in the privacy notice.")
    )
    contact_email = fields.AddressField(
        _("contact address"), max_length=254, filled=True, help_text=_("Where readers write to. A person reads it.")
    )
    mail_from = fields.AddressField(
        _("From address"),
        max_length=254,
        blank=True,
        help_text=_("Mails come from this address. Empty: the site's own. Its domain must let this server send."),
    )
    fediverse = models.CharField(
        _("fediverse account"),
        max_length=120,
        blank=True,
        validators=[RegexValidator(r"^@[\w.-]+@[\w-]+(\.[\w-]+)+$", _("Write it like @eastside@union.place."))],
        help_text=_("Such as @eastside@union.place: Mastodon names it beside shared links."),
    )
    logo = models.ForeignKey(Picture, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    header = models.ForeignKey(Picture, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    header_small = models.ForeignKey(
        Picture, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    header_words = fields.LineField(
        _("description of the header picture"),
        max_length=200,
        blank=True,
        help_text=_("What the header picture shows, for people who don't see it."),
    )
    accent = models.CharField(max_length=7, default=identity.ACCENT, db_default=identity.ACCENT)
    pair = models.CharField(
        _("typefaces"),
        max_length=20,
        blank=True,
        choices=typefaces.CHOICES,
        help_text=_("Headings and statements; everything else."),
    )
    introduction = richtext.RichTextField(blank=True, help_text=_("Who you are, at the top of the home page."))
    foot_words = fields.ProseField(
        _("words at the foot"), max_length=400, blank=True, help_text=_("At the foot of every page.")
    )
    menu = fields.ProseField(max_length=2000, blank=True)
    links = fields.ProseField(max_length=2000, blank=True)
    share_words = fields.LineField(
        _("words to share"),
        max_length=200,
        blank=True,
        help_text=_("What people send to friends unless a statement has its own words."),
    )
    privacy_words = richtext.RichTextField(
        _("your own words on privacy"), blank=True, help_text=_("Your own words under the privacy notice.")
    )
    accessibility_words = richtext.RichTextField(
        _("your own words on accessibility"), blank=True, help_text=_("Your own words on the accessibility page.")
    )
    pack = models.CharField(
        _("country"),
        max_length=2,
        choices=packs.CHOICES,
        default=packs.FIRST,
        db_default=packs.FIRST,
        help_text=_("Which law and which regulator the privacy notice names, and how postcodes look."),
    )
    # Chosen with a reason, by a verb of their own (publishers/grounding.py).
    basis = models.CharField(
        max_length=8, choices=bases.CHOICES, default=bases.CONSENT, db_default=bases.CONSENT, editable=False
    )
    basis_law = fields.LineField(max_length=200, blank=True, db_default="", editable=False)
    joint_controllers = fields.ProseField(max_length=1000, blank=True, db_default="", editable=False)
    children_words = fields.LineField(max_length=300, blank=True, db_default="", editable=False)
    quiet_subjects = models.BooleanField(
        _("subject lines that name no cause"),
        default=False,
        db_default=False,
        help_text=_(
            "What somebody signed then stands in the mail and not in its subject line, which mail servers keep and"
            " screens show."
        ),
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["position", "id"]
        permissions = [
            ("view_documents", "Can read the documents of data protection"),
            ("choose_basis", "Can choose the ground of the law"),
        ]
        constraints = [
            models.CheckConstraint(
                name="publisher_task_names_its_law",
                condition=Q(basis__in=[bases.CONSENT, bases.MEMBERS]) | (Q(basis=bases.TASK) & ~Q(basis_law="")),
                violation_error_message=_("Name the law that gives you the task."),
            ),
            models.CheckConstraint(
                name="publisher_origin_is_one",
                condition=Q(origin="") | Q(origin__regex=r"^https?://[a-z0-9.-]+(:[0-9]+)?$"),
                violation_error_message=_("Write an origin like https://eastside.example."),
            ),
            models.CheckConstraint(name="publisher_accent_is_a_colour", condition=Q(accent__regex=COLOUR)),
            models.CheckConstraint(
                name="publisher_header_is_described",
                condition=Q(header=None) | ~Q(header_words=""),
                violation_error_message=_("Say what the header picture shows, for people who don't see it."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return links.path("publisher", self.slug)


class Host(models.Model):
    """A name under which a publisher's pages are reached; one name is one publisher's."""

    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE, related_name="hosts")
    name = models.CharField(max_length=253, unique=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="host_in_small_letters", condition=Q(name__regex=r"^[a-z0-9.-]+(:[0-9]+)?$")),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One person of the staff who works for one publisher, and as what."""

    class Role(models.TextChoices):
        ADMINISTRATOR = "administrator", roles.ADMINISTRATOR
        CAMPAIGNER = "campaigner", roles.CAMPAIGNER
        MODERATOR = "moderator", roles.MODERATOR
        AUDITOR = "auditor", roles.AUDITOR

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=13, choices=Role.choices)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "publisher"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()} of {self.publisher}"


class Page(models.Model):
    """A page that a publisher wrote: About, Press, anything. It stands at /pages/<slug>/."""

    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE, related_name="pages")
    title = fields.LineField(max_length=120, filled=True)
    slug = fields.SlugField(max_length=80, unique=True, filled=True, help_text=_("The end of the page's address."))
    summary = fields.LineField(max_length=200, blank=True, help_text=_("One sentence, for search engines and links."))
    body = richtext.RichTextField()
    language = models.CharField(max_length=8, default="en", help_text=_("Such as en, cy or ar."))
    in_menu = models.BooleanField(_("in the menu"), default=True, db_default=True)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["publisher", "title"]
        permissions = [("publish_page", "Can publish pages and take them off the site")]
        constraints = [
            models.CheckConstraint(name="page_published_has_text", condition=Q(published_at=None) | ~Q(body="")),
            models.CheckConstraint(
                name="page_changed_after_publishing",
                condition=Q(published_at=None) | Q(changed_at__gte=F("published_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return links.path("page", self.slug)
