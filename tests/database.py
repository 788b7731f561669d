"""The databases of a test run: migrations run once, each process copies what they left, and gets it back after a test.

The first process that comes makes the template; PostgreSQL copies it in a tenth of a second. Of a test that commits,
Django's own `flush` would truncate every table and have each app announce its models anew, half a second each time, and
take away what migrations wrote, so that the next test found another database than the first one.
"""

import os
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase
from psycopg import sql

from local.pytest_postgres import TEMPLATE

# Rows that migrations wrote are kept beside; tables with others are emptied. Neither triggers nor keys are asked:
# every row goes, and a test may have left what they refuse.
REMEMBER = """
CREATE SCHEMA kept;
DO $$
DECLARE
    name text;
    written boolean;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO written;
        IF written THEN
            EXECUTE format('CREATE TABLE kept.%1$I AS TABLE public.%1$I', name);
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION kept.put_back() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text;
    is_kept boolean;
    differs boolean;
BEGIN
    PERFORM set_config('session_replication_role', 'replica', true);
    FOR name, is_kept IN
        SELECT tablename, to_regclass(format('kept.%I', tablename)) IS NOT NULL
        FROM pg_tables WHERE schemaname = 'public'
    LOOP
        IF is_kept THEN
            EXECUTE format('SELECT EXISTS (TABLE public.%1$I EXCEPT ALL TABLE kept.%1$I)'
                ' OR EXISTS (TABLE kept.%1$I EXCEPT ALL TABLE public.%1$I)', name) INTO differs;
        ELSE
            EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO differs;
        END IF;
        IF differs THEN
            EXECUTE format('DELETE FROM public.%I', name);
        END IF;
        IF differs AND is_kept THEN
            EXECUTE format('INSERT INTO public.%1$I TABLE kept.%1$I', name);
        END IF;
    END LOOP;
END $$;
"""
ONE_AT_A_TIME = 0x7E57  # the key of the advisory lock under which the template is made


def make() -> None:
    """Make this process its own database, and have the test cases that commit put it back."""
    name = connection.settings_dict["TEST"]["NAME"] or f"test_{connection.settings_dict['NAME']}"
    template = os.environ[TEMPLATE]
    with connection._nodb_cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")  # whoever comes second waits for the first
        cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template])
        if not cursor.fetchone():
            _make_template(cursor, template)
        _drop(cursor, name)
        cursor.execute(_said("CREATE DATABASE {} TEMPLATE {}", name, template))
        cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])
    _use(name)
    TransactionTestCase._fixture_teardown = put_back


def drop() -> None:
    """Remove the database of this process, with whatever session a killed worker has left on it."""
    name = connection.settings_dict["NAME"]
    _leave()
    with connection._nodb_cursor() as cursor:
        _drop(cursor, name)


def put_back(case: Any = None) -> None:
    """Make the database what the migrations left; of sequences only the numbers go on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kept.put_back()")


def _make_template(cursor: Any, name: str) -> None:
    """Under another name first, so that one that was interrupted is never taken for whole."""
    unfinished = f"{name}_unfinished"
    _drop(cursor, unfinished)
    cursor.execute(_said("CREATE DATABASE {}", unfinished))
    _use(unfinished)
    call_command("migrate", verbosity=0)
    with connection.cursor() as own:
        own.execute(REMEMBER)
    _leave()
    cursor.execute(_said("ALTER DATABASE {} RENAME TO {}", unfinished, name))


def _use(name: str) -> None:
    _leave()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def _leave() -> None:
    connection.close()
    connection.close_pool()


def _drop(cursor: Any, name: str) -> None:
    cursor.execute(_said("DROP DATABASE IF EXISTS {} WITH (FORCE)", name))


def _said(statement: str, *names: str) -> sql.Composed:
    return sql.SQL(statement).format(*map(sql.Identifier, names))
