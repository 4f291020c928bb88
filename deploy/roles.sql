-- concord_app: the login of Concord's processes, for every database that people rely on. Its owner runs this with psql
-- after each `concord migrate`, as often as he likes, with the login's password in CONCORD_DATABASE_PASSWORD:
--
--     psql --set ON_ERROR_STOP=1 --file deploy/roles.sql "$OWNER_URL"
--
-- concord_app owns nothing, is bound by row security, and does not inherit: for each transaction it takes the role of
-- one service, and outside of such a transaction it can do no more than what stands below. It cannot migrate, rebuild
-- read models (`concord replay`) or move the test clock; those are the owner's.

\getenv password CONCORD_DATABASE_PASSWORD

SELECT 'CREATE ROLE concord_app LOGIN NOINHERIT' WHERE to_regrole('concord_app') IS NULL \gexec
ALTER ROLE concord_app PASSWORD :'password';

GRANT concord_directory, concord_scoring, concord_governance, concord_metrics, concord_ledger, concord_webhooks, concord_copier
    TO concord_app;

-- What precedes the role: the clock, the credential (schema `access` is open to all) and the answers of /readyz.
GRANT USAGE ON SCHEMA log TO concord_app;
GRANT SELECT ON public.alembic_version, log.ledgers, log.readers, log.places TO concord_app;
-- What follows a refusal: the answer kept for its Idempotency-Key.
GRANT SELECT, INSERT ON log.idempotency TO concord_app;

DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'concord_app' AND (rolsuper OR rolbypassrls OR rolinherit))
       OR EXISTS (SELECT FROM pg_class WHERE relowner = 'concord_app'::regrole) THEN
        RAISE EXCEPTION 'concord_app is a superuser, bypasses row security, inherits or owns tables: drop it and begin anew';
    END IF;
END $$;
