-- Everything our roles and PUBLIC may do in a migrated database, one right a line; compared with golden_grants.txt.
-- Left out: what sealdrop_owner may do with its own tables and functions, and what PostgreSQL itself gives PUBLIC in pg_catalog and information_schema but for
-- what roles.sql takes away.
WITH ours AS (
    SELECT oid, rolname::text AS role FROM pg_roles WHERE rolname LIKE 'sealdrop\_%'
    UNION ALL SELECT 0, 'PUBLIC'
),
rights (object, acl) AS (
    SELECT 'database', coalesce(datacl, acldefault('d', datdba)) FROM pg_database WHERE datname = current_database()
    UNION ALL
    SELECT 'schema ' || nspname, coalesce(nspacl, acldefault('n', nspowner))
    FROM pg_namespace WHERE nspname IN ('sealdrop', 'public')
    UNION ALL
    SELECT 'language ' || lanname, coalesce(lanacl, acldefault('l', lanowner)) FROM pg_language WHERE lanpltrusted AND lanname <> 'sql'
    UNION ALL
    SELECT 'table ' || relname, coalesce(relacl, acldefault('r', relowner))
    FROM pg_class WHERE relnamespace = 'sealdrop'::regnamespace AND relkind IN ('r', 'v', 'm', 'p', 'f')
    UNION ALL
    SELECT 'sequence ' || relname, coalesce(relacl, acldefault('s', relowner))
    FROM pg_class WHERE relnamespace = 'sealdrop'::regnamespace AND relkind = 'S'
    UNION ALL
    SELECT 'column ' || relname || '.' || attname, attacl
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE relnamespace = 'sealdrop'::regnamespace AND attacl IS NOT NULL
    UNION ALL
    SELECT 'function ' || oid::regprocedure, coalesce(proacl, acldefault('f', proowner))
    FROM pg_proc WHERE pronamespace = 'sealdrop'::regnamespace OR (proname IN ('lo_creat', 'lo_create', 'lo_from_bytea'))
    UNION ALL
    SELECT 'default for ' || defaclobjtype::text || ' of ' || defaclrole::regrole, defaclacl FROM pg_default_acl
)
SELECT role || ': ' || privilege_type || CASE WHEN is_grantable THEN ' (grantable)' ELSE '' END || ' on ' || object AS line
FROM rights, aclexplode(acl) JOIN ours ON ours.oid = grantee
WHERE NOT (role = 'sealdrop_owner' AND object ~ '^(table|function) ')
UNION ALL
SELECT format('%s: attributes login=%s super=%s inherit=%s createrole=%s createdb=%s replication=%s bypassrls=%s limit=%s %s',
    rolname, rolcanlogin, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolconnlimit,
    array_to_string(rolconfig, ' '))
FROM pg_roles WHERE rolname LIKE 'sealdrop\_%'
UNION ALL
SELECT format('%s: member of %s', member::regrole, roleid::regrole) FROM pg_auth_members
WHERE member::regrole::text LIKE 'sealdrop\_%' OR roleid::regrole::text LIKE 'sealdrop\_%'
UNION ALL
SELECT format('function %s: owner=%s definer=%s config=%s', oid::regprocedure, proowner::regrole, prosecdef, proconfig)
FROM pg_proc WHERE pronamespace = 'sealdrop'::regnamespace
UNION ALL
SELECT format('%s: owner of %s', relowner::regrole, relname)
FROM pg_class WHERE relnamespace = 'sealdrop'::regnamespace AND relkind IN ('r', 'v', 'm', 'p', 'f', 'S')
UNION ALL
SELECT format('%s: owner of schema %s', nspowner::regrole, nspname) FROM pg_namespace WHERE nspname = 'sealdrop'
