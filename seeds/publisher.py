"""The demo's publisher: founded and described by the same verbs as any, with a page about itself."""

from publishers import describing, founding, writing
from publishers.models import Page
from seeds.world import Clock, read

PAGE = ("slug", "title", "summary", "body")


def load(clock: Clock) -> int:
    """Describe the publisher while nobody has, and write its pages that are missing. Returns how many were new."""
    publisher = founding.found().publisher
    written = read("publisher")
    words = {name: value.strip() for name, value in written.items() if name != "pages"}
    if not publisher.introduction:
        describing.describe(publisher=publisher, **words)
    known = set(Page.objects.values_list("slug", flat=True))
    missing = [page for page in written["pages"] if page["slug"] not in known]
    for page in missing:
        publisher.refresh_from_db()
        made = Page(publisher=publisher, **{name: page[name].strip() for name in PAGE})
        writing.publish(page=writing.save(page=made))
    return len(missing)
