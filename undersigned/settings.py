"""One settings file. What differs between machines comes from the environment (see .env.example)."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from undersigned import INSTALLED, PROGRAM, environment
from undersigned.limits import *  # noqa: F403 - each of them is a setting

# BASE_DIR is the program: the same bytes wherever it is installed. HOME is the site: its .env, its var/.
BASE_DIR = PROGRAM
HOME = environment.home(default=Path.cwd() if INSTALLED else PROGRAM)
environment.read_env_file(HOME / ".env")

DEMO = environment.flag("DEMO")
DEBUG = environment.flag("DEBUG")
SECRET_KEY = environment.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = environment.text("SECRET_KEY_FALLBACKS", "").split()
# With which mailboxes are hashed. It must outlive SECRET_KEY, or nobody who stopped our mail is known any more.
HASH_SECRET = environment.text("HASH_SECRET", (SECRET_KEY_FALLBACKS or [SECRET_KEY])[-1])
# With which mailboxes rest encrypted, the newest first; HASH_SECRET is always the last of them (core/sealed.py).
SEALING_KEYS = environment.text("SEALING_KEYS", "").split()
ORIGIN = environment.origin("ORIGIN", "http://127.0.0.1:8000" if DEMO or DEBUG else None)

SITE_NAME = environment.text("SITE_NAME", "Eastside Campaign" if DEMO else None)
CONTACT_EMAIL = environment.mailbox("CONTACT_EMAIL", "post@example.org" if DEMO else None)
CONTROLLER = environment.text("CONTROLLER", SITE_NAME)
FEDIVERSE_CREATOR = environment.shaped(
    "FEDIVERSE_CREATOR",
    "@eastside@union.place" if DEMO else "",
    pattern=r"@[\w.-]+@[\w-]+(\.[\w-]+)+",
    like="@eastside@union.place",
)
MAIL_FROM = environment.mailbox("MAIL_FROM", CONTACT_EMAIL, named=True)
# Only for the set-up page, which can then look up the key.
DKIM_SELECTOR = environment.shaped("DKIM_SELECTOR", "", pattern=r"[\w-]+(\.[\w-]+)*", like="mail2026")
TRUSTED_PROXIES = environment.number("TRUSTED_PROXIES", 0)

if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("SECRET_KEY is too short: use at least 50 random characters.")
if DEMO and urlsplit(ORIGIN).hostname not in {"127.0.0.1", "localhost", "::1"}:
    raise ImproperlyConfigured("DEMO=1 has published passwords: it runs on 127.0.0.1 or localhost only.")

SECURE = ORIGIN.startswith("https://")
ALLOWED_HOSTS = [environment.allowed_host(ORIGIN), *environment.hosts("EXTRA_HOSTS")]
if DEMO or DEBUG:
    ALLOWED_HOSTS += ["127.0.0.1", "localhost", "[::1]"]
ROOT_URLCONF = "undersigned.urls"
WSGI_APPLICATION = "undersigned.wsgi.application"

INSTALLED_APPS = [
    "core",
    "mail",
    "submissions",
    "publishers",
    "petitions",
    "organisations",
    "comments",
    "integrations",
    "exchange",
    "api",
    "core.apps.StaffConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_prose_editor",
    "js_asset",
    "csp",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "seeds",
]

# The staff middlewares sleep on public paths: no cookie, no Vary, no work (core/http.py says how).
MIDDLEWARE = [
    "core.hosts.HostMiddleware",
    "core.http.SecurityHeadersMiddleware",
    "core.encoding.CompressingMiddleware",
    *(["core.tls.NoLoopMiddleware"] if SECURE and not TRUSTED_PROXIES else []),
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.resolver.SlashMiddleware",
    "core.staff_middleware.StaffCSPMiddleware",
    "core.staff_middleware.StaffSessionMiddleware",
    "core.staff_middleware.StaffCsrfMiddleware",
    "core.staff_middleware.StaffAuthenticationMiddleware",
    "core.staff_middleware.StaffSecondFactorMiddleware",
    "core.staff_middleware.StaffMessageMiddleware",
    "core.staff_middleware.StaffAxesMiddleware",
    "core.http.PublicMiddleware",
]

# Subclasses of these three are installed, which sleep on public paths; the checks know only the originals.
# X-Frame-Options is set by SecurityHeadersMiddleware; public posts are guarded by their origin (PublicMiddleware);
# to be preloaded is for the owner of the domain to choose (HSTS_PRELOAD).
SILENCED_SYSTEM_CHECKS = ["axes.W002", "security.W002", "security.W003", "security.W021"]

# The first that knows a name draws it: Jinja2 the public pages, which end in .jinja, and Django the rest.
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "environment": "undersigned.drawing.environment",
            "context_processors": ["core.http.site"],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "core.http.site",
            ],
        },
    },
]

# Everything in core/speed: SPEED=0 leaves Django alone with each request, slower and with the same answers.
SPEED = environment.flag("SPEED", default=True)

# Seconds of one round of waiting for a connection from the pool; then it is asked whether the database is away at all
# (core/speed/postgresql/outage.py), and if not, waited for again.
POOL_WAITS = 0.05

_database = environment.database(environment.text("DATABASE_URL"))
DATABASES = {
    "default": {
        **_database,
        "ENGINE": "core.speed.postgresql",
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": not SPEED,  # core/speed/postgresql does it for less
        "OPTIONS": {
            # Where the network swallows what is said: seconds until a connection must stand, and milliseconds until
            # what was sent must have arrived.
            "connect_timeout": 5,
            "tcp_user_timeout": 10_000,
            **_database["OPTIONS"],
            # Only for the statements of core/speed/prepared.py: the cursors of Django itself never prepare one.
            "prepare_threshold": 0,
            "pool": {"min_size": 1, "max_size": environment.number("DATABASE_POOL", 6, least=1), "timeout": POOL_WAITS},
            # Milliseconds; a page that waits longer than this helps nobody, and locks must not pile up (SAFETY 2.2).
            # What is prepared (core/speed/prepared.py) is written for one plan, whatever the values.
            "options": f"{_database['OPTIONS'].get('options', '')}"
            " -c statement_timeout=5000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=15000"
            " -c plan_cache_mode=force_generic_plan",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES: dict[str, dict[str, Any]] = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# Files that are dear to make, apart from the pages, which many of them would else push out (core/making.py).
CACHES["files"] = {**CACHES["default"], "LOCATION": "files"}
# How much each program has asked this minute (api/limits.py).
CACHES["limits"] = {**CACHES["default"], "LOCATION": "limits", "OPTIONS": {"MAX_ENTRIES": 20_000}}
if cache_url := environment.text("CACHE_URL", ""):
    CACHES["default"] = CACHES["files"] = CACHES["limits"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": environment.cache(cache_url),
    }

# How old, in seconds, a kept public page may be before its stamp is looked up again.
PAGE_FRESH_SECONDS = 0 if DEMO or DEBUG else 1
# How long a process remembers who publishes (core/identity.py); the one that changes it forgets at once.
PUBLISHER_FRESH_SECONDS = 1

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "core.passwords.PasswordBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False  # `manage.py axes_reset` unlocks; its tables hold names of people who mistyped
AXES_CLIENT_IP_CALLABLE = "core.network.hidden_address"  # no address rests anywhere
AXES_LOCKOUT_CALLABLE = "core.refusals.locked_out"

# Six digits from a phone besides the password; the demo's log-ins are published, so there it would only be in the way.
SECOND_FACTOR = environment.flag("SECOND_FACTOR", default=not (DEMO or DEBUG))
OTP_TOTP_ISSUER = SITE_NAME

# Staff may log in with an account they have elsewhere (docs/staff-log-in.md); groups there may give roles here.
OIDC_ISSUER = environment.text("OIDC_ISSUER", "")
OIDC_CLIENT_ID = environment.text("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = environment.text("OIDC_CLIENT_SECRET", "")
OIDC_NAME = environment.text("OIDC_NAME", "your account elsewhere")
OIDC_SCOPES = environment.text("OIDC_SCOPES", "openid profile email")
OIDC_GROUPS_CLAIM = environment.text("OIDC_GROUPS_CLAIM", "groups")
OIDC_ROLES = environment.roles("OIDC_ROLES")
OIDC_SECOND_FACTOR = environment.shaped("OIDC_SECOND_FACTOR", "", pattern=r"\w+=\S+", like="amr=mfa,otp")

LANGUAGE_CODE = "en-gb"
TIME_ZONE = environment.zone("TIME_ZONE", "Europe/London")
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = HOME / environment.text("MEDIA_ROOT", "var/media")
MEDIA_URL = "/media/"
ERASURES_ROOT = HOME / environment.text("ERASURES_ROOT", "var/erasures")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # What was erased, so that no restore brings it back (core/tombstones.py): copied apart from the backups.
    "erasures": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": ERASURES_ROOT, "base_url": None, "file_permissions_mode": 0o600},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = False

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
FORMS_URLFIELD_ASSUME_HTTPS = True

# Mail: one row per message in mail_outgoingemail, sent by `manage.py worker`.
DEFAULT_FROM_EMAIL = SERVER_EMAIL = MAIL_FROM
EMAIL_BACKEND = environment.text("EMAIL_BACKEND", "mail.smtp.EmailBackend")
EMAIL_TIMEOUT = 20
# Whether the server takes addresses with other letters than a to z before the @ (SMTPUTF8, RFC 6531); `doctor` asks it.
EMAIL_SMTPUTF8 = environment.flag("EMAIL_SMTPUTF8")
EMAIL_CA_FILE = environment.text("EMAIL_CA_FILE", "")
EMAIL_URL = environment.text("EMAIL_URL", "")
ANYMAIL = environment.provider(EMAIL_TIMEOUT)
if EMAIL_BACKEND.startswith("anymail.") and EMAIL_URL:
    raise ImproperlyConfigured("EMAIL_URL and EMAIL_BACKEND both say how mail leaves: keep one of them.")
globals().update(environment.email(EMAIL_URL or "smtp://127.0.0.1:25", EMAIL_CA_FILE))

# Where mail that comes back goes, and the mailbox in which the worker reads it (mail/mailbox.py).
RETURNS_TO = environment.mailbox("RETURNS_TO", "") if environment.text("RETURNS_TO", "") else ""
RETURNS = environment.returns(environment.text("RETURNS_URL", ""))

# Staff write long texts and decide about hundreds of rows at once. Public forms are held to less (SAFETY T28): bytes of
# a whole form, but for uploads, which say their own limit; and fields. core.http.PublicMiddleware sees to it.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
PUBLIC_FORM_BYTES = 64 * 1024
PUBLIC_FORM_FIELDS = 60

# How long things are kept, and how much is too much (limits.py); this one a site may choose.
ANONYMISE_AFTER_CLOSING_DAYS = environment.number("ANONYMISE_AFTER_CLOSING_DAYS", 180, least=1)

# Machines of the operator's own network that requests may be sent to (mail/outbound/guard.py); http:// before a name
# allows plain HTTP there.
OUTBOUND_PRIVATE_HOSTS = environment.private_hosts("OUTBOUND_PRIVATE_HOSTS")

# A spam service for comments, asked by the worker when a key is set.
AKISMET_KEY = environment.text("AKISMET_KEY", "")
AKISMET_URL = environment.web_address(
    "AKISMET_URL", "https://rest.akismet.com/1.1/", in_the_open=OUTBOUND_PRIVATE_HOSTS
)

# Whom `undersigned backup` encrypts for: the public half of a key whose other half is kept elsewhere.
EXPORT_RECIPIENT = environment.shaped("EXPORT_RECIPIENT", "", pattern=r"age1[0-9a-z]{58}", like="age1…, 62 letters")
EXPORT_DAYS = 30  # the last line of a file with addresses says so
BACKUP_RECIPIENT = environment.shaped("BACKUP_RECIPIENT", "", pattern=r"age1[0-9a-z]{58}", like="age1…, 62 letters")

SESSION_COOKIE_NAME = "__Host-sessionid" if SECURE else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if SECURE else "csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_FAILURE_VIEW = "core.http.csrf_failure"
SECURE_SSL_REDIRECT = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31536000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = environment.flag("HSTS_SUBDOMAINS", default=SECURE)
# Browsers keep a list of hosts that ask for it, which takes months to leave: only who decides so is put on it.
SECURE_HSTS_PRELOAD = environment.flag("HSTS_PRELOAD")
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        # The hash is of the few rules that the editor (tiptap) writes into the page itself.
        "style-src": [SELF, NONCE, "'sha256-PlumsSlvJ7vvWzjqibGAYKq92O3y/4JTxWWsWJvyUYA='"],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# Neither has people in it (core/logs.py).
LOG_FORMAT = environment.shaped("LOG_FORMAT", "text", pattern="text|json", like="text or json")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"text": {"()": "core.logs.Text"}, "json": {"()": "core.logs.Json"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django.request": {"level": "ERROR"}, "axes": {"level": "WARNING"}},
}

# Every setting has been asked for by now: what else stands in .env was mistyped.
environment.refuse_unknown()
