-- crypto-worker's functions, in the order of one upload (docs/protocol.md).
--
-- At start a worker draws a random bigint, its instance, and holds `SELECT pg_advisory_lock(instance)` on a connection
-- that lives as long as it does. worker_sweep may take an upload as soon as that lock is free.
--
--   1. worker_open(upload, instance), worker_item(upload, item) for each item: transactions of their own.
--   2. Chunks of exactly 256 KiB, the last one shorter, seq from 0, every 16 chunks or so in a transaction of their own with
--      `SET LOCAL synchronous_commit = off`:
--          COPY sealdrop.vault_chunk (item_id, seq, sealed) FROM STDIN (FORMAT binary)
--      asyncpg: connection.copy_records_to_table('vault_chunk', schema_name='sealdrop',
--               columns=('item_id', 'seq', 'sealed'), records=[(item_id, seq, sealed), ...])
--      The role may insert these three columns and read none. A chunk of an item that is not pending fails with SD001.
--   3. One last transaction: worker_reserve or worker_reserve_reply, sign the receipt with the position it gives,
--      worker_commit, COMMIT. It is synchronous whatever the connection had set.
--   Any failure on the way: worker_discard(upload).

CREATE FUNCTION sealdrop.worker_open(p_upload uuid, p_instance bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT sealdrop.instance_lives(p_instance) THEN
        RAISE EXCEPTION USING ERRCODE = 'SD006', MESSAGE = 'no instance lock';
    END IF;
    IF EXISTS (SELECT FROM sealdrop.outcome WHERE upload_id = p_upload AND state = 'given_up') THEN
        RAISE EXCEPTION USING ERRCODE = 'SD002', MESSAGE = 'given up';
    END IF;
    IF EXISTS (SELECT FROM sealdrop.outcome WHERE upload_id = p_upload)
       OR EXISTS (SELECT FROM sealdrop.receipt WHERE submission_id = p_upload) THEN
        RAISE EXCEPTION USING ERRCODE = 'SD007', MESSAGE = 'known already';
    END IF;
    INSERT INTO sealdrop.pending (upload_id, instance) VALUES (p_upload, p_instance) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'SD007', MESSAGE = 'known already';
    END IF;
END
$$;

CREATE FUNCTION sealdrop.worker_item(p_upload uuid, p_item uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM sealdrop.pending WHERE upload_id = p_upload AND instance <> 0 FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'SD001', MESSAGE = 'not pending';
    END IF;
    INSERT INTO sealdrop.pending_item (item_id, upload_id) VALUES (p_item, p_upload) ON CONFLICT DO NOTHING;
    -- Looked up after the insert, which may have waited for the commit of another upload with this item.
    IF NOT FOUND OR EXISTS (SELECT FROM sealdrop.item WHERE id = p_item) THEN
        RAISE EXCEPTION USING ERRCODE = 'SD007', MESSAGE = 'known already';
    END IF;
END
$$;

CREATE FUNCTION sealdrop.drop_pending(p_upload uuid, p_chunks integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- Deletes up to p_chunks chunks; answers how many it were. With the last of them the upload is forgotten.
-- The lock waits for chunks in flight; the statement after it sees them all.
DECLARE
    v_count integer;
BEGIN
    PERFORM FROM sealdrop.pending WHERE upload_id = p_upload FOR UPDATE;
    DELETE FROM sealdrop.vault_chunk d
    WHERE (d.item_id, d.seq) IN (
        SELECT c.item_id, c.seq FROM sealdrop.pending_item p JOIN sealdrop.vault_chunk c USING (item_id)
        WHERE p.upload_id = p_upload AND NOT EXISTS (SELECT FROM sealdrop.item i WHERE i.id = c.item_id)
        LIMIT p_chunks
    );
    GET DIAGNOSTICS v_count = ROW_COUNT;
    IF v_count < p_chunks THEN
        DELETE FROM sealdrop.pending WHERE upload_id = p_upload;
    ELSE
        UPDATE sealdrop.pending SET instance = 0 WHERE upload_id = p_upload;
    END IF;
    RETURN v_count;
END
$$;

CREATE FUNCTION sealdrop.worker_discard(p_upload uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- Nothing is left of an upload that is not stored, but for what is over 512 MiB: that is left to the sweep.
-- Silent when there is nothing to discard.
BEGIN
    PERFORM sealdrop.drop_pending(p_upload, sealdrop.chunks_at_once());
END
$$;

CREATE FUNCTION sealdrop.worker_sweep() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- Discards uploads of dead instances, and what deletions left, up to 512 MiB; answers how many it began with: call it
-- again until that is 0. SKIP LOCKED: a dead worker's last statement may still run.
DECLARE
    v_upload uuid;
    v_chunks integer := sealdrop.chunks_at_once();
    v_count integer := 0;
BEGIN
    FOR v_upload IN
        SELECT upload_id FROM sealdrop.pending WHERE NOT sealdrop.instance_lives(instance) FOR UPDATE SKIP LOCKED
    LOOP
        v_chunks := v_chunks - sealdrop.drop_pending(v_upload, v_chunks);
        v_count := v_count + 1;
        EXIT WHEN v_chunks <= 0;
    END LOOP;
    RETURN v_count;
END
$$;
