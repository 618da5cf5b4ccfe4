-- Journalists' accounts and sessions (journalist-api), and the operator's functions (sealdrop_admin).

CREATE FUNCTION sealdrop.journalist_credentials(p_username text) RETURNS TABLE (
    id uuid, passphrase_hash text, totp_sealed bytea, totp_step bigint, is_admin boolean
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
SELECT j.id, j.passphrase_hash, j.totp_sealed, j.totp_step, j.is_admin FROM sealdrop.journalist j WHERE j.username = p_username
$$;

CREATE FUNCTION sealdrop.journalist_use_step(p_journalist uuid, p_step bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- True once for each step, and never for one before a step already used: a TOTP code works once.
BEGIN
    PERFORM sealdrop.make_durable();
    UPDATE sealdrop.journalist SET totp_step = p_step WHERE id = p_journalist AND totp_step < p_step;
    RETURN FOUND;
END
$$;

CREATE FUNCTION sealdrop.journalist_session_open(
    p_journalist uuid, p_token_hash bytea, p_expires timestamptz, p_idle interval
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- Expired sessions of anybody are cleared on the way.
BEGIN
    DELETE FROM sealdrop.journalist_session WHERE expires_at <= now() OR idle_at <= now();
    INSERT INTO sealdrop.journalist_session (token_hash, journalist_id, idle, idle_at, expires_at)
    VALUES (p_token_hash, p_journalist, p_idle, now() + p_idle, p_expires);
EXCEPTION
    WHEN integrity_constraint_violation THEN
        RAISE EXCEPTION USING ERRCODE = 'SD009', MESSAGE = 'malformed';
END
$$;

CREATE FUNCTION sealdrop.journalist_session_touch(p_token_hash bytea)
RETURNS TABLE (journalist_id uuid, username text, is_admin boolean)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- No row when the session is unknown, idle for too long or expired; else it is no longer idle.
UPDATE sealdrop.journalist_session s
SET idle_at = now() + s.idle
FROM sealdrop.journalist j
WHERE s.token_hash = p_token_hash AND j.id = s.journalist_id AND s.expires_at > now() AND s.idle_at > now()
RETURNING j.id, j.username, j.is_admin
$$;

CREATE FUNCTION sealdrop.journalist_session_close(p_token_hash bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ DELETE FROM sealdrop.journalist_session s WHERE s.token_hash = p_token_hash $$;

CREATE FUNCTION sealdrop.admin_add_journalist(
    p_id uuid, p_username text, p_passphrase_hash text, p_totp_sealed bytea, p_is_admin boolean
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO sealdrop.journalist (id, username, passphrase_hash, totp_sealed, is_admin)
    VALUES (p_id, p_username, p_passphrase_hash, p_totp_sealed, p_is_admin);
EXCEPTION
    WHEN unique_violation THEN
        RAISE EXCEPTION USING ERRCODE = 'SD007', MESSAGE = 'known already';
    WHEN integrity_constraint_violation THEN
        RAISE EXCEPTION USING ERRCODE = 'SD009', MESSAGE = 'malformed';
END
$$;

CREATE FUNCTION sealdrop.admin_sweep_outcomes() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- Once a day. An outcome goes at the second sweep that sees it, so it stood for a day at least, far longer than any
-- hand-over message lives; one whose upload is still pending stays, because it is what keeps the worker out.
DECLARE
    v_count integer;
BEGIN
    DELETE FROM sealdrop.outcome o
    WHERE o.is_old AND NOT EXISTS (SELECT FROM sealdrop.pending p WHERE p.upload_id = o.upload_id);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    UPDATE sealdrop.outcome SET is_old = true WHERE NOT is_old;
    RETURN v_count;
END
$$;
