-- journalist-api's functions: sources, items, their sealed bytes, and deletion. It adds nothing to the vault:
-- replies go through the worker. What only reads is VOLATILE all the same: see nightly.sql.

CREATE FUNCTION sealdrop.journalist_sources() RETURNS TABLE (
    id uuid, designation text, reply_recipient text, card bytea, newest_day date, starred boolean, items integer
)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- Newest day first; inside a day by designation, which is random, never in the order things arrived.
SELECT s.id, s.designation, s.reply_recipient, s.card, s.newest_day, s.starred,
       (SELECT count(*)::integer FROM sealdrop.item i WHERE i.source_id = s.id)
FROM sealdrop.source s
ORDER BY s.newest_day DESC, s.designation
$$;

CREATE FUNCTION sealdrop.journalist_items(p_source uuid) RETURNS TABLE (
    item_id uuid, submission_id uuid, kind text, "position" integer, size_class bigint, file_bytes bigint, file_sha256 bytea
)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- The conversation in order. file_bytes is header and payload together: the age file as downloaded.
SELECT i.id, i.submission_id, i.kind, i.position, i.size_class, octet_length(i.header) + i.payload_bytes, i.file_sha256
FROM sealdrop.item i WHERE i.source_id = p_source ORDER BY i.position
$$;

CREATE FUNCTION sealdrop.journalist_item(p_item uuid) RETURNS TABLE (
    item_id uuid, submission_id uuid, kind text, "position" integer, size_class bigint, file_bytes bigint, file_sha256 bytea,
    header bytea, designation text
)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- With the designation of its source, for the name of a download.
SELECT i.id, i.submission_id, i.kind, i.position, i.size_class, octet_length(i.header) + i.payload_bytes, i.file_sha256,
       i.header, s.designation
FROM sealdrop.item i JOIN sealdrop.source s ON s.id = i.source_id WHERE i.id = p_item
$$;

CREATE FUNCTION sealdrop.journalist_chunks(p_item uuid, p_from integer, p_to integer)
RETURNS TABLE (seq integer, sealed bytea)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- Chunks p_from up to, not including, p_to, in order. Chunk n holds payload bytes from n * 262144. Only of stored items.
-- Ask for 16 (4 MiB) at a time: the answer is built whole in the server's memory.
SELECT c.seq, c.sealed
FROM sealdrop.item i JOIN sealdrop.vault_chunk c ON c.item_id = i.id
WHERE i.id = p_item AND c.seq >= p_from AND c.seq < p_to
ORDER BY c.seq
$$;

CREATE FUNCTION sealdrop.journalist_receipt(p_submission uuid) RETURNS bytea
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT r.body FROM sealdrop.receipt r WHERE r.submission_id = p_submission $$;

CREATE FUNCTION sealdrop.journalist_delete_item(p_item uuid) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- False when there is no such item.
SELECT sealdrop.delete_item(p_item)
$$;

CREATE FUNCTION sealdrop.journalist_delete_source(p_source uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- The source, its items, receipts and chunks. The next post under the same codename makes it anew.
BEGIN
    PERFORM sealdrop.make_durable();
    DELETE FROM sealdrop.source WHERE id = p_source;
    RETURN FOUND;
END
$$;

CREATE FUNCTION sealdrop.journalist_give_up(p_upload uuid) RETURNS TABLE (state text, receipt bytea)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- The fence for replies, as source_give_up is for submissions.
SELECT g.state, g.receipt FROM sealdrop.give_up(p_upload) g
$$;

CREATE FUNCTION sealdrop.journalist_settled(p_upload uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT sealdrop.settled(p_upload) $$;
