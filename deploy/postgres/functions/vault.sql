-- The vault table's two walls. Chunks enter only for a pending item, and leave with their item.

CREATE FUNCTION sealdrop.refuse_stray_chunk() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- One index look-up a chunk of 256 KiB. KEY SHARE on the pending row makes a discard, a sweep or a commit wait
-- until this transaction ends, so that none of them can miss a chunk. (Row-level security would forbid COPY.)
BEGIN
    PERFORM FROM sealdrop.pending_item i JOIN sealdrop.pending p USING (upload_id)
    WHERE i.item_id = NEW.item_id AND p.instance <> 0 FOR KEY SHARE OF p;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'SD001', MESSAGE = 'not pending';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER refuse_stray_chunk BEFORE INSERT ON sealdrop.vault_chunk
FOR EACH ROW EXECUTE FUNCTION sealdrop.refuse_stray_chunk();

CREATE FUNCTION sealdrop.delete_chunks_of_items() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- In the same transaction; more than chunks_at_once belong to nobody from here on, and go with the worker's sweeps.
BEGIN
    IF (SELECT sum(chunk_count) FROM gone) > sealdrop.chunks_at_once() THEN
        INSERT INTO sealdrop.pending (upload_id, instance) SELECT id, 0 FROM gone;
        INSERT INTO sealdrop.pending_item (item_id, upload_id) SELECT id, id FROM gone;
    ELSE
        DELETE FROM sealdrop.vault_chunk WHERE item_id IN (SELECT id FROM gone);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER delete_chunks_of_items AFTER DELETE ON sealdrop.item
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION sealdrop.delete_chunks_of_items();

CREATE FUNCTION sealdrop.delete_item(p_item uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- The receipt goes with the last item it names. The source row is locked first, as worker_commit does: deleting two
-- items of one submission at once must not leave its receipt behind.
DECLARE
    v_submission uuid;
BEGIN
    PERFORM sealdrop.make_durable();
    PERFORM FROM sealdrop.source s
    WHERE s.id = (SELECT i.source_id FROM sealdrop.item i WHERE i.id = p_item) FOR NO KEY UPDATE;
    DELETE FROM sealdrop.item WHERE id = p_item RETURNING submission_id INTO v_submission;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM sealdrop.receipt r
    WHERE r.submission_id = v_submission
      AND NOT EXISTS (SELECT FROM sealdrop.item i WHERE i.submission_id = v_submission);
    RETURN true;
END
$$;
