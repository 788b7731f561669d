"""What `pip install` of a wheel gives: the same site as a checkout, and nothing of it outside `undersigned/`."""

import email
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.apps import apps

from hatch_build import compiled
from local.environment import ROOT
from undersigned import __version__

pytestmark = pytest.mark.whole

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CATALOGUE = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Sign"\nmsgstr "Unterschreiben"\n'
SETTINGS = """
SECRET_KEY=a-secret-that-only-this-test-knows-0123456789-abcdef
ORIGIN=http://127.0.0.1:8000
SITE_NAME=Harbour Campaign
CONTACT_EMAIL=post@example.org
DEBUG=1
DATABASE_URL=
"""
PAGE = """
import django; django.setup()
from django.contrib.staticfiles import finders
from django.test import Client
from core import identity
identity._away_until = float("inf")  # nobody has migrated here: it is named as in its settings
answer = Client().get("/accessibility/", headers={"host": "127.0.0.1"})
print(answer.status_code, "Harbour Campaign" in answer.content.decode())
print(finders.find("css/undersigned.css"))
"""


def requirements(name: str) -> list[str]:
    """What requirements/<name>.in asks for by itself, without the files that it includes."""
    lines = (line.partition("#")[0].strip() for line in (ROOT / "requirements" / f"{name}.in").read_text().splitlines())
    return sorted(line for line in lines if line and not line.startswith("-r "))


def tree() -> set[str]:
    """Every file of our apps, the templates and the static files, by its path in the checkout."""
    ours = [Path(config.path) for config in apps.get_app_configs() if Path(config.path).parent == ROOT]
    folders = [*ours, ROOT / "undersigned", ROOT / "templates", ROOT / "static"]
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, made of a checkout's files alone, with nothing from the network."""
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT))
    (made,) = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel is installed, as into site-packages."""
    folder = tmp_path_factory.mktemp("installed")
    pip("install", "--no-compile", "--target", str(folder), str(wheel))
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site's own folder, which holds its .env and nothing else."""
    settings = SETTINGS.replace("DATABASE_URL=", f"DATABASE_URL={os.environ['DATABASE_URL']}")
    (tmp_path / ".env").write_text(settings)
    return tmp_path


