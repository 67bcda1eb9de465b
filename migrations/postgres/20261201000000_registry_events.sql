-- +goose Up
-- What happened to each thing that is registered: every change of a row is written here by the transaction that makes it, whoever
-- makes it, by triggers of the tables. The rows of organizations, end_devices, end_device_definitions and gateways are what their
-- events add up to (registry_states); "ponix registry verify" compares the two.
--
-- Guarantees. The versions of one thing are 1, 2, 3 ... without gaps: its row is locked while they are given, and two that would
-- give the same one meet in the primary key. An event is never changed or deleted, but by the compaction of what is older than is
-- kept, which leaves one event of each thing, with its version. An UPDATE that changes nothing writes no event, and the row stays
-- as it is, updated_at too.
CREATE TABLE registry_events (
    -- organization, end_device, end_device_definition, gateway
    resource_type     TEXT        NOT NULL,
    resource_id       TEXT        NOT NULL,
    resource_version  BIGINT      NOT NULL,
    organization_id   TEXT        NOT NULL,
    change_id         BIGINT      NOT NULL,
    -- created, changed (one field), deleted, restored, compacted
    event_type        TEXT        NOT NULL,
    -- The column that changed, where one did.
    field             TEXT,
    -- Of a column, its values. Of a restored thing, all columns before and after; of a deleted one, those that the deletion changed.
    old_value         JSONB,
    new_value         JSONB,
    -- updated_at and updated_by of the row: when, and by whom, it was asked for.
    event_time        TIMESTAMPTZ NOT NULL,
    changed_by        TEXT,
    PRIMARY KEY (resource_type, resource_id, resource_version),
    CONSTRAINT registry_events_version CHECK (resource_version > 0),
    CONSTRAINT registry_events_type CHECK (event_type IN ('created', 'changed', 'deleted', 'restored', 'compacted')),
    CONSTRAINT registry_events_field CHECK ((event_type = 'changed') = (field IS NOT NULL))
);

CREATE INDEX registry_events_of_organization ON registry_events (organization_id, change_id);
CREATE INDEX registry_events_of_change ON registry_events (change_id);

-- A transaction that wrote events: written by itself, as the last thing before it commits.
--
-- Guarantees. Who waits for the barrier (the advisory lock 8101815653933215597, "ponixcom" in ASCII, exclusively, for a moment) sees
-- every change of a smaller commit_position than the last one drawn, and of an earlier committed_at than now: transactions hold the
-- lock, shared, from where they draw both until they have committed. A reader that goes on after the last commit_position it
-- has seen misses none that committed late. Who holds a transaction open holds nobody up: the lock is taken when it commits.
CREATE TABLE registry_changes (
    change_id       BIGINT      PRIMARY KEY,
    commit_position BIGINT      NOT NULL UNIQUE,
    committed_at    TIMESTAMPTZ NOT NULL,
    -- What the caller said of it.
    request_id      TEXT,
    reason          TEXT
);

CREATE INDEX registry_changes_by_time ON registry_changes (committed_at, change_id);

CREATE SEQUENCE registry_change_ids AS BIGINT CACHE 1;
CREATE SEQUENCE registry_commit_positions AS BIGINT CACHE 1;

-- The version of the thing's last event. It is what callers know as etag.
ALTER TABLE organizations ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE end_devices ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE end_device_definitions ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE gateways ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;

-- What is there now was created, in the state that it has: of its earlier changes nothing is known.
INSERT INTO registry_events
SELECT 'organization', id, 1, id, 0, 'created', NULL, NULL, to_jsonb(organizations) - '{version,revision}'::text[], created_at, updated_by
FROM organizations;

INSERT INTO registry_events
SELECT 'end_device', device_id, 1, organization_id, 0, 'created', NULL, NULL, to_jsonb(end_devices) - '{version,revision}'::text[], created_at, updated_by
FROM end_devices;

INSERT INTO registry_events
SELECT 'end_device_definition', id, 1, organization_id, 0, 'created', NULL, NULL, to_jsonb(end_device_definitions) - '{version,revision}'::text[], created_at, updated_by
FROM end_device_definitions;

