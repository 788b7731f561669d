import os
import socket
import stat

import pytest

from local import world
from local.environment import sealed, setting_names


@pytest.fixture(autouse=True)
def var(tmp_path, monkeypatch):
    monkeypatch.setattr(world, "VAR", tmp_path)
    monkeypatch.setattr(world, "LOGS", tmp_path / "log")
    monkeypatch.setattr(world, "LOCK", tmp_path / "demo.lock")
    return tmp_path


@pytest.mark.parametrize(("value", "number"), [(None, 8000), ("8001", 8001), ("65535", 65535)])
def test_the_port_comes_from_the_environment(monkeypatch, value, number):
    monkeypatch.delenv("PORT", raising=False)
    if value:
        monkeypatch.setenv("PORT", value)
    assert world.port() == number


@pytest.mark.parametrize("value", ["", "http", "0", "65536", "-1", "80 80"])
def test_a_port_that_is_none_is_refused_in_words(monkeypatch, value):
    monkeypatch.setenv("PORT", value)
    with pytest.raises(world.DemoError, match="write a number from 1 to 65535, like make demo PORT=8001"):
        world.port()


def test_a_taken_port_is_named_and_another_offered():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(world.DemoError) as caught:
            world.check_port(taken)
    offered = taken + 1 if taken < 65535 else 8000
    assert str(caught.value) == (f"Port {taken} is taken by another program. Choose another: make demo PORT={offered}")
    world.check_port(taken)


def test_only_one_demo_runs_in_a_folder():
    with world.only_one(8123):
        with pytest.raises(world.DemoError) as caught, world.only_one(8124):
            pass
        assert str(caught.value) == (
            f"The demo is already running: http://127.0.0.1:8123/ (process {os.getpid()}). "
            f"Stop it with Ctrl-C in its terminal, or: kill {os.getpid()}"
        )
        assert world.running_port() == 8123
    assert world.running_port() is None
    with world.only_one(8125):
        assert world.running_port() == 8125


def test_the_secret_is_made_once_and_for_its_owner_only(var):
    first = world._secret()
    assert len(first) >= 64
    assert world._secret() == first
    assert stat.S_IMODE((var / "demo.env").stat().st_mode) == 0o600


def test_an_interrupted_secret_is_made_again(var):
    (var / "demo.env.unfinished").write_text("SECRET_KEY=ha")
    assert len(world._secret()) >= 64


def test_a_database_of_ones_own_takes_the_place_of_ours(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://me@example.org/mine")
    assert world.cluster() is None
    settings = world.environment(8123, None)
    assert settings["DATABASE_URL"] == "postgresql://me@example.org/mine"
    assert settings["ORIGIN"] == "http://127.0.0.1:8123"
    assert settings["EMAIL_URL"] == f"smtp://127.0.0.1:{settings['DEMO_SMTP_PORT']}"


def test_no_setting_of_a_real_site_leaks_in(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://me@example.org/mine")
    monkeypatch.setenv("EMAIL_URL", "smtp://real.example.org")
    monkeypatch.setenv("SECRET_KEY_FILE", "/run/secrets/real")
    monkeypatch.setenv("CACHE_URL", "redis://real.example.org")
    settings = world.environment(8123, None)
    assert settings["EMAIL_URL"].startswith("smtp://127.0.0.1:")
    assert (settings["SECRET_KEY_FILE"], settings["CACHE_URL"]) == ("", "")


def test_sealed_settings_are_all_that_there_are():
    settings = sealed(ORIGIN="http://127.0.0.1:1")
    assert settings["ORIGIN"] == "http://127.0.0.1:1"
    assert {settings[name] for name in setting_names() if name != "ORIGIN"} == {""}


def test_static_files_are_fresh_until_one_changes(var, monkeypatch):
    monkeypatch.setattr(world, "ROOT", var)
    for name in ("requirements/base.txt", "undersigned/settings.py", "static/site.css"):
        (var / name).parent.mkdir()
        (var / name).write_text("as it was")
    assert not world._static_is_fresh()
    (var / "static.stamp").write_text(world._static_fingerprint())
    assert world._static_is_fresh()
    (var / "static" / "site.css").write_text("changed")
    assert not world._static_is_fresh()
