"""A statement's picture: described, light on a phone, on the page and in shared links; what can't be used says why."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from PIL import Image

from petitions.models import Statement
from petitions.statements import picturing
from petitions.travel import card
from publishers import drawing
from tests.factories import StatementFactory
from tests.organisations.pictures import png
from tests.petitions.test_admin import at, form_of
from tests.staff import superuser

pytestmark = pytest.mark.django_db


def noise(width: int, height: int) -> bytes:
    """A photograph of the worst kind."""
    out = io.BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


def drawn(data: bytes) -> picturing.Drawn:
    return picturing.Drawn(*(drawing.keep(one) for one in drawing.hero(io.BytesIO(data))))


def test_even_a_noisy_photograph_is_light_on_a_phone():
    large, small = drawing.hero(io.BytesIO(noise(1000, 640)))
    assert (len(small.data) <= 80_000, len(large.data) <= 250_000) == (True, True)
    assert small.height >= 300


def test_it_is_described_and_the_database_knows():
    statement = StatementFactory()
    with pytest.raises(picturing.Undescribed):
        picturing.show(statement=statement, picture=drawn(png(900, 500)), words="")
    with pytest.raises(IntegrityError), transaction.atomic():
        Statement.objects.filter(pk=statement.pk).update(image=drawn(png(900, 500)).large)


def test_page_and_shared_link_show_it(client):
    statement = StatementFactory()
    plain = card.draw(card.of_statement(statement, 0))
    picturing.show(
        statement=statement, picture=drawn(png(1700, 900)), words="Seven libraries in a row", focus="top-left"
    )
    html = client.get(statement.get_absolute_url()).content.decode()
    assert 'alt="Seven libraries in a row"' in html
    assert "focus-top-left" in html
    assert f"{statement.image_small_id}.webp 800w" in html
    own = card.draw(card.of_statement(statement, 0))
    assert own != plain
    with Image.open(io.BytesIO(own)) as picture:
        assert picture.size == (1200, 630)
        assert picture.convert("RGB").getpixel((1199, 300)) == Image.open(io.BytesIO(png(9, 9))).getpixel((0, 0))


def test_the_desk_takes_it_asks_for_its_words_and_takes_it_off():
    statement, desk = StatementFactory(), superuser("carol")
    path = at(statement, "change")
    typed = form_of(desk, path)
    no = desk.post(path, {**typed, "picture_file": SimpleUploadedFile("x.svg", b"<svg/>"), "image_words": "x"})
    assert "We can&#x27;t use SVG" in no.content.decode()
    asked = desk.post(path, {**typed, "picture_file": SimpleUploadedFile("x.png", png(900, 500))})
    assert list(asked.context["adminform"].form.errors) == ["image_words"]
    kept = asked.context["adminform"].form["kept_picture"].value()
    desk.post(path, {**typed, "kept_picture": kept, "image_words": "A row of houses", "image_focus": "right"})
    statement.refresh_from_db()
    assert [statement.image_id, statement.image_small_id] == kept.split()
    assert (statement.image_words, statement.image_focus) == ("A row of houses", "right")
    desk.post(path, {**form_of(desk, path), "drop_picture": "on", "image_words": ""})
    statement.refresh_from_db()
    assert (statement.image, statement.image_words) == (None, "")
