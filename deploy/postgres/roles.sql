-- Roles, the schema, and what PUBLIC loses. Run by a superuser in the newsroom's database, before anything else.
-- Running it again changes nothing: `sealdrop migrate` does so each time.
--
-- sealdrop_owner owns everything and can never log in. The other four log in by client certificate only (pg_hba.conf)
-- and may do nothing but what grants.sql says: execute their own functions, and for the worker add vault chunks.

DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['sealdrop_owner', 'sealdrop_source', 'sealdrop_journalist', 'sealdrop_worker', 'sealdrop_admin']
    LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I', role_name);
        END IF;
    END LOOP;
END
$$;

ALTER ROLE sealdrop_owner NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT;
ALTER ROLE sealdrop_source LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT CONNECTION LIMIT 32;
ALTER ROLE sealdrop_journalist LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT CONNECTION LIMIT 32;
ALTER ROLE sealdrop_worker LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT CONNECTION LIMIT 64;
ALTER ROLE sealdrop_admin LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT CONNECTION LIMIT 4;

-- A statement that hangs must not hold a source's row or a worker's lane for long. The longest honest statements are
-- one COPY of 4 MiB (worker), the deletion of a source with everything it sent (journalist), and the sweep (worker).
ALTER ROLE sealdrop_source SET statement_timeout = '10s';
ALTER ROLE sealdrop_source SET lock_timeout = '5s';
ALTER ROLE sealdrop_source SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE sealdrop_worker SET statement_timeout = '60s';
ALTER ROLE sealdrop_worker SET lock_timeout = '5s';
ALTER ROLE sealdrop_worker SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE sealdrop_journalist SET statement_timeout = '120s';
ALTER ROLE sealdrop_journalist SET lock_timeout = '5s';
ALTER ROLE sealdrop_journalist SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE sealdrop_admin SET statement_timeout = '120s';
ALTER ROLE sealdrop_admin SET lock_timeout = '5s';

-- After the nightly rewrite the log that holds what was deleted must go: functions/nightly.sql.
GRANT pg_checkpoint TO sealdrop_admin;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_switch_wal() TO sealdrop_owner;

DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format(
        'GRANT CONNECT ON DATABASE %I TO sealdrop_source, sealdrop_journalist, sealdrop_worker, sealdrop_admin',
        current_database()
    );
END
$$;

-- Nobody of ours uses "public", runs DO blocks, or keeps large objects: a taken service could hide data in them.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON LANGUAGE plpgsql FROM PUBLIC;
GRANT USAGE ON LANGUAGE plpgsql TO sealdrop_owner;
REVOKE EXECUTE ON FUNCTION pg_catalog.lo_creat(integer), pg_catalog.lo_create(oid), pg_catalog.lo_from_bytea(oid, bytea)
    FROM PUBLIC;

CREATE SCHEMA IF NOT EXISTS sealdrop AUTHORIZATION sealdrop_owner;

-- A function somebody forgets to list in grants.sql is closed, not open.
ALTER DEFAULT PRIVILEGES FOR ROLE sealdrop_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
