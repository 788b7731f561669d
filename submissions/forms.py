"""What every form has whose words wait for a mail."""

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.forms import HouseForm
from submissions import work

WORK = "work"

_ASKS = """<input type="hidden" name="{}" value="{}">
<p class="form-text" role="status" data-words="{}"></p>
<script src="{}" type="module"></script>"""


class SubmissionForm(HouseForm):
    """A form that may ask its browser for work (work.py). `mailbox` is the box with the address it is done for."""

    mailbox = "email"

    @property
    def drawn(self) -> SafeString:
        """All its fields, and where its work is asked for."""
        return super().drawn + self.asks_for_work

    @property
    def asks_for_work(self) -> SafeString:
        """Where the script finds what is asked, and what it says when that takes long. A module runs once in a page."""
        words = _("One moment: your browser is doing a small calculation that keeps robots away.")
        return format_html(_ASKS, self.add_prefix(WORK), work.where(self.scope), words, static("js/work.js"))

    @property
    def flags(self) -> set[str]:
        """What speaks for a robot; `work` whenever none was done, which matters only while it is asked for."""
        given, address = (self.data.get(self.add_prefix(name), "") for name in (WORK, self.mailbox))
        return super().flags | (set() if work.is_done(self.scope, given, address) else {WORK})
