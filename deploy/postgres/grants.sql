-- Who may do what. Everything not named here is closed; tests/integration/postgres/golden_grants.txt holds the outcome.

REVOKE ALL ON ALL TABLES IN SCHEMA sealdrop FROM PUBLIC, sealdrop_source, sealdrop_journalist, sealdrop_worker, sealdrop_admin;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA sealdrop FROM PUBLIC, sealdrop_source, sealdrop_journalist, sealdrop_worker, sealdrop_admin;
REVOKE ALL ON SCHEMA sealdrop FROM PUBLIC;

GRANT USAGE ON SCHEMA sealdrop TO sealdrop_source, sealdrop_journalist, sealdrop_worker, sealdrop_admin;

GRANT INSERT (item_id, seq, sealed) ON sealdrop.vault_chunk TO sealdrop_worker;

-- The prefix of a function's name is its role.
DO $$
DECLARE
    v_function regprocedure;
    v_name text;
BEGIN
    FOR v_function, v_name IN
        SELECT oid::regprocedure, proname FROM pg_catalog.pg_proc WHERE pronamespace = 'sealdrop'::regnamespace
    LOOP
        IF split_part(v_name, '_', 1) IN ('source', 'journalist', 'worker', 'admin') THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', v_function, 'sealdrop_' || split_part(v_name, '_', 1));
        END IF;
    END LOOP;
END
$$;
