-- crypto-worker's last transaction: worker_reserve or worker_reserve_reply, then worker_commit.
--
-- Locks are always taken in this order: source row, pending row, outcome row. source_give_up takes only the last.

CREATE FUNCTION sealdrop.worker_reserve(
    p_upload uuid, p_source uuid, p_lookup bytea, p_recipient text, p_card bytea, p_designations text[],
    OUT is_new boolean, OUT next_position integer
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- Locks the source's row until the end of the transaction, making it first if this lookup id is new: then under the
-- first designation of the list that is free. A second first upload of one lookup id waits here for the first.
DECLARE
    v_source sealdrop.source;
    v_designation text;
BEGIN
    IF NOT EXISTS (SELECT FROM sealdrop.pending WHERE upload_id = p_upload AND instance <> 0) THEN
        RAISE EXCEPTION USING ERRCODE = 'SD001', MESSAGE = 'not pending';
    END IF;
    FOREACH v_designation IN ARRAY ARRAY[NULL::text] || p_designations LOOP
        IF v_designation IS NOT NULL THEN
            INSERT INTO sealdrop.source (id, lookup_id, reply_recipient, card, designation, newest_day)
            VALUES (p_source, p_lookup, p_recipient, p_card, v_designation, sealdrop.today())
            ON CONFLICT DO NOTHING;
            is_new := FOUND;
        END IF;
        SELECT * INTO v_source FROM sealdrop.source s WHERE s.lookup_id = p_lookup FOR NO KEY UPDATE;
        IF FOUND THEN
            IF v_source.id <> p_source OR v_source.reply_recipient <> p_recipient THEN
                RAISE EXCEPTION USING ERRCODE = 'SD005', MESSAGE = 'another source';
            END IF;
            is_new := coalesce(is_new, false);
            next_position := v_source.next_position;
            RETURN;
        END IF;
        -- With our lookup id it was committed between the two looks: the next turn finds it.
        IF EXISTS (SELECT FROM sealdrop.source s WHERE s.id = p_source AND s.lookup_id <> p_lookup) THEN
            RAISE EXCEPTION USING ERRCODE = 'SD005', MESSAGE = 'another source';
        END IF;
    END LOOP;
    RAISE EXCEPTION USING ERRCODE = 'SD008', MESSAGE = 'no designation free';
EXCEPTION
    WHEN integrity_constraint_violation THEN
        RAISE EXCEPTION USING ERRCODE = 'SD009', MESSAGE = 'malformed';
END
$$;

CREATE FUNCTION sealdrop.worker_reserve_reply(p_upload uuid, p_source uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- Locks the source's row until the end of the transaction; answers the position the reply will have.
DECLARE
    v_position integer;
BEGIN
    IF NOT EXISTS (SELECT FROM sealdrop.pending WHERE upload_id = p_upload AND instance <> 0) THEN
        RAISE EXCEPTION USING ERRCODE = 'SD001', MESSAGE = 'not pending';
    END IF;
    SELECT s.next_position INTO v_position FROM sealdrop.source s WHERE s.id = p_source FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'SD003', MESSAGE = 'no such source';
    END IF;
    RETURN v_position;
END
$$;

CREATE FUNCTION sealdrop.parse_items(p_items jsonb) RETURNS SETOF sealdrop.item
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- What worker_commit is given, as rows (without source and submission). Cast errors would quote their input: SD009.
BEGIN
    RETURN QUERY
    SELECT i.item_id, NULL::uuid, NULL::uuid, i.kind, i.position, i.size_class, i.payload_bytes, i.chunk_count,
           decode(i.header, 'base64'), decode(i.payload_sha256, 'hex'), decode(i.file_sha256, 'hex')
    FROM jsonb_to_recordset(p_items) AS i(
        item_id uuid, kind text, position integer, size_class bigint, payload_bytes bigint, chunk_count integer,
        header text, payload_sha256 text, file_sha256 text
    );
EXCEPTION
    WHEN data_exception OR invalid_text_representation THEN
        RAISE EXCEPTION USING ERRCODE = 'SD009', MESSAGE = 'malformed';
END
$$;

CREATE FUNCTION sealdrop.chunks_are_whole(p_item uuid, p_chunk_count integer, p_payload_bytes bigint) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- Every chunk is there, full (but the last), and their bytes add up. octet_length reads no TOAST data. VOLATILE: see nightly.sql.
SELECT count(*) = p_chunk_count
   AND min(c.seq) = 0
   AND max(c.seq) = p_chunk_count - 1
   AND sum(octet_length(c.sealed)) = p_payload_bytes
   AND bool_and(octet_length(c.sealed) = 262144 OR c.seq = p_chunk_count - 1)
FROM sealdrop.vault_chunk c WHERE c.item_id = p_item
$$;

CREATE FUNCTION sealdrop.items_are_whole(p_upload uuid, p_kind text, p_first integer, p_items sealdrop.item[])
RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- The items are exactly the upload's pending ones, of kinds that fit, at the next positions, with all their chunks.
-- coalesce: a field left out is NULL, and NULL is not whole.
SELECT coalesce(
    count(*) > 0
    AND count(*) = (SELECT count(*) FROM sealdrop.pending_item p WHERE p.upload_id = p_upload)
    AND bool_and(coalesce(i.id IN (SELECT p.item_id FROM sealdrop.pending_item p WHERE p.upload_id = p_upload), false))
    AND count(DISTINCT i.id) = count(*)
    AND count(DISTINCT i.position) = count(*)
    AND min(i.position) = p_first
    AND max(i.position) = p_first + count(*) - 1
    AND bool_and(CASE p_kind WHEN 'submission' THEN i.kind IN ('message', 'file')
                             WHEN 'reply' THEN i.kind = 'reply' ELSE false END)
    AND (p_kind = 'submission' OR count(*) = 1)
    AND bool_and(coalesce(sealdrop.chunks_are_whole(i.id, i.chunk_count, i.payload_bytes), false)),
    false
)
FROM unnest(p_items) i
$$;

CREATE FUNCTION sealdrop.worker_commit(
    p_upload uuid, p_source uuid, p_kind text, p_items jsonb, p_receipt bytea, p_card bytea
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- All of the upload, or an error and none of it. p_items: a list of {item_id, kind, position, size_class, payload_bytes,
-- chunk_count, header (base64), payload_sha256 (hex), file_sha256 (hex)}; p_kind: 'submission' or 'reply'.
-- The outcome is written last: from here on source_give_up waits, and what it then finds is final.
DECLARE
    v_first integer;
    v_items sealdrop.item[];
BEGIN
    PERFORM sealdrop.make_durable();
    SELECT s.next_position INTO v_first FROM sealdrop.source s WHERE s.id = p_source FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'SD003', MESSAGE = 'no such source';
    END IF;
    PERFORM FROM sealdrop.pending WHERE upload_id = p_upload AND instance <> 0 FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'SD001', MESSAGE = 'not pending';
    END IF;
    v_items := ARRAY(SELECT i FROM sealdrop.parse_items(p_items) i);
    IF NOT sealdrop.items_are_whole(p_upload, p_kind, v_first, v_items) THEN
        RAISE EXCEPTION USING ERRCODE = 'SD004', MESSAGE = 'mismatch';
    END IF;
    INSERT INTO sealdrop.item
    SELECT i.id, p_source, p_upload, i.kind, i.position, i.size_class, i.payload_bytes, i.chunk_count,
           i.header, i.payload_sha256, i.file_sha256
    FROM unnest(v_items) i;
    INSERT INTO sealdrop.receipt (submission_id, source_id, body) VALUES (p_upload, p_source, p_receipt);
    UPDATE sealdrop.source s
    SET next_position = v_first + cardinality(v_items),
        newest_day = CASE p_kind WHEN 'submission' THEN greatest(s.newest_day, sealdrop.today()) ELSE s.newest_day END
    WHERE s.id = p_source;
    DELETE FROM sealdrop.pending WHERE upload_id = p_upload;
    INSERT INTO sealdrop.outcome (upload_id, state, receipt, card) VALUES (p_upload, 'stored', p_receipt, p_card)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'SD002', MESSAGE = 'given up';
    END IF;
EXCEPTION
    WHEN integrity_constraint_violation THEN
        RAISE EXCEPTION USING ERRCODE = 'SD009', MESSAGE = 'malformed';
END
$$;