@pytest.fixture
def run(installed: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a command in a folder; the environment has the installed wheel and what is said, and no setting of ours."""

    def run(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        settings = {"PATH": os.environ["PATH"], "PYTHONPATH": str(installed), **environment}
        return subprocess.run(command, cwd=cwd, env=settings, capture_output=True, text=True, check=False)

    return run


def pip(command: str, *arguments: str) -> None:
    """Run pip without the network. A build reads its settings from pyproject.toml and from no site's environment."""
    offline = ["--quiet", "--no-index", "--no-deps", "--disable-pip-version-check"]
    done = subprocess.run(
        [sys.executable, "-m", "pip", command, *offline, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_what_is_asked_for_is_what_is_locked():
    extras = PROJECT["optional-dependencies"]
    assert sorted(PROJECT["dependencies"]) == requirements("base")
    assert sorted(extras["redis"] + extras["s3"]) == requirements("extras")
    assert sorted(extras["dev"]) == sorted(requirements("local") + requirements("dev"))


def test_tests_run_on_what_production_has():
    """The demo and the tests run on the very versions that production has."""
    base, *larger = (
        set(re.findall(r"^(\S+==\S+)", (ROOT / "requirements" / f"{name}.txt").read_text(), re.MULTILINE))
        for name in ("base", "local", "dev")
    )
    assert base
    assert [sorted(base - lock) for lock in larger] == [[], []]


def test_the_wheel_holds_every_file_under_one_name(wheel):
    wanted = {name if name.startswith("undersigned/") else f"undersigned/bundled/{name}" for name in tree()}
    wanted |= {"undersigned/bundled/.env.example"}
    found = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    found -= {name for name in found if name.startswith("undersigned/bundled/locale/")}
    assert found == wanted
    kinds = [".jinja", ".html", ".typ", ".css", ".js", ".svg", ".ttf", ".toml", "/migrations/0001_initial.py"]
    assert [kind for kind in kinds if not any(name.endswith(kind) for name in found)] == []


def test_every_catalogue_goes_in_compiled(wheel):
    catalogues = {path.relative_to(ROOT).with_suffix(".mo") for path in ROOT.glob("locale/*/LC_MESSAGES/*.po")}
    found = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("undersigned/bundled/locale/")}
    assert found == {f"undersigned/bundled/{path}" for path in catalogues}


def test_a_catalogue_is_compiled_as_gettext_reads_it(tmp_path):
    source = tmp_path / "locale" / "de" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(CATALOGUE)
    ((made, place),) = compiled(tmp_path, tmp_path / "made").items()
    assert place == "undersigned/bundled/locale/de/LC_MESSAGES/django.mo"
    read = "import gettext, sys; print(gettext.GNUTranslations(open(sys.argv[1], 'rb')).gettext('Sign'))"
    assert subprocess.check_output([sys.executable, "-c", read, made], text=True) == "Unterschreiben\n"


def test_the_wheel_says_what_it_is(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        said = email.message_from_bytes(archive.read(name))
    needed = said.get_all("Requires-Dist")
    assert (said["Name"], said["Version"], said["License-Expression"]) == ("undersigned", __version__, "MIT")
    assert sum("extra ==" not in line for line in needed) == len(requirements("base"))
    assert set(said.get_all("Provides-Extra")) == {"redis", "s3", "dev"}


def test_the_version_stands_in_one_place():
    assert __version__ == "1.0.0rc1"
    folders = [path for path in ROOT.iterdir() if path.is_dir() and (path / "__init__.py").is_file()]
    code = [ROOT / "pyproject.toml", *(path for folder in folders for path in folder.rglob("*.py"))]
    found = [str(path.relative_to(ROOT)) for path in code if f'"{__version__}"' in path.read_text()]
    assert sorted(found) == ["tests/undersigned/test_package.py", "undersigned/__init__.py"]


def test_the_installed_program_tells_its_version(installed, run, tmp_path):
    done = run(str(installed / "bin" / "undersigned"), "--version", cwd=tmp_path)
    assert (done.stdout.partition(" (")[0], done.stderr) == (f"undersigned {__version__}", "")


def test_without_settings_it_says_which_to_set(installed, run, tmp_path):
    done = run(str(installed / "bin" / "undersigned"), "check", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == "undersigned: Set SECRET_KEY in the environment or in .env (see .env.example).\n"


def test_the_installed_program_checks_a_site_in_the_folder_where_it_runs(installed, run, site):
    done = run(str(installed / "bin" / "undersigned"), "check", cwd=site)
    assert (done.stdout, done.stderr) == ("System check identified no issues (1 silenced).\n", "")


def test_it_draws_a_page_and_finds_its_static_files(installed, run, site, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    settings = {"UNDERSIGNED_HOME": str(site), "DJANGO_SETTINGS_MODULE": "undersigned.settings"}
    done = run(sys.executable, "-c", PAGE, cwd=elsewhere, **settings)
    style = installed / "undersigned" / "bundled" / "static" / "css" / "undersigned.css"
    assert done.stdout.splitlines() == ["200 True", str(style)], done.stderr


def test_what_a_site_writes_lies_in_its_own_folder(installed, run, site):
    code = "from django.conf import settings as s; print(s.HOME, s.STATIC_ROOT, s.MEDIA_ROOT)"
    done = run(sys.executable, "-c", code, cwd=site, DJANGO_SETTINGS_MODULE="undersigned.settings")
    assert done.stdout.split() == [str(site), str(site / "var" / "static"), str(site / "var" / "media")], done.stderr


def test_nothing_of_ours_is_importable_but_by_undersigned(installed, run, tmp_path):
    assert {path.name.partition("-")[0] for path in installed.iterdir()} == {"bin", "undersigned"}
    code = "import importlib.util as u; before = u.find_spec('petitions'); import undersigned, petitions"
    code += "; print(before, petitions.__file__)"
    done = run(sys.executable, "-c", code, cwd=tmp_path)
    place = installed / "undersigned" / "bundled" / "petitions" / "__init__.py"
    assert done.stdout == f"None {place}\n", done.stderr
