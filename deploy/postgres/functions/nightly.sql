-- The nightly rewrite (sealdrop_admin). A row's place in its file (ctid), its row version (xmin), the number of its TOAST
-- value and its place in an index page say in which order rows came; and a deleted row stays in its page until the room
-- is used again. So once a night every table that tells of sources is copied into new files, in random order, by
-- one transaction: then all of that says "last night", and the old files are gone, with what was deleted.
--
-- TRUNCATE, and not DELETE and VACUUM, because it is the old file that must go. Its price: a statement that waits here with a
-- snapshot from before would find the table empty. So whatever reads these tables is VOLATILE: such a function takes its
-- locks first and its snapshot after. docs/adr/0010-nightly-rewrite.md

CREATE FUNCTION sealdrop.rewrite_tables(p_tables text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- Tables must be named before those that refer to them. Their triggers do not run: nothing enters or leaves.
DECLARE
    v_table text;
    v_names text := (SELECT string_agg(format('sealdrop.%I', t), ', ' ORDER BY n) FROM unnest(p_tables) WITH ORDINALITY u(t, n));
BEGIN
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', v_names);
    FOREACH v_table IN ARRAY p_tables LOOP
        EXECUTE format('CREATE UNLOGGED TABLE sealdrop.%I AS SELECT * FROM sealdrop.%I ORDER BY random()',
                       'shuffled_' || v_table, v_table);
    END LOOP;
    EXECUTE format('TRUNCATE %s', v_names);
    FOREACH v_table IN ARRAY p_tables LOOP
        EXECUTE format('INSERT INTO sealdrop.%I SELECT * FROM sealdrop.%I', v_table, 'shuffled_' || v_table);
        EXECUTE format('DROP TABLE sealdrop.%I', 'shuffled_' || v_table);
    END LOOP;
END
$$;

CREATE FUNCTION sealdrop.admin_rewrite() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- All but the sealed bytes: milliseconds, in which everybody waits. Uploads under way go on after it.
SELECT sealdrop.rewrite_tables(ARRAY['source', 'item', 'receipt', 'pending', 'pending_item', 'outcome'])
$$;

CREATE FUNCTION sealdrop.admin_rewrite_vault() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- The sealed bytes: copied twice, with room for two more copies until the end. Meanwhile nothing is uploaded or downloaded: what
-- waits longer than its role's lock_timeout fails, and is not acknowledged.
BEGIN
    LOCK TABLE sealdrop.vault_chunk IN ACCESS EXCLUSIVE MODE;
    ALTER TABLE sealdrop.vault_chunk DISABLE TRIGGER refuse_stray_chunk;
    PERFORM sealdrop.rewrite_tables(ARRAY['vault_chunk']);
    ALTER TABLE sealdrop.vault_chunk ENABLE TRIGGER refuse_stray_chunk;
END
$$;

CREATE FUNCTION sealdrop.admin_switch_wal() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
-- The next checkpoint then removes every log segment written so far.
SELECT pg_switch_wal()
$$;
