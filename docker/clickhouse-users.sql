-- Who may do what in ClickHouse. Each program has a user that may do what it needs and no more. Whoever runs this file has to be allowed to
-- manage users and to grant what is granted here; docker/ has ponix-operator for that, for ./ponix and for people.
--   clickhouse-client --host HOST --user ADMINISTRATOR --password < clickhouse-users.sql
-- Where there are several servers, it is run on each, unless they share their users. It may be run again, also while programs work: rights
-- and limits are then as they stand here, and passwords stay.
-- The users cannot log in before they have passwords, which are no part of this file:
--   ALTER USER `ponix-job` IDENTIFIED BY '...'
-- Names are those by default: the database ponix and its tables, which need not exist yet.

-- What has this hash nobody knows.
CREATE USER IF NOT EXISTS `ponix-migrations` IDENTIFIED WITH sha256_hash BY '0000000000000000000000000000000000000000000000000000000000000000';
CREATE USER IF NOT EXISTS `ponix-job` IDENTIFIED WITH sha256_hash BY '0000000000000000000000000000000000000000000000000000000000000000';
CREATE USER IF NOT EXISTS `ponix-service` IDENTIFIED WITH sha256_hash BY '0000000000000000000000000000000000000000000000000000000000000000';

-- Makes the database and its tables, and alters, copies and drops them. TABLE ENGINE is asked for where table_engines_require_grant is set.
GRANT
    CREATE DATABASE, CREATE TABLE, DROP TABLE, ALTER TABLE, SELECT, INSERT ON ponix.*,
    TABLE ENGINE ON MergeTree,
    TABLE ENGINE ON ReplacingMergeTree,
    SHOW DATABASES ON default.*,
    SELECT ON system.mutations
TO `ponix-migrations` WITH REPLACE OPTION;

-- Inserts rows, and looks by what tells them apart which are there already: it reads no reading. SHOW TABLES, so that it learns of a view
-- behind the table that would double rows, wherever it is; SYNC REPLICA, where the table is replicated. Sessions, which another job writes as
-- the same user, need no look: their tables make one of what comes twice.
GRANT
    SELECT(organization_id, end_device_id, occurred_at, stream, stream_sequence, received_at, row_index, row_count) ON ponix.processed_envelopes,
    INSERT, SYSTEM SYNC REPLICA ON ponix.processed_envelopes,
    INSERT ON ponix.metered_sessions,
    INSERT ON ponix.session_meter_values,
    SHOW TABLES ON *.*,
    SELECT(query_id, query) ON system.processes,
    SELECT ON system.parts,
    SELECT ON system.merge_tree_settings,
    SELECT ON system.replicated_merge_tree_settings
TO `ponix-job` WITH REPLACE OPTION;

-- Reads rows, for its page and ListRows, and changes nothing. 2: settings of a query are its own affair.
CREATE SETTINGS PROFILE OR REPLACE `ponix-service` SETTINGS readonly = 2 TO `ponix-service`;
GRANT SELECT ON ponix.processed_envelopes TO `ponix-service` WITH REPLACE OPTION;

-- What all tenants have: those who may look at the rows of one organization with their own tools. Who has the role and no policy of his own
-- sees no row. Without a lower bound, 0 would lift a limit.
CREATE ROLE IF NOT EXISTS `ponix-tenant`;
CREATE SETTINGS PROFILE OR REPLACE `ponix-tenant` SETTINGS
    readonly = 2,
    max_memory_usage = 1000000000 MIN 1 MAX 1000000000,
    max_execution_time = 30 MIN 1 MAX 30,
    max_rows_to_read = 100000000 MIN 1 MAX 100000000,
    max_result_rows = 1000000 MIN 1 MAX 1000000,
    max_threads = 2 MIN 1 MAX 2,
    max_concurrent_queries_for_user = 8 MIN 1 MAX 8,
    timeout_overflow_mode = 'throw' CONST,
    read_overflow_mode = 'throw' CONST,
    result_overflow_mode = 'throw' CONST
TO `ponix-tenant`;
CREATE ROW POLICY OR REPLACE `ponix-tenant` ON ponix.processed_envelopes USING 0 TO `ponix-tenant`;
-- Where users_without_row_policies_can_read_rows is off, a table with a policy shows no rows to those without one: the job would take what
-- it has inserted for missing.
CREATE ROW POLICY OR REPLACE `ponix-all-but-tenants` ON ponix.processed_envelopes USING 1 TO ALL EXCEPT `ponix-tenant`;
GRANT SELECT ON ponix.processed_envelopes TO `ponix-tenant` WITH REPLACE OPTION;