INSERT INTO registry_events
SELECT 'gateway', gateway_id, 1, organization_id, 0, 'created', NULL, NULL, to_jsonb(gateways) - '{version,revision}'::text[], created_at, updated_by
FROM gateways;

INSERT INTO registry_changes
SELECT 0, nextval('registry_commit_positions'), clock_timestamp(), NULL, 'The registry began to keep its history'
WHERE EXISTS (SELECT FROM registry_events);

-- +goose StatementBegin
-- The change that the transaction makes: one number for all of its events.
CREATE FUNCTION registry_change_id() RETURNS BIGINT LANGUAGE plpgsql AS $$
DECLARE
    -- Ends with the transaction; in a session that had one before it is empty, not NULL.
    change TEXT := nullif(current_setting('ponix.change_id', true), '');
BEGIN
    IF change IS NULL THEN
        change := nextval('registry_change_ids')::text;
        PERFORM set_config('ponix.change_id', change, true);
    END IF;
    RETURN change::bigint;
END;
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Gives a row that is new, or has changed, its revision, and writes the events of what changed. Its arguments: the type of the
-- thing, and the columns of its id and of its organization.
CREATE FUNCTION record_registry_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- No part of a thing's state, or told by each event itself.
    bookkeeping CONSTANT TEXT[] := '{version,revision,updated_at,updated_by}';
    numbers     CONSTANT TEXT[] := '{version,revision}';
    by_service  CONSTANT BOOLEAN := current_setting('application_name') = 'ponix-device-service';
    was         JSONB;
    now_is      JSONB;
    id          TEXT;
    organization TEXT;
    next_version BIGINT;
    change      BIGINT;
    changed     RECORD;
    differences JSONB;
BEGIN
    IF TG_OP = 'INSERT' AND TG_WHEN = 'BEFORE' THEN
        id := to_jsonb(NEW) ->> TG_ARGV[1];
        NEW.revision := 1 + coalesce(
            (SELECT max(resource_version) FROM registry_events WHERE resource_type = TG_ARGV[0] AND resource_id = id), 0);
        IF NOT by_service AND NEW.updated_by IS NULL THEN
            NEW.updated_by := 'sql:' || session_user;
        END IF;
        RETURN NEW;
    END IF;

    -- After the row is there: one that ON CONFLICT kept out is no event.
    IF TG_OP = 'INSERT' THEN
        now_is := to_jsonb(NEW) - numbers;
        INSERT INTO registry_events VALUES (
            TG_ARGV[0], now_is ->> TG_ARGV[1], NEW.revision, now_is ->> TG_ARGV[2], registry_change_id(),
            CASE NEW.revision WHEN 1 THEN 'created' ELSE 'restored' END, NULL, NULL, now_is, NEW.updated_at, NEW.updated_by);
        RETURN NULL;
    END IF;

    IF TG_OP = 'DELETE' THEN
        was := to_jsonb(OLD);
        -- A deletion changes no column that could say by whom: who deletes says so for the transaction.
        INSERT INTO registry_events
        SELECT TG_ARGV[0], was ->> TG_ARGV[1], OLD.revision + 1, was ->> TG_ARGV[2], registry_change_id(),
            'deleted', NULL, NULL, jsonb_build_object('deleted_at', clock_timestamp()), clock_timestamp(),
            CASE WHEN by_service THEN nullif(current_setting('ponix.changed_by', true), '') ELSE 'sql:' || session_user END;
        RETURN NULL;
    END IF;

    was := to_jsonb(OLD) - bookkeeping;
    now_is := to_jsonb(NEW) - bookkeeping;
    IF was::text = now_is::text THEN
        RETURN OLD;
    END IF;
    IF was ->> TG_ARGV[1] <> now_is ->> TG_ARGV[1] OR was ->> TG_ARGV[2] <> now_is ->> TG_ARGV[2] THEN
        RAISE EXCEPTION 'the id and the organization of what is registered cannot change: delete it and create another'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at THEN
        NEW.updated_at := clock_timestamp();
    END IF;
    IF NOT by_service THEN
        NEW.updated_by := 'sql:' || session_user;
    END IF;
    id := now_is ->> TG_ARGV[1];
    organization := now_is ->> TG_ARGV[2];
    change := registry_change_id();
    next_version := OLD.revision;
    IF was ->> 'deleted_at' IS NULL AND now_is ->> 'deleted_at' IS NOT NULL THEN
        SELECT jsonb_object_agg(each.key, was -> each.key), jsonb_object_agg(each.key, each.value)
        INTO was, differences
        FROM jsonb_each(now_is) AS each WHERE (was -> each.key)::text IS DISTINCT FROM each.value::text;
        next_version := next_version + 1;
        INSERT INTO registry_events VALUES (
            TG_ARGV[0], id, next_version, organization, change, 'deleted', NULL, was, differences, NEW.updated_at, NEW.updated_by);
    ELSIF current_setting('ponix.restoring', true) = 'on' OR was ->> 'deleted_at' IS NOT NULL AND now_is ->> 'deleted_at' IS NULL THEN
        next_version := next_version + 1;
        INSERT INTO registry_events VALUES (
            TG_ARGV[0], id, next_version, organization, change, 'restored', NULL, to_jsonb(OLD) - numbers, to_jsonb(NEW) - numbers,
            NEW.updated_at, NEW.updated_by);
    ELSE
        FOR changed IN
            SELECT each.key, each.value FROM jsonb_each(now_is) AS each
            WHERE (was -> each.key)::text IS DISTINCT FROM each.value::text ORDER BY each.key
        LOOP
            next_version := next_version + 1;
            INSERT INTO registry_events VALUES (
                TG_ARGV[0], id, next_version, organization, change, 'changed', changed.key, was -> changed.key, changed.value,
                NEW.updated_at, NEW.updated_by);
        END LOOP;
    END IF;
    NEW.revision := next_version;
    RETURN NEW;
