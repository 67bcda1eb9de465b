-- +goose Up
-- One sequence numbers every change of every row, so that a reader of the change stream can tell which of two states of a
-- row is the newer: the larger version wins, whatever order they arrive in.
--
-- Guarantee: the versions of one row only grow. A BEFORE UPDATE trigger runs after the row's lock is held, so of two
-- concurrent updates the one that commits later draws the later number. Between different rows the order of versions is
-- not the order of commits. The sequence must keep CACHE 1: with a larger cache each session would hand out numbers of its
-- own block and a later update could get a smaller version.
CREATE SEQUENCE row_version AS BIGINT CACHE 1;

-- +goose StatementBegin
CREATE FUNCTION set_row_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := nextval('row_version');
    RETURN NEW;
END;
$$;
-- +goose StatementEnd

-- +goose Down
-- Loses no row: what used the sequence is gone by now. A sequence that is made again begins at 1.
DROP FUNCTION set_row_version();

DROP SEQUENCE row_version;
