"""DATABASE_URL as libpq reads it, EMAIL_URL, CACHE_URL; and passwords that never stand in a sentence."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from undersigned import environment
from undersigned.environment import stores, urls

DATABASE = f"DATABASE_URL must look like postgresql://user:password@host:5432/name. {urls.PERCENT}"
EMAIL = "EMAIL_URL must look like smtp://user:password@host:587/?tls=starttls."


def told(ask, *arguments) -> object:
    try:
        return ask(*arguments)
    except ImproperlyConfigured as refused:
        return str(refused)


@pytest.mark.parametrize(
    ("url", "user", "password", "host", "port", "name", "options"),
    [
        ("postgresql://u:p@db.example.org:5433/n", "u", "p", "db.example.org", "5433", "n", {}),
        ("Postgres://u:p@DB.Example.org./n/", "u", "p", "db.example.org", "", "n", {}),
        ("postgresql://u:p%2Fw%40%23%25@h/n", "u", "p/w@#%", "h", "", "n", {}),
        ("postgresql://u:p#w[x@h/n", "u", "p#w[x", "h", "", "n", {}),
        ("postgresql://u:p@db_1/n", "u", "p", "db_1", "", "n", {}),
        ("postgresql://u:p@bücher.example/n", "u", "p", "xn--bcher-kva.example", "", "n", {}),
        ("postgresql://u:p@[::1]:5432/n", "u", "p", "::1", "5432", "n", {}),
        ("postgresql://u@/n?host=/run/postgresql", "u", "", "/run/postgresql", "", "n", {}),
        ("postgresql:///n?host=/run/postgresql&user=u&port=5433", "u", "", "/run/postgresql", "5433", "n", {}),
        ("postgresql://u@a,b:5433/n", "u", "", "a,b", ",5433", "n", {}),
        ("postgresql://u@h/n?sslmode=require", "u", "", "h", "", "n", {"sslmode": "require"}),
        ("postgresql://u@h/n?ssl=true", "u", "", "h", "", "n", {"sslmode": "require"}),
        (
            "postgresql://u@h/n?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem&connect_timeout=3",
            *("u", "", "h", "", "n"),
            {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem", "connect_timeout": "3"},
        ),
    ],
)
def test_what_libpq_knows_is_passed_on(url, user, password, host, port, name, options):
    expected = {"NAME": name, "USER": user, "PASSWORD": password, "HOST": host, "PORT": port, "OPTIONS": options}
    assert told(environment.database, url) == expected


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://u:geheim@h/n", None),
        ("", None),
        ("postgresql://u:ge/heim@h/n", DATABASE),
        ("postgresql://u:ge@heim@h/n", DATABASE),
        ("postgresql://u:ge%heim@h/n", DATABASE),
        ("postgresql://u:ge heim@h/n", DATABASE),
        ("postgresql://u:geheim@h:port/n", DATABASE),
        ("postgresql://u:geheim@h:70000/n", DATABASE),
        ("postgresql://u:geheim@h:5432", DATABASE),
        ("postgresql://u:geheim@h:5432/", DATABASE),
        ("postgresql://u:geheim@h/n?foo=1", "DATABASE_URL has no option 'foo'."),
        ("postgresql://u:geheim@h/n?sslmod=require", "DATABASE_URL has no option 'sslmod'. Did you mean sslmode?"),
        ("postgresql://u:geheim@h/n?sslmode", "DATABASE_URL has the option sslmode without a value: write sslmode=…."),
        (
            "postgresql://u:geheim@h/n?sslmode=require&sslmode=disable",
            "DATABASE_URL has the option sslmode twice: keep one.",
        ),
        (
            "postgresql://u:geheim@h/n?sslmode=requre",
            "DATABASE_URL has sslmode=requre, which does not exist. Did you mean require?",
        ),
        (
            "postgresql://u:geheim@h/n?sslmode=1",
            "DATABASE_URL has sslmode=1, which does not exist. Write one of disable, allow, prefer, require, "
            "verify-ca, verify-full.",
        ),
        (
            "postgresql://u:geheim@h!/n",
            "DATABASE_URL must look like postgresql://user:password@host:5432/name, with a host name after the last @.",
        ),
    ],
)
def test_what_libpq_does_not_know_is_refused(url, sentence):
    other = (
        "DATABASE_URL must look like postgresql://user:password@host:5432/name; Undersigned runs on PostgreSQL 14 or "
        "newer and on nothing else."
    )
    assert told(environment.database, url) == (sentence or other)


def mail_server(host: str, port: int, user: str = "", password: str = "", tls: str = "none") -> dict[str, object]:
    return {
        "EMAIL_HOST": host,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": user,
        "EMAIL_HOST_PASSWORD": password,
        "EMAIL_USE_TLS": tls == "starttls",
        "EMAIL_USE_SSL": tls == "implicit",
        "EMAIL_CA_FILE": "",
    }


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://u:p@mail.example.org:2525/?tls=starttls", ("mail.example.org", 2525, "u", "p", "starttls")),
        ("smtp://u:p@mail.example.org?tls=starttls", ("mail.example.org", 587, "u", "p", "starttls")),
        ("SMTP://u:p@Mail.Example.org./?tls=Implicit", ("mail.example.org", 465, "u", "p", "implicit")),
        ("smtps://u:p@mail.example.org", ("mail.example.org", 465, "u", "p", "implicit")),
        ("smtps://u:p@mail.example.org?tls=implicit", ("mail.example.org", 465, "u", "p", "implicit")),
        ("smtp://post@example.org:p@ss:w@mail.example.org?tls=starttls", None),
        (
            "smtp://u:p%23%2F%3F%40%25@mail.example.org?tls=starttls",
            ("mail.example.org", 587, "u", "p#/?@%", "starttls"),
        ),
        ("smtp://u:p@mail.example.org?tls=none", ("mail.example.org", 25, "u", "p", "none")),
        ("smtp://u:p@127.0.0.1", ("127.0.0.1", 25, "u", "p", "none")),
        ("smtp://u:p@localhost:2525", ("localhost", 2525, "u", "p", "none")),
        ("smtp://u:p@[::1]:2525/", ("::1", 2525, "u", "p", "none")),
        ("smtp://mail_relay", ("mail_relay", 25, "", "", "none")),
        ("smtp://bücher.example", ("xn--bcher-kva.example", 25, "", "", "none")),
    ],
)
def test_where_mail_goes(url, expected):
    at = ("mail.example.org", 587, "post@example.org", "p@ss:w", "starttls")
    assert told(environment.email, url, "") == mail_server(*(expected or at))


PLAIN = (
    "EMAIL_URL sends a password in the clear: write tls=starttls (587) or tls=implicit (465). tls=none says that you "
    "want it so."
)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mail.example.org", f"{EMAIL} {urls.PERCENT}"),
        ("smtp://u:ge#heim@h", f"{EMAIL} {urls.PERCENT}"),
        ("smtp://u:ge/heim@h", f"{EMAIL} {urls.PERCENT}"),
        ("smtp://u:ge?heim@h", f"{EMAIL} {urls.PERCENT}"),
        ("smtp://u:ge[heim@h", f"{EMAIL} {urls.PERCENT}"),
        ("smtp://u:ge%heim@h", f"{EMAIL} {urls.PERCENT}"),
        ("smtp://u:ge heim@h", f"{EMAIL} {urls.PERCENT}"),
        ("smtp://u:geheim@h:smtp", f"{EMAIL} {urls.PERCENT}"),
        ("smtp://u:geheim@h:0", "EMAIL_URL has the port 0: ports go from 1 to 65535."),
        ("smtp://u:geheim@h!", f"{EMAIL[:-1]}, with a host name after the last @."),
        ("smtp://", EMAIL),
        ("imap://u:geheim@h", EMAIL),
        ("smtp://u:geheim@h/inbox", EMAIL),
        ("smtp://u:geheim@h?tsl=starttls", "EMAIL_URL has no option 'tsl'. Did you mean tls?"),
        ("smtp://u:geheim@h:587?starttls=true", "EMAIL_URL has no option 'starttls'. It knows tls."),
        ("smtp://u:geheim@h?tls=starttls&tls=none", "EMAIL_URL has the option tls twice: keep one."),
        ("smtp://u:geheim@h?tls=", "EMAIL_URL has the option tls without a value: write tls=…."),
        ("smtp://u:geheim@h?tls=on", "EMAIL_URL says tls=on: write starttls, implicit or none."),
        (
            "smtps://u:geheim@h?tls=starttls",
            "EMAIL_URL is smtps:// and says tls=starttls: write smtp:// with tls=starttls.",
        ),
        ("smtp://u:geheim@h", PLAIN),
        ("smtp://u:geheim@10.0.0.1:587/", PLAIN),
    ],
)
def test_where_mail_cannot_go(url, sentence):
    assert told(environment.email, url, "") == sentence


def test_no_sentence_holds_a_password():
    starts = ("postgresql://u:", "mysql://u:", "smtp://u:", "imap://u:")
    ends = ("@h!/n", "/@h/n", "#@h/n?x=1", "%@h/n", "@h:p/n", "@h", "@h/n?x=1")
    asks = (environment.database, lambda url: environment.email(url, ""), environment.cache)
    sentences = [told(ask, f"{start}geheim{end}") for start in starts for end in ends for ask in asks]
    assert len([one for one in sentences if isinstance(one, str)]) > 70
    assert [one for one in sentences if isinstance(one, str) and "geheim" in one] == []


def test_certificates_of_ones_own(tmp_path):
    path = tmp_path / "ca.pem"
    missing = told(environment.email, "smtps://h", str(path))
    path.touch()
    assert [missing, told(environment.email, "smtp://h", str(path))] == [
        f"EMAIL_CA_FILE names {path}, which is no file.",
        "EMAIL_CA_FILE is set, but EMAIL_URL has no TLS: write tls=starttls or implicit.",
    ]
    assert told(environment.email, "smtps://h", str(path)) == {
        **mail_server("h", 465, tls="implicit"),
        "EMAIL_CA_FILE": str(path),
    }


@pytest.mark.parametrize(
    ("written", "named", "found"),
    [
        ("post@example.org", False, "post@example.org"),
        ("post@bücher.example", False, "post@bücher.example"),
        ("Eastside <post@example.org>", True, "Eastside <post@example.org>"),
        (
            "Eastside <post@example.org>",
            False,
            "THING is 'Eastside <post@example.org>': write the mailbox alone, such as post@example.org.",
        ),
        ("example.org", True, "THING is 'example.org': write a mailbox such as post@example.org."),
        ("post at example.org", True, "THING is 'post at example.org': write a mailbox such as post@example.org."),
        ("post@example", True, "THING is 'post@example': write a mailbox such as post@example.org."),
        (
            "a@example.org, b@example.org",
            False,
            "THING is 'a@example.org, b@example.org': write a mailbox such as post@example.org.",
        ),
    ],
)
def test_mailboxes(monkeypatch, written, named, found):
    monkeypatch.setenv("THING", written)
    assert told(environment.mailbox, "THING", None, named) == found


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("rediss://u:p@h/1?ssl_ca_certs=/etc/ca.pem", "rediss://u:p@h/1?ssl_ca_certs=/etc/ca.pem"),
        ("redis://h?ssl_cert_reqs=none", "CACHE_URL has no option 'ssl_cert_reqs'. Did you mean ssl_ca_certs?"),
        ("redis://h?ssl_ca_certs=/x", "CACHE_URL names a CA, but redis:// has no TLS: write rediss://."),
        ("memcached://h", "CACHE_URL must look like redis://127.0.0.1:6379/0, or rediss:// with TLS."),
    ],
)
def test_the_shared_cache(monkeypatch, url, found):
    monkeypatch.setattr(stores, "find_spec", lambda name: object())
    assert told(environment.cache, url) == found


def test_a_cache_without_its_package_is_told(monkeypatch):
    monkeypatch.setattr(stores, "find_spec", lambda name: None)
    assert told(environment.cache, "redis://h") == (
        "CACHE_URL needs the package redis: install requirements/extras.txt."
    )


def test_a_providers_settings(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("k3y\n")
    monkeypatch.setenv("ANYMAIL_MAILGUN_API_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("ANYMAIL_MAILGUN_SENDER_DOMAIN", "mail.example.org")
    monkeypatch.setenv("ANYMAIL_IGNORE_RECIPIENT_STATUS", "false")
    monkeypatch.setenv("ANYMAIL_SEND_DEFAULTS", '{"tags": ["ours"]}')
    monkeypatch.setenv("ANYMAIL_POSTMARK_SERVER_TOKEN", "")
    expected = {
        "MAILGUN_API_KEY": "k3y",
        "MAILGUN_SENDER_DOMAIN": "mail.example.org",
        "IGNORE_RECIPIENT_STATUS": False,
        "SEND_DEFAULTS": {"tags": ["ours"]},
        "REQUESTS_TIMEOUT": 20,
    }
    assert told(environment.provider, 20) == expected
    monkeypatch.setenv("ANYMAIL_SEND_DEFAULTS", "{tags: ours}")
    assert told(environment.provider, 20) == "ANYMAIL_SEND_DEFAULTS begins with a brace, but is not JSON."