END;
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION record_registry_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Of the many events that a transaction may have, the first one here does it.
    IF current_setting('ponix.committed_change_id', true) IS DISTINCT FROM NEW.change_id::text THEN
        PERFORM pg_advisory_xact_lock_shared(8101815653933215597);
        INSERT INTO registry_changes VALUES (
            NEW.change_id, nextval('registry_commit_positions'), clock_timestamp(),
            nullif(current_setting('ponix.request_id', true), ''), nullif(current_setting('ponix.reason', true), ''))
        ON CONFLICT (change_id) DO NOTHING;
        PERFORM set_config('ponix.committed_change_id', NEW.change_id::text, true);
    END IF;
    RETURN NULL;
END;
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION refuse_to_rewrite_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('ponix.compacting', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the history of the registry is only added to: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END;
$$;
-- +goose StatementEnd

CREATE CONSTRAINT TRIGGER registry_events_commit AFTER INSERT ON registry_events
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION record_registry_commit();

CREATE TRIGGER registry_events_only_added BEFORE UPDATE OR DELETE ON registry_events
    FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite_history();
CREATE TRIGGER registry_events_not_emptied BEFORE TRUNCATE ON registry_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history();
CREATE TRIGGER registry_changes_only_added BEFORE UPDATE OR DELETE ON registry_changes
    FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite_history();
CREATE TRIGGER registry_changes_not_emptied BEFORE TRUNCATE ON registry_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history();

-- Triggers of a table run in the order of their names, and these before those that draw row_version: an UPDATE that changes
-- nothing is no news to the readers of the change stream either.
CREATE TRIGGER organizations_history BEFORE INSERT OR UPDATE ON organizations
    FOR EACH ROW EXECUTE FUNCTION record_registry_change('organization', 'id', 'id');
CREATE TRIGGER organizations_history_written AFTER INSERT OR DELETE ON organizations
    FOR EACH ROW EXECUTE FUNCTION record_registry_change('organization', 'id', 'id');
CREATE TRIGGER end_devices_history BEFORE INSERT OR UPDATE ON end_devices
    FOR EACH ROW EXECUTE FUNCTION record_registry_change('end_device', 'device_id', 'organization_id');
CREATE TRIGGER end_devices_history_written AFTER INSERT OR DELETE ON end_devices
    FOR EACH ROW EXECUTE FUNCTION record_registry_change('end_device', 'device_id', 'organization_id');
CREATE TRIGGER end_device_definitions_history BEFORE INSERT OR UPDATE ON end_device_definitions
    FOR EACH ROW EXECUTE FUNCTION record_registry_change('end_device_definition', 'id', 'organization_id');
CREATE TRIGGER end_device_definitions_history_written AFTER INSERT OR DELETE ON end_device_definitions
    FOR EACH ROW EXECUTE FUNCTION record_registry_change('end_device_definition', 'id', 'organization_id');
CREATE TRIGGER gateways_history BEFORE INSERT OR UPDATE ON gateways
    FOR EACH ROW EXECUTE FUNCTION record_registry_change('gateway', 'gateway_id', 'organization_id');
CREATE TRIGGER gateways_history_written AFTER INSERT OR DELETE ON gateways
    FOR EACH ROW EXECUTE FUNCTION record_registry_change('gateway', 'gateway_id', 'organization_id');

-- Emptying a table tells no trigger of its rows: what is registered is deleted.
CREATE TRIGGER organizations_not_emptied BEFORE TRUNCATE ON organizations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history();
CREATE TRIGGER end_devices_not_emptied BEFORE TRUNCATE ON end_devices
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history();
CREATE TRIGGER end_device_definitions_not_emptied BEFORE TRUNCATE ON end_device_definitions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history();
CREATE TRIGGER gateways_not_emptied BEFORE TRUNCATE ON gateways
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history();

-- +goose StatementBegin
-- The sequence of a table's versions, for all tables: a row that stays as it is keeps its version.
CREATE OR REPLACE FUNCTION set_row_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR NEW.revision <> OLD.revision THEN
        NEW.version := nextval('row_version');
    END IF;
    RETURN NEW;
END;
$$;
-- +goose StatementEnd

-- Adds up the events of a thing, in the order of their versions.
CREATE AGGREGATE registry_state (JSONB) (SFUNC = jsonb_concat, STYPE = JSONB, INITCOND = '{}');

-- What each event makes of the columns of its thing. In the state of a deleted one deleted_at is set, also of a definition, whose
-- table has no such column.
CREATE VIEW registry_steps AS
SELECT event.*, change.commit_position, change.committed_at, change.request_id, change.reason,
    CASE event.event_type
        WHEN 'changed' THEN jsonb_build_object(
            event.field, event.new_value, 'updated_at', event.event_time, 'updated_by', event.changed_by)
        WHEN 'deleted' THEN event.new_value || jsonb_build_object('updated_at', event.event_time, 'updated_by', event.changed_by)
        -- All columns: and what a definition's deletion says, which has no such column, is over.
        ELSE '{"deleted_at": null}'::jsonb || event.new_value
    END AS step
FROM registry_events AS event JOIN registry_changes AS change USING (change_id);

-- +goose Down
-- Loses the history of everything that is registered. What is registered stays.
DROP VIEW registry_steps;

DROP AGGREGATE registry_state (JSONB);

DROP TRIGGER gateways_not_emptied ON gateways;
DROP TRIGGER end_device_definitions_not_emptied ON end_device_definitions;
DROP TRIGGER end_devices_not_emptied ON end_devices;
DROP TRIGGER organizations_not_emptied ON organizations;
DROP TRIGGER gateways_history_written ON gateways;
DROP TRIGGER gateways_history ON gateways;
DROP TRIGGER end_device_definitions_history_written ON end_device_definitions;
DROP TRIGGER end_device_definitions_history ON end_device_definitions;
DROP TRIGGER end_devices_history_written ON end_devices;
DROP TRIGGER end_devices_history ON end_devices;
DROP TRIGGER organizations_history_written ON organizations;
DROP TRIGGER organizations_history ON organizations;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION set_row_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := nextval('row_version');
    RETURN NEW;
END;
$$;
-- +goose StatementEnd

ALTER TABLE gateways DROP COLUMN revision;
ALTER TABLE end_device_definitions DROP COLUMN revision;
ALTER TABLE end_devices DROP COLUMN revision;
ALTER TABLE organizations DROP COLUMN revision;

DROP TABLE registry_changes;
DROP TABLE registry_events;

DROP SEQUENCE registry_commit_positions;
DROP SEQUENCE registry_change_ids;

DROP FUNCTION refuse_to_rewrite_history();
DROP FUNCTION record_registry_commit();
DROP FUNCTION record_registry_change();
DROP FUNCTION registry_change_id();
