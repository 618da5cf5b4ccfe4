-- What crypto-worker asks of the database, as role sealdrop_worker.

-- name: hold_instance
SELECT pg_advisory_lock($1);

-- name: still_there
SELECT 1;

-- name: do_not_wait_for_disk
SET LOCAL synchronous_commit = off;

-- name: open_upload
SELECT sealdrop.worker_open($1, $2);

-- name: begin_item
SELECT sealdrop.worker_item($1, $2);

-- name: reserve
SELECT is_new, next_position FROM sealdrop.worker_reserve($1, $2, $3, $4, $5, $6);

-- name: reserve_reply
SELECT sealdrop.worker_reserve_reply($1, $2);

-- name: commit_upload
SELECT sealdrop.worker_commit($1, $2, $3, $4::jsonb, $5, $6);

-- name: discard_upload
SELECT sealdrop.worker_discard($1);

-- name: sweep
SELECT sealdrop.worker_sweep();
