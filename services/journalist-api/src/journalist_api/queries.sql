-- The functions the database lets sealdrop_journalist execute; it may do nothing else.

-- name: credentials
SELECT id, passphrase_hash, totp_sealed, is_admin FROM sealdrop.journalist_credentials($1);

-- name: use_step
SELECT sealdrop.journalist_use_step($1, $2);

-- name: session_open
SELECT sealdrop.journalist_session_open($1, $2, $3, $4);

-- name: session_touch
SELECT * FROM sealdrop.journalist_session_touch($1);

-- name: session_close
SELECT sealdrop.journalist_session_close($1);

-- name: sources
SELECT * FROM sealdrop.journalist_sources();

-- name: items
SELECT * FROM sealdrop.journalist_items($1);

-- name: item
SELECT * FROM sealdrop.journalist_item($1);

-- name: chunks
SELECT seq, sealed FROM sealdrop.journalist_chunks($1, $2, $3);

-- name: receipt
SELECT sealdrop.journalist_receipt($1);

-- name: delete_item
SELECT sealdrop.journalist_delete_item($1);

-- name: delete_source
SELECT sealdrop.journalist_delete_source($1);

-- name: give_up
SELECT state, receipt FROM sealdrop.journalist_give_up($1);
