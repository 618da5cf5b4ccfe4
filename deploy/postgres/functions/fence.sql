-- What the functions of several roles share. Nobody may execute these but the functions themselves.
--
-- Errors of all functions carry one of these SQLSTATEs, a constant message, and never what was asked for:
--   SD001 not pending          the upload is not open (never opened, discarded, swept, or stored already)
--   SD002 given up             the producer has told its user "not received"
--   SD003 no such source
--   SD004 mismatch             items, chunks, bytes or positions are not what was announced
--   SD005 another source       the lookup id and the source id do not belong together
--   SD006 no instance lock     the worker instance holds no advisory lock of its number
--   SD007 known already        this id or name was used before
--   SD008 no designation free
--   SD009 malformed

CREATE FUNCTION sealdrop.make_durable() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- The caller's transaction is one a person is told about: it must survive a power cut even when its
-- connection wrote vault chunks with synchronous_commit = off before.
BEGIN
    IF current_setting('synchronous_commit') IN ('off', 'local') THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
END
$$;

CREATE FUNCTION sealdrop.today() RETURNS date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT (now() AT TIME ZONE 'UTC')::date $$;

CREATE FUNCTION sealdrop.chunks_at_once() RETURNS integer
LANGUAGE sql IMMUTABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- 512 MiB: what one call deletes before it leaves the rest to the sweep. 2 s on two idle cores; a client that gave up
-- waiting would have it all rolled back, and again the next time.
SELECT 2048
$$;

CREATE FUNCTION sealdrop.instance_lives(p_instance bigint) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- True while some session holds pg_advisory_lock(p_instance). Read from pg_locks rather than tried: trying would
-- succeed in the session that holds it, and a worker's sweep would then take its own uploads.
SELECT p_instance <> 0 AND EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND mode = 'ExclusiveLock' AND objsubid = 1
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (classid::bigint << 32) | objid::bigint = p_instance
)
$$;

CREATE FUNCTION sealdrop.give_up(p_upload uuid) RETURNS TABLE (state text, receipt bytea, card bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- Waits for a worker_commit in flight (ON CONFLICT does), then says which of the two was first. It holds no other
-- lock while it waits, so the two cannot deadlock. A `stored` that was swept or settled meanwhile has left its receipt:
-- what is in the inbox is never called given up.
BEGIN
    PERFORM sealdrop.make_durable();
    INSERT INTO sealdrop.outcome (upload_id, state) VALUES (p_upload, 'given_up') ON CONFLICT DO NOTHING;
    RETURN QUERY SELECT 'stored'::text, r.body, NULL::bytea FROM sealdrop.receipt r JOIN sealdrop.outcome o
        ON o.upload_id = r.submission_id WHERE r.submission_id = p_upload AND o.state = 'given_up';
    IF FOUND THEN
        DELETE FROM sealdrop.outcome o WHERE o.upload_id = p_upload;
        RETURN;
    END IF;
    RETURN QUERY SELECT o.state, o.receipt, o.card FROM sealdrop.outcome o WHERE o.upload_id = p_upload;
END
$$;

CREATE FUNCTION sealdrop.settled(p_upload uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- The producer has answered its user: a stored outcome is no longer needed. A given_up one stays until the daily sweep,
-- or the hub could replay the upload to its worker and have it stored after all.
DELETE FROM sealdrop.outcome WHERE upload_id = p_upload AND state = 'stored'
$$;
