-- +goose Up
-- What was answered to a change that its caller gave a name (request_id): the same request again within a day gets the same answer.
-- Written by the transaction of the change, so that neither is there without the other.
CREATE TABLE registry_requests (
    -- The id of a key, or of a token; empty where no key was asked for.
    caller         TEXT        NOT NULL,
    request_id     TEXT        NOT NULL,
    -- Of the method and the request.
    request_sha256 BYTEA       NOT NULL,
    -- In the wire format of Protocol Buffers; NULL only within the transaction.
    answer         BYTEA,
    requested_at   TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (caller, request_id)
);

CREATE INDEX registry_requests_by_time ON registry_requests (requested_at);

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION record_registry_commit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    deadline TIMESTAMPTZ := nullif(current_setting('ponix.deadline', true), '');
BEGIN
    -- Of the many events that a transaction may have, the first one here does it.
    IF current_setting('ponix.committed_change_id', true) IS DISTINCT FROM NEW.change_id::text THEN
        PERFORM pg_advisory_xact_lock_shared(8101815653933215597);
        -- Nobody waits for it any more, and who asked has been told that it failed.
        IF clock_timestamp() > deadline THEN
            RAISE EXCEPTION 'the deadline of the request has passed' USING ERRCODE = 'query_canceled';
        END IF;
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

-- +goose Down
-- Loses which requests were answered: one that is repeated is taken for another.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION record_registry_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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

DROP TABLE registry_requests;
