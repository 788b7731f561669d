"""The database of the tests: after a test that commits, it is again what the migrations left.

Django's own `flush` truncates every table and has each app announce its models anew, half a second each time, and takes
away what migrations wrote, so that the next test found another database than the first one.
"""

from typing import Any

from django.db import connections
from django.test import TransactionTestCase

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


def remember() -> None:
    """Keep what the migrations wrote, and have the test cases that commit put it back."""
    with connections["default"].cursor() as cursor:
        cursor.execute(REMEMBER)
    TransactionTestCase._fixture_teardown = put_back


def put_back(case: Any = None) -> None:
    """Make the database what `remember` saw; of sequences only the numbers go on."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT kept.put_back()")
