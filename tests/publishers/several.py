"""A site with two publishers, each with a host, a From address, and somebody who administers it."""

from typing import NamedTuple

from django.contrib.auth.models import User

from core import identity
from publishers import founding, hosting, staffing
from publishers.models import Publisher
from tests.staff import Desk, logged_in

HOST = "mill.example"
ORIGIN = "http://mill.example"


class Second(NamedTuple):
    """The second publisher, and who administers it."""

    publisher: Publisher
    administrator: User

    @property
    def desk(self) -> Desk:
        """A browser in which they are logged in."""
        return logged_in(self.administrator)


def second(host: str = HOST) -> Second:
    """Another publisher beside the first, with an administrator; without a host where that is empty."""
    made = founding.add(
        name="Mill Road Tenants", slug="mill", legal_name="Mill Road Tenants e.V.", contact_email="office@mill.example",
        mail_from="post@mill.example",
    )  # fmt: skip
    if host:
        hosting.serve(publisher=made, names=[host])
    person = User.objects.create_user("mina", email="mina@mill.example", is_staff=True)
    staffing.employ(user=person, publisher=made, role=staffing.Role.ADMINISTRATOR)
    identity.forget()
    return Second(made, person)
