-- All this service may do in the database. The lookup id is the capability: without it no function gives anything.

-- name: source_find
SELECT source_id, reply_recipient, card FROM sealdrop.source_find($1);

-- name: source_replies
SELECT item_id FROM sealdrop.source_replies($1);

-- name: source_reply
SELECT header, receipt, sealed FROM sealdrop.source_reply($1, $2);

-- name: source_delete_reply
SELECT sealdrop.source_delete_reply($1, $2);

-- name: source_give_up
SELECT state, receipt FROM sealdrop.source_give_up($1);

-- name: source_settled
SELECT sealdrop.source_settled($1);
