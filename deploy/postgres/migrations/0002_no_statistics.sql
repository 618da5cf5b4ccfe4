-- The planner's statistics are copies of values: of ids, lookup ids and days, kept in a catalogue long after their rows were
-- deleted. Every query of ours finds its rows by a key, and plans the same without them.

ALTER TABLE sealdrop.source
    ALTER COLUMN id SET STATISTICS 0,
    ALTER COLUMN lookup_id SET STATISTICS 0,
    ALTER COLUMN reply_recipient SET STATISTICS 0,
    ALTER COLUMN card SET STATISTICS 0,
    ALTER COLUMN designation SET STATISTICS 0,
    ALTER COLUMN newest_day SET STATISTICS 0,
    ALTER COLUMN starred SET STATISTICS 0,
    ALTER COLUMN next_position SET STATISTICS 0;

ALTER TABLE sealdrop.item
    ALTER COLUMN id SET STATISTICS 0,
    ALTER COLUMN source_id SET STATISTICS 0,
    ALTER COLUMN submission_id SET STATISTICS 0,
    ALTER COLUMN kind SET STATISTICS 0,
    ALTER COLUMN position SET STATISTICS 0,
    ALTER COLUMN size_class SET STATISTICS 0,
    ALTER COLUMN payload_bytes SET STATISTICS 0,
    ALTER COLUMN chunk_count SET STATISTICS 0,
    ALTER COLUMN header SET STATISTICS 0,
    ALTER COLUMN payload_sha256 SET STATISTICS 0,
    ALTER COLUMN file_sha256 SET STATISTICS 0;

ALTER TABLE sealdrop.receipt
    ALTER COLUMN submission_id SET STATISTICS 0,
    ALTER COLUMN source_id SET STATISTICS 0,
    ALTER COLUMN body SET STATISTICS 0;

ALTER TABLE sealdrop.vault_chunk
    ALTER COLUMN item_id SET STATISTICS 0,
    ALTER COLUMN seq SET STATISTICS 0,
    ALTER COLUMN sealed SET STATISTICS 0;

ALTER TABLE sealdrop.pending
    ALTER COLUMN upload_id SET STATISTICS 0,
    ALTER COLUMN instance SET STATISTICS 0;

ALTER TABLE sealdrop.pending_item
    ALTER COLUMN item_id SET STATISTICS 0,
    ALTER COLUMN upload_id SET STATISTICS 0;

ALTER TABLE sealdrop.outcome
    ALTER COLUMN upload_id SET STATISTICS 0,
    ALTER COLUMN state SET STATISTICS 0,
    ALTER COLUMN receipt SET STATISTICS 0,
    ALTER COLUMN card SET STATISTICS 0,
    ALTER COLUMN is_old SET STATISTICS 0;
