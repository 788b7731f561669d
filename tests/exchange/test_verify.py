"""`undersigned verify`: an archive, or one proof, held against roots that were published."""

import io
import json
import zipfile
from datetime import timedelta
from hashlib import sha256
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from exchange.archive import writing
from petitions.models import CountRoot, Signature
from petitions.signatures import proof
from tests.factories import SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def archive(tmp_path):
    """One of a statement with three people in yesterday's root."""
    ago = timezone.now() - timedelta(days=3)
    statement = StatementFactory(published_at=ago, slug="libraries")
    for name in ("ada", "bo", "cy"):
        SignatureFactory(statement=statement, name=name, email=f"{name}@example.org", confirmed_at=ago)
    while proof.prove_next():
        pass
    path = tmp_path / "archive.zip"
    with path.open("wb") as file:
        writing.write(file)
    return path


def verify(*arguments):
    out = StringIO()
    call_command("verify", *map(str, arguments), stdout=out)
    return out.getvalue().splitlines()


def changed(path, name, change):
    """The same archive after somebody changed a file, and its hash in the manifest with it."""
    made = io.BytesIO()
    with zipfile.ZipFile(path) as given, zipfile.ZipFile(made, "w") as other:
        files = {one: given.read(one) for one in given.namelist()}
        full = f"statements/libraries/{name}"
        files[full] = change(files[full].decode()).encode()
        manifest = json.loads(files["manifest.json"])
        for one in manifest["files"]:
            one["sha256"] = sha256(files[one["path"]]).hexdigest()
        files["manifest.json"] = json.dumps(manifest).encode()
        for one, data in files.items():
            other.writestr(one, data)
    path.write_bytes(made.getvalue())
    return path


def test_an_archive_fits_together_and_has_the_root_that_was_noted_down(archive):
    root = CountRoot.objects.get()
    assert verify(archive, "--root", root.root.upper()) == [
        f"libraries: 1 versions, 3 people, 3 leaves, 1 roots, the newest of {root.day}.",
        "Everything fits together."]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "change", "sentence"),
    [
        ("signatures.csv", lambda text: text.replace("ada@example.org", "eve@example.org"), "1 person is not whose leaf it is."),
        ("roots.csv", lambda text: text[:-70] + "0" * 64 + text[-6:], "The root of"),
        ("leaves.csv", lambda text: text[: text.index('"2"')], "The root of"),
        ("statement.json", lambda text: text.replace("belong to all of us", "belong to nobody"), "Version 1 is not the text"),
    ],
)  # fmt: skip
def test_what_was_changed_is_found(archive, name, change, sentence):
    out = StringIO()
    with pytest.raises(CommandError, match="not what it says"):
        call_command("verify", str(changed(archive, name, change)), stdout=out)
    assert f"  WRONG: {sentence}" in out.getvalue()


def test_a_root_that_was_noted_down_and_is_not_there_is_found(archive):
    with pytest.raises(CommandError, match="not what it says"):
        verify(archive, "--root", "ab" * 32)


def test_a_signers_proof_is_proved_and_another_is_not(archive, tmp_path):
    path = tmp_path / "proof.json"
    found = proof.of(Signature.objects.get(name="bo"))
    path.write_text(found.text)
    said = verify("--proof", path)
    assert said[0] == f"It is in the root {found.root} of {found.day}, over 3 signatures."
    assert verify("--proof", path, "--root", found.root) == said[:1]
    path.write_text(json.dumps({**found.data, "identity": found.identity.replace("bo@", "eve@")}))
    with pytest.raises(CommandError, match="no proof of that root"):
        verify("--proof", path)
    with pytest.raises(CommandError, match="Say which archive"):
        verify()
