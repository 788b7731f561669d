"""What staff type about a publisher and its pages. What can't be used is told beside its field, and nothing is lost."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import redirects
from core.text.boxes import TextBox
from core.text.kinds import PROSE
from publishers import describing, drawing, hosting, look, menus
from publishers.drawing import BadPicture
from publishers.models import Page, Picture, Publisher

LINES = gettext_lazy("One link a line: its words, then its address. Such as: About /pages/about/")
PICTURE = gettext_lazy("A PNG, JPEG or WebP picture of at most 8 MB. It is drawn anew and made smaller.")


def _lines(label: Any) -> TextBox:
    widget = forms.Textarea(attrs={"rows": 4, "cols": 60, "class": "vLargeTextField"})
    return TextBox(kind=PROSE, label=label, max_length=2000, required=False, widget=widget, help_text=LINES)


class PublisherForm(forms.ModelForm):
    """One publisher. A picture that could be used is kept while something else is mended."""

    accent = forms.CharField(
        label=gettext_lazy("Accent colour"),
        max_length=40,
        help_text=gettext_lazy("Of the button and the bar. Such as #9b1c2e, teal or rgb(0, 128, 128)."),
    )
    menu = _lines(gettext_lazy("Menu"))
    links = _lines(gettext_lazy("Links to your own site and accounts"))
    logo_file = forms.FileField(label=gettext_lazy("Logo"), required=False, help_text=PICTURE)
    kept_logo = forms.CharField(required=False, widget=forms.HiddenInput)
    drop_logo = forms.BooleanField(label=gettext_lazy("Use no logo"), required=False)
    header_file = forms.FileField(label=gettext_lazy("Header picture"), required=False, help_text=PICTURE)
    kept_header = forms.CharField(required=False, widget=forms.HiddenInput)
    hosts = forms.CharField(
        label=gettext_lazy("Hosts"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60, "class": "vLargeTextField"}),
        help_text=gettext_lazy(
            "Names such as eastside.example, which must point to this server. The first stands in links and mails, and "
            "links to where the pages were lead there. Empty: the site’s own."
        ),
    )
    drop_header = forms.BooleanField(label=gettext_lazy("Use no header picture"), required=False)

    class Meta:
        model = Publisher
        fields = describing.WORDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logo: Picture | None = None
        self.header: tuple[Picture, Picture] | None = None
        if self.instance.pk:
            self.initial["hosts"] = " ".join(self.instance.hosts.values_list("name", flat=True))

    def clean_hosts(self) -> list[str]:
        """Their names; refuse what can't be one, and what is somebody else's."""
        try:
            return hosting.free(self.instance.pk, [self.cleaned_data["hosts"]])
        except hosting.HostingError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_accent(self) -> str:
        """Any colour that can be read; one that can't be read on paper is moved, and the page says so."""
        typed = self.cleaned_data["accent"]
        try:
            return look.read_colour(typed)
        except ValueError as error:
            raise forms.ValidationError(
                _("We can’t read “%(typed)s” as a colour. Write it like #9b1c2e.") % {"typed": typed}
            ) from error

    def clean_menu(self) -> str:
        """Refuse a line that leads nowhere."""
        return self._links("menu")

    def clean_links(self) -> str:
        """Refuse a line that leads nowhere."""
        return self._links("links")

    def _links(self, name: str) -> str:
        try:
            menus.check(self.cleaned_data[name])
        except menus.BadLine as error:
            raise forms.ValidationError(str(error)) from error
        return self.cleaned_data[name]

    def clean_logo_file(self) -> None:
        """Draw it anew; say why it can't be used."""
        self.logo = self._picture("logo", lambda file: [drawing.logo(file)])[0]

    def clean_header_file(self) -> None:
        """The same, in two sizes."""
        large, small = self._picture("header", lambda file: list(drawing.header(file)), of=2)
        self.header = (large, small) if large and small else None

    def _picture(self, name: str, draw: Callable[[Any], list[drawing.Drawing]], of: int = 1) -> list[Picture | None]:
        """The pictures of the file that was sent now, or of the one that was kept when the form was sent before."""
        file = self.cleaned_data[f"{name}_file"]
        if file is None:
            names = self.data.get(f"kept_{name}", "").split()
            found = [Picture.objects.filter(pk=one).first() for one in names]
            return found if len(found) == of and all(found) else [None] * of
        try:
            kept: list[Picture | None] = [drawing.keep(drawn) for drawn in draw(file)]
        except BadPicture as error:
            raise forms.ValidationError(str(error)) from error
        if isinstance(self.data, QueryDict):
            self.data = self.data.copy()
            self.data[f"kept_{name}"] = " ".join(str(one) for one in kept)
        return kept

    def clean(self) -> dict[str, Any]:
        """A header picture is for everybody, so it is described."""
        data = super().clean() or self.cleaned_data
        has_header = self.header or (self.instance.header_id and not data.get("drop_header"))
        if has_header and not data.get("header_words") and "header_words" not in self.errors:
            self.add_error("header_words", _("Say what the header picture shows, for people who don't see it."))
        return data

    def _get_validation_exclusions(self) -> set[str]:
        """The row's own header is not yet what it will be, so `clean` asks in its place."""
        return {*super()._get_validation_exclusions(), "header"}  # type: ignore[misc]  # the stubs leave it out


class PageForm(forms.ModelForm):
    """One page, public or not."""

    is_public = forms.BooleanField(
        label=gettext_lazy("Public"), required=False, help_text=gettext_lazy("Everybody can read it.")
    )

    class Meta:
        model = Page
        fields = ["publisher", "title", "slug", "summary", "body", "language", "in_menu"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["is_public"] = bool(self.instance.published_at)

    def clean_slug(self) -> str:
        """Refuse an address that leads to another page."""
        slug = self.cleaned_data["slug"]
        own = Page(slug=self.initial["slug"]).get_absolute_url() if self.initial.get("slug") else ""
        if redirects.is_old(Page(slug=slug).get_absolute_url(), besides=own):
            raise forms.ValidationError(_("This address leads to another page already. Choose another one."))
        return slug
