"""When an event takes place, as staff type it: by the clocks on the wall there, or in whole days."""

from datetime import date, datetime, time
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import period, redirects
from core.admin import DateAndTime
from core.moments import within_reach
from petitions.actions.models import Event

ENDS = ("starts_at", "ends_at")
Wall = tuple[date, time | None]


class WallClock(DateAndTime):
    """A date and a time that nothing converts; a day alone has none."""

    def decompress(self, value: Any) -> tuple[date | None, time | None]:
        if isinstance(value, datetime):
            return value.date(), value.time()
        return value or None, None


class WallClockField(forms.SplitDateTimeField):
    """A date and an optional time, by the clocks of the event's place."""

    widget = WallClock

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(require_all_fields=False, **kwargs)
        for part in self.fields:
            part.required = False
        self.fields[0].validators.append(within_reach)

    def compress(self, data_list: Any) -> Any:
        """The two (a Wall), or None. Raises ValidationError for a time of no day."""
        if not any(data_list):
            return None
        if data_list[0] is None:
            raise forms.ValidationError(_("Write the date, too."))
        return data_list[0], data_list[1]


class EventForm(forms.ModelForm):
    """An event; its times are those of the clock on the wall where it takes place.

    An hour that is left out there in spring, or comes twice in autumn, is asked about: then one of the fields
    `starts_at_means` and `ends_at_means` is shown.
    """

    starts_at = WallClockField(label=gettext_lazy("Starts at"))
    starts_at_means = forms.CharField(required=False, label=gettext_lazy("The start is"), widget=forms.HiddenInput)
    ends_at = WallClockField(
        label=gettext_lazy("Ends at"), required=False, help_text=gettext_lazy("Of whole days: the last of them.")
    )
    ends_at_means = forms.CharField(required=False, label=gettext_lazy("The end is"), widget=forms.HiddenInput)
    timezone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("The times above are in this zone."),
        error_messages={"invalid_choice": gettext_lazy("Choose a time zone from the list, such as Europe/London.")},
    )

    class Meta:
        model = Event
        fields = ["starts_at", "ends_at", "timezone", "whole_days"]
        labels = {"online_url": gettext_lazy("Online at"), "details_url": gettext_lazy("More details at")}
        help_texts = {"whole_days": gettext_lazy("No times: a camp, a week of action. Leave the times empty.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        event = self.instance
        cast(forms.ChoiceField, self.fields["timezone"]).choices = period.choices(event.timezone)
        if event.pk:
            when = event.period
            ends = (when.first_day, when.last_day) if when.whole_days else (when.local_start, when.local_end)
            naive = [end.replace(tzinfo=None) if isinstance(end, datetime) else end for end in ends]
            self.initial.update(zip(ENDS, naive, strict=True))

    def _get_validation_exclusions(self) -> set[str]:
        """Skip further checks of a period that could not be read."""
        unread = {*ENDS, "timezone"} & self.errors.keys()
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # the stubs leave it out
        return excluded | ({*ENDS, "whole_days"} if unread else set())

    def clean_slug(self) -> str:
        """Refuse an address that leads to another event."""
        slug = self.cleaned_data["slug"]
        own = self.instance.get_absolute_url() if self.instance.slug else ""
        if redirects.is_old(Event(slug=slug).get_absolute_url(), besides=own):
            raise forms.ValidationError(_("This address leads to another event, which had it before."))
        return slug

    def clean(self) -> dict[str, Any]:
        """Read what was typed as times, or days, in the event's own zone."""
        data = super().clean() or self.cleaned_data
        if "timezone" not in data:
            for name in ENDS:
                data.pop(name, None)  # nobody knows what they mean
            return data
        walls: dict[str, Wall | None] = {name: data.pop(name, None) for name in ENDS}
        if not data.get("whole_days"):
            data |= {name: wall and self._read(name, wall) for name, wall in walls.items()}
        elif walls["starts_at"]:
            data |= self._read_days(walls["starts_at"], walls["ends_at"])
        return data

    def _read_days(self, first: Wall, last: Wall | None) -> dict[str, datetime | None]:
        """Ignore times typed beside whole days. Refuse a last day before the first."""
        begins, ends = first[0], (last or first)[0]
        if ends < begins:
            self.add_error("ends_at", _("The last day must not be before the first."))
            return {}
        days = period.Period.of_days(begins, ends, self.cleaned_data["timezone"])
        return {"starts_at": days.start, "ends_at": days.end}

    def _read(self, name: str, wall: Wall) -> datetime | None:
        zone, typed = self.cleaned_data["timezone"], wall[1]
        if typed is None:
            self.add_error(name, _("Write the time, too, or tick “Whole days”."))
            return None
        moment = datetime.combine(wall[0], typed)
        means = period.readings(moment, zone)
        if len(means) == 1:
            return means[0]
        chosen = {f"{meant.timestamp():.0f}": meant for meant in means}
        if meant := chosen.get(self.cleaned_data.get(f"{name}_means", "")):
            return meant
        self._ask(name, moment, zone, chosen)
        return None

    def _ask(self, name: str, wall: datetime, zone: str, chosen: dict[str, datetime]) -> None:
        """Offer the choices; everything else is kept as typed."""
        words = {"time": period.clock(wall), "day": period.day(wall.date()), "city": period.city(zone)}
        if period.is_missing(wall, zone):
            problem = _(
                "There is no %(time)s on %(day)s in %(city)s: the clocks go forward then. Choose what you mean."
            )
        else:
            problem = _("%(time)s comes twice on %(day)s in %(city)s: the clocks go back then. Choose which you mean.")
        self.add_error(name, problem % words)
        choices = [(value, _reading(meant)) for value, meant in sorted(chosen.items())]
        self.fields[f"{name}_means"].widget = forms.RadioSelect(choices=choices)


def _reading(moment: datetime) -> str:
    """`1:30 a.m. BST (UTC+01:00)`."""
    offset = f"{moment:%z}"
    return f"{period.clock(moment)} {moment.tzname()} (UTC{offset[:3]}:{offset[3:5]})"
