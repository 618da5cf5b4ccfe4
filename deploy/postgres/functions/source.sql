-- source-api's functions. The lookup id, which only the codename yields, is the capability: without it a taken
-- source machine can neither list sources nor read or delete their replies. What only reads is VOLATILE all the same:
-- see nightly.sql.

CREATE FUNCTION sealdrop.source_find(p_lookup bytea) RETURNS TABLE (source_id uuid, reply_recipient text, card bytea)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT s.id, s.reply_recipient, s.card FROM sealdrop.source s WHERE s.lookup_id = p_lookup $$;

CREATE FUNCTION sealdrop.source_replies(p_lookup bytea)
RETURNS TABLE (item_id uuid, "position" integer, size_class bigint, receipt bytea)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- Newest first.
SELECT i.id, i.position, i.size_class, r.body
FROM sealdrop.source s
JOIN sealdrop.item i ON i.source_id = s.id AND i.kind = 'reply'
JOIN sealdrop.receipt r ON r.submission_id = i.submission_id
WHERE s.lookup_id = p_lookup
ORDER BY i.position DESC
$$;

CREATE FUNCTION sealdrop.source_reply(p_lookup bytea, p_item uuid) RETURNS TABLE (header bytea, receipt bytea, sealed bytea)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- The whole payload in one value; replies are at most 1 MiB, and a larger one is not given out.
SELECT i.header, r.body, (SELECT string_agg(c.sealed, ''::bytea ORDER BY c.seq) FROM sealdrop.vault_chunk c WHERE c.item_id = i.id)
FROM sealdrop.source s
JOIN sealdrop.item i ON i.source_id = s.id AND i.kind = 'reply'
JOIN sealdrop.receipt r ON r.submission_id = i.submission_id
WHERE s.lookup_id = p_lookup AND i.id = p_item AND i.payload_bytes <= 1048576
$$;

CREATE FUNCTION sealdrop.source_delete_reply(p_lookup bytea, p_item uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- False when this source has no such reply.
BEGIN
    IF NOT EXISTS (
        SELECT FROM sealdrop.source s JOIN sealdrop.item i ON i.source_id = s.id AND i.kind = 'reply'
        WHERE s.lookup_id = p_lookup AND i.id = p_item
    ) THEN
        RETURN false;
    END IF;
    RETURN sealdrop.delete_item(p_item);
END
$$;

CREATE FUNCTION sealdrop.source_give_up(p_upload uuid) RETURNS TABLE (state text, receipt bytea, card bytea)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- Before any "not received". 'given_up': certainly not stored, now or later. 'stored': success after all.
SELECT * FROM sealdrop.give_up(p_upload)
$$;

CREATE FUNCTION sealdrop.source_settled(p_upload uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- The source has been told what became of this upload.
SELECT sealdrop.settled(p_upload)
$$;
