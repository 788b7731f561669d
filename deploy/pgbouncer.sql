-- Once, as a database administrator: what settings.py asks for at the start of each connection, which PgBouncer drops.
ALTER ROLE undersigned IN DATABASE undersigned SET statement_timeout = '5s';
ALTER ROLE undersigned IN DATABASE undersigned SET lock_timeout = '2s';
ALTER ROLE undersigned IN DATABASE undersigned SET idle_in_transaction_session_timeout = '15s';
ALTER ROLE undersigned IN DATABASE undersigned SET plan_cache_mode = 'force_generic_plan';
