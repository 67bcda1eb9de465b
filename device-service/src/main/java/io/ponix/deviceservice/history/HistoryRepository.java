package io.ponix.deviceservice.history;

import com.google.protobuf.ListValue;
import com.google.protobuf.Value;
import io.ponix.deviceservice.database.Conditions;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.request.ProtoTimestamps;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.history.v1.Change;
import io.ponix.proto.history.v1.DifferenceType;
import io.ponix.proto.history.v1.FieldDifference;
import io.ponix.proto.history.v1.Resource;
import io.ponix.proto.history.v1.ResourceDifference;
import io.ponix.registry.Column;
import io.ponix.registry.Row;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What happened to what is registered: the tables {@code registry_events} and {@code
 * registry_changes}. Where an organization is given, things of others are not found; an empty one
 * stands for any.
 */
final class HistoryRepository {

    /** Held, shared, by each transaction from where it draws its position until it committed. */
    private static final String BARRIER = "SELECT pg_advisory_xact_lock(8101815653933215597)";

    private static final String LAST_POSITION =
            "SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS commit_position"
                    + " FROM registry_commit_positions";

    private static final Column RESOURCE_TYPE = column("resource_type");
    private static final Column RESOURCE_ID = column("resource_id");
    private static final Column RESOURCE_VERSION = column("resource_version");
    private static final Column LAST_VERSION = column("last_version");
    private static final Column ORGANIZATION_ID = column("organization_id");
    private static final Column EVENT_TYPE = column("event_type");
    private static final Column FIELD = column("field");
    private static final Column OLD_VALUE = column("old_value");
    private static final Column NEW_VALUE = column("new_value");
    private static final Column EVENT_TIME = column("event_time");
    private static final Column CHANGED_BY = column("changed_by");
    private static final Column CHANGE_ID = column("change_id");
    private static final Column COMMIT_POSITION = column("commit_position");
    private static final Column COMMITTED_AT = column("committed_at");
    private static final Column REQUEST_ID = column("request_id");
    private static final Column REASON = column("reason");

    // Of a thing's past, beside the columns of its table.
    private static final Column PAST_ID = column("past_id");
    private static final Column PAST_VERSION = column("past_version");
    private static final Column PAST_COMMITTED_AT = column("past_committed_at");
    private static final Column PAST_DELETED_AT = column("past_deleted_at");

    private static final Column FROM_VERSION = column("from_version");
    private static final Column TO_VERSION = column("to_version");
    private static final Column WAS_THERE = column("was_there");
    private static final Column IS_THERE = column("is_there");
    private static final Column FIELDS = column("fields");

    private static final String STATE = "registry_state(step ORDER BY resource_version)";

    /** No part of what a thing is, or told otherwise. */
    private static final String BOOKKEEPING =
            "'{version,revision,updated_at,updated_by,deleted_at}'::text[]";

    private final Database database;

    HistoryRepository(Database database) {
        this.database = database;
    }

    private static Column column(String name) {
        return new Column(name, name, "?");
    }

    /**
     * Returns the last position in the order of commits that a transaction drew. Whatever has this
     * one or an earlier one is committed and will be seen; and so is whatever has a commit time
     * before this call.
     */
    long horizon() {
        return database.transaction(
                connection -> {
                    // Who waits for it keeps others from committing.
                    Sql.query(
                            connection,
                            row -> true,
                            "SELECT set_config('lock_timeout', '1s', true)");
                    Sql.query(connection, row -> true, BARRIER);
                    // While the lock is held nobody draws one.
                    return Sql.query(connection, row -> row.number(COMMIT_POSITION), LAST_POSITION)
                            .get(0);
                });
    }

    /**
     * Adds changes to a page until it is full or there are no more.
     *
     * @param horizon the last position that is looked at
     * @param after where the page before ended: a position, the number of a type, a version and an
     *     id; the type 0 stands for the end of all that has the position
     */
    void changes(
            ChangeFilter filter,
            long horizon,
            Optional<HistoryToken> after,
            boolean newestFirst,
            HistoryPage<Change> page) {
        Conditions where = new Conditions("change.commit_position <= ?", horizon);
        if (!filter.organizationId().isEmpty()) {
            where.and("event.organization_id = ?", filter.organizationId());
        }
        filter.kind().ifPresent(kind -> where.and("event.resource_type = ?", kind.text()));
        if (!filter.resourceId().isEmpty()) {
            where.and("event.resource_id = ?", filter.resourceId());
        }
        if (!filter.changedBy().isEmpty()) {
            where.and("event.changed_by = ?", filter.changedBy());
        }
        if (!filter.types().isEmpty()) {
            where.and(
                    "event.event_type = ANY (string_to_array(?, ','))",
                    String.join(",", filter.types()));
        }
        filter.after().ifPresent(time -> where.and("change.committed_at > ?", time));
        filter.until().ifPresent(time -> where.and("change.committed_at <= ?", time));
        after.ifPresent(token -> continueAfter(token, newestFirst, where));
        String direction = newestFirst ? " DESC" : "";
        String sql =
                "SELECT event.resource_type, event.resource_id, event.resource_version,"
                        + " event.organization_id, event.event_type, event.field, event.old_value,"
                        + " event.new_value, event.event_time, event.changed_by,"
                        + " change.commit_position, change.committed_at, change.request_id,"
                        + " change.reason"
                        + " FROM registry_changes AS change"
                        + " JOIN registry_events AS event USING (change_id)"
                        + where
                        + " ORDER BY change.commit_position"
                        + direction
                        + ", event.resource_type"
                        + direction
                        + ", event.resource_id"
                        + direction
                        + ", event.resource_version"
                        + direction
                        + " LIMIT ?";
        each(
                row -> {
                    ResourceKind kind = ResourceKind.ofText(row.text(RESOURCE_TYPE));
                    Change change = change(kind, row);
                    return page.add(
                            change,
                            HistoryToken.of(
                                    change.getResourceId(),
                                    row.number(COMMIT_POSITION),
                                    (long) kind.type().getNumber(),
                                    change.getVersion()));
                },
                sql,
                where.parameters(page.limit()));
    }

    private static void continueAfter(HistoryToken token, boolean newestFirst, Conditions where) {
        String beyond = newestFirst ? "<" : ">";
        if (token.number(1) == 0) {
            where.and("change.commit_position " + beyond + " ?", token.number(0));
            return;
        }
        // The first by itself is what the index on positions is asked for.
        where.and("change.commit_position " + beyond + "= ?", token.number(0));
        where.and(
                "(change.commit_position, event.resource_type, event.resource_id,"
                        + " event.resource_version) "
                        + beyond
                        + " (?, ?, ?, ?)",
                token.number(0),
                ResourceKind.ofNumber(token.number(1)).text(),
                token.id(),
                token.number(2));
    }

    private static Change change(ResourceKind kind, Row<SQLException> row) throws SQLException {
        Change.Builder change =
                Change.newBuilder()
                        .setResourceType(kind.type())
                        .setResourceId(row.text(RESOURCE_ID))
                        .setOrganizationId(row.text(ORGANIZATION_ID))
                        .setVersion(row.number(RESOURCE_VERSION))
                        .setType(ChangeTypes.of(row.text(EVENT_TYPE)))
                        .setField(row.text(FIELD))
                        .setEventTime(ProtoTimestamps.of(row.time(EVENT_TIME)))
                        .setCommitTime(ProtoTimestamps.of(row.time(COMMITTED_AT)))
                        .setChangedBy(row.text(CHANGED_BY))
                        .setRequestId(row.text(REQUEST_ID))
                        .setReason(row.text(REASON));
        if (row.has(OLD_VALUE)) {
            change.setOldValue(value(kind, change.getField(), row.text(OLD_VALUE)));
        }
        if (row.has(NEW_VALUE)) {
            change.setNewValue(value(kind, change.getField(), row.text(NEW_VALUE)));
        }
        return change.build();
    }

    private static Value value(ResourceKind kind, String field, String json) {
        Value value = EventValues.value(json);
        return field.isEmpty()
                ? EventValues.ofFields(kind, value)
                : EventValues.ofField(kind, field, value);
    }

    /**
     * Returns a thing as it was.
     *
     * @throws RequestException NOT_FOUND when there was none, or it was deleted and is not asked
     *     for, OUT_OF_RANGE when that is no longer known
     */
    Resource at(
            ResourceKind kind,
            String id,
            String organizationId,
            Moment moment,
            boolean showDeleted) {
        HistoryPage<Resource> page = new HistoryPage<>(1);
        Conditions where = ofThing(kind, id, organizationId);
        where.and(Moment.CONDITION, moment.parameters().toArray());
        past(kind, where, "", page);
        List<Resource> found = page.messages();
        if (found.isEmpty() || moment.isVersion() && found.get(0).getVersion() < moment.version()) {
            requireKnown(kind, id, organizationId, moment);
            throw kind.notFound(id);
        }
        Resource resource = found.get(0);
        if (resource.hasDeletedAt() && !showDeleted) {
            throw kind.notFound(
                    id,
                    kind.named(id)
                            + " was deleted then, at "
                            + instant(resource)
                            + ": set show_deleted to see it as it was");
        }
        return resource;
    }

    private static Instant instant(Resource resource) {
        return Instant.ofEpochSecond(
                resource.getDeletedAt().getSeconds(), resource.getDeletedAt().getNanos());
    }

    /**
     * Adds the things of a kind as they were to a page, until it is full or there are no more.
     *
     * @param afterId where to begin
     */
    void list(
            ResourceKind kind,
            String afterId,
            String organizationId,
            Moment moment,
            boolean showDeleted,
            HistoryPage<Resource> page) {
        Conditions where = new Conditions("resource_type = ?", kind.text());
        where.and("resource_id > ?", afterId);
        if (!organizationId.isEmpty()) {
            where.and("organization_id = ?", organizationId);
        }
        where.and(Moment.CONDITION, moment.parameters().toArray());
        past(
                kind,
                where,
                showDeleted ? "" : " HAVING " + STATE + " ->> 'deleted_at' IS NULL",
                page);
    }

    private void past(
            ResourceKind kind, Conditions where, String having, HistoryPage<Resource> page) {
        each(
                row -> {
                    Resource.Builder resource =
                            kind.read(row)
                                    .setVersion(row.number(PAST_VERSION))
                                    .setCommitTime(ProtoTimestamps.of(row.time(PAST_COMMITTED_AT)));
                    Instant deletedAt = row.time(PAST_DELETED_AT);
                    if (deletedAt != null) {
                        resource.setDeletedAt(ProtoTimestamps.of(deletedAt));
                    }
                    return page.add(
                            resource.build(),
                            HistoryToken.of(row.text(PAST_ID), (long) kind.type().getNumber()));
                },
                // A row has the version of its thing's last event as its revision.
                "SELECT past_id, past_version, past_committed_at,"
                        + " (past_state ->> 'deleted_at')::timestamptz AS past_deleted_at, "
                        + kind.columns()
                        + " FROM (SELECT resource_id AS past_id,"
                        + " max(resource_version) AS past_version,"
                        + " max(committed_at) AS past_committed_at, "
                        + STATE
                        + " AS past_state FROM registry_steps"
                        + where
                        + " GROUP BY resource_id"
                        + having
                        + " ORDER BY resource_id LIMIT ?) AS past"
                        + " CROSS JOIN LATERAL jsonb_populate_record(NULL::"
                        + kind.table()
                        + ", past_state || jsonb_build_object('revision', past_version)) AS state"
                        + " ORDER BY past_id",
                where.parameters(page.limit()));
    }

    /**
     * Adds the things of a kind that are not the same in two moments to a page, until it is full or
     * there are no more.
     *
     * @param id the only one, or empty
     * @param afterId where to begin
     */
    void differences(
            ResourceKind kind,
            String id,
            String afterId,
            String organizationId,
            Moment from,
            Moment to,
            HistoryPage<ResourceDifference> page) {
        Conditions where =
                id.isEmpty()
                        ? new Conditions("resource_type = ?", kind.text())
                        : ofThing(kind, id, organizationId);
        if (id.isEmpty()) {
            if (!organizationId.isEmpty()) {
                where.and("organization_id = ?", organizationId);
            }
            // All others are the same.
            where.and(
                    "resource_id IN (SELECT event.resource_id"
                            + " FROM registry_changes AS change"
                            + " JOIN registry_events AS event USING (change_id)"
                            + " WHERE event.resource_type = ?"
                            + " AND change.committed_at > least(?, ?::timestamptz)"
                            + " AND change.committed_at <= greatest(?, ?::timestamptz)"
                            + " AND change.commit_position <= ?)",
                    kind.text(),
                    from.time(),
                    to.time(),
                    from.time(),
                    to.time(),
                    from.horizon());
        }
        where.and("resource_id > ?", afterId);
        List<Object> parameters = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            parameters.addAll(from.parameters());
            parameters.addAll(to.parameters());
        }
        parameters.addAll(List.of(where.parameters(page.limit())));
        String inFrom = " FILTER (WHERE " + Moment.CONDITION + ")";
        String inTo = inFrom;
        each(
                row -> {
                    ResourceDifference difference = difference(kind, row);
                    return page.add(
                            difference,
                            HistoryToken.of(
                                    difference.getResourceId(), (long) kind.type().getNumber()));
                },
                "SELECT resource_id, organization_id, from_version, to_version, was_there,"
                        + " is_there, fields FROM (SELECT resource_id,"
                        + " max(organization_id) AS organization_id, max(resource_version)"
                        + inFrom
                        + " AS from_version, max(resource_version)"
                        + inTo
                        + " AS to_version, "
                        + STATE
                        + inFrom
                        + " AS from_state, "
                        + STATE
                        + inTo
                        + " AS to_state FROM registry_steps"
                        + where
                        + " GROUP BY resource_id) AS folded"
                        + " CROSS JOIN LATERAL (SELECT"
                        + " from_version IS NOT NULL AND from_state ->> 'deleted_at' IS NULL AS was_there,"
                        + " to_version IS NOT NULL AND to_state ->> 'deleted_at' IS NULL AS is_there) AS there"
                        + " CROSS JOIN LATERAL (SELECT "
                        + rowOf(kind, "was_there", "from_state")
                        + " AS was, "
                        + rowOf(kind, "is_there", "to_state")
                        + " AS now_is) AS states"
                        + " CROSS JOIN LATERAL (SELECT jsonb_agg("
                        + "jsonb_build_array(key, old.value, new.value) ORDER BY key COLLATE \"C\") AS fields"
                        + " FROM jsonb_each(was) AS old FULL JOIN jsonb_each(now_is) AS new USING (key)"
                        + " WHERE coalesce(old.value, 'null')::text <> coalesce(new.value, 'null')::text)"
                        + " AS differences"
                        + " WHERE fields IS NOT NULL ORDER BY resource_id LIMIT ?",
                parameters.toArray());
    }

    /** Of the columns that the table has now: times in one form, whatever wrote them. */
    private static String rowOf(ResourceKind kind, String isThere, String state) {
        return "CASE WHEN "
                + isThere
                + " THEN to_jsonb(jsonb_populate_record(NULL::"
                + kind.table()
                + ", "
                + state
                + ")) - "
                + BOOKKEEPING
                + " ELSE '{}' END";
    }

    private static ResourceDifference difference(ResourceKind kind, Row<SQLException> row)
            throws SQLException {
        boolean wasThere = row.text(WAS_THERE).equals("t");
        boolean isThere = row.text(IS_THERE).equals("t");
        ResourceDifference.Builder difference =
                ResourceDifference.newBuilder()
                        .setResourceType(kind.type())
                        .setResourceId(row.text(RESOURCE_ID))
                        .setOrganizationId(row.text(ORGANIZATION_ID))
                        .setType(
                                !wasThere
                                        ? DifferenceType.DIFFERENCE_TYPE_ADDED
                                        : isThere
                                                ? DifferenceType.DIFFERENCE_TYPE_CHANGED
                                                : DifferenceType.DIFFERENCE_TYPE_REMOVED)
                        .setFromVersion(row.number(FROM_VERSION))
                        .setToVersion(row.number(TO_VERSION));
        for (Value each : EventValues.value(row.text(FIELDS)).getListValue().getValuesList()) {
            ListValue field = each.getListValue();
            String name = field.getValues(0).getStringValue();
            FieldDifference.Builder one = FieldDifference.newBuilder().setField(name);
            if (!field.getValues(1).hasNullValue()) {
                one.setOldValue(EventValues.ofField(kind, name, field.getValues(1)));
            }
            if (!field.getValues(2).hasNullValue()) {
                one.setNewValue(EventValues.ofField(kind, name, field.getValues(2)));
            }
            difference.addFields(one);
        }
        return difference.build();
    }

    /**
     * Makes sure that it is known what a thing was.
     *
     * @throws RequestException NOT_FOUND when there is no such thing, or it has no such version, or
     *     did not exist yet, OUT_OF_RANGE when events of then are not kept
     */
    private void requireKnown(ResourceKind kind, String id, String organizationId, Moment moment) {
        Beginning beginning = beginning(kind, id, organizationId);
        beginning.requireKept(kind.named(id), moment);
        if (moment.isVersion()) {
            throw kind.notFound(
                    id,
                    kind.named(id)
                            + " has no version "
                            + moment.version()
                            + ": its last is "
                            + beginning.lastVersion());
        }
        throw kind.notFound(
                id,
                kind.named(id)
                        + " did not exist then: it was created at "
                        + beginning.committedAt());
    }

    /**
     * Makes sure that a thing is known, and may be compared at a moment, in which it need not have
     * existed.
     *
     * @throws RequestException NOT_FOUND when there is no such thing, or it has no such version,
     *     OUT_OF_RANGE when events of then are not kept
     */
    void requireComparable(ResourceKind kind, String id, String organizationId, Moment moment) {
        Beginning beginning = beginning(kind, id, organizationId);
        beginning.requireKept(kind.named(id), moment);
        if (moment.isVersion() && moment.version() > beginning.lastVersion()) {
            requireKnown(kind, id, organizationId, moment);
        }
    }

    private Beginning beginning(ResourceKind kind, String id, String organizationId) {
        Conditions where = ofThing(kind, id, organizationId);
        return database
                .call(
                        connection ->
                                Sql.query(
                                        connection,
                                        row ->
                                                new Beginning(
                                                        row.number(RESOURCE_VERSION),
                                                        row.number(LAST_VERSION),
                                                        row.time(COMMITTED_AT),
                                                        row.text(EVENT_TYPE)
                                                                        .equals(
                                                                                ChangeTypes
                                                                                        .COMPACTED)
                                                                || row.number(CHANGE_ID) == 0),
                                        "SELECT resource_version, committed_at, event_type, change_id,"
                                                + " max(resource_version) OVER () AS last_version"
                                                + " FROM registry_steps"
                                                + where
                                                + " ORDER BY resource_version LIMIT ?",
                                        where.parameters(1)))
                .stream()
                .findFirst()
                .orElseThrow(() -> kind.notFound(id));
    }

    /**
     * Where what is kept of a thing begins.
     *
     * @param isLater whether there was more, of which nothing is known
     */
    private record Beginning(long version, long lastVersion, Instant committedAt, boolean isLater) {

        void requireKept(String named, Moment moment) {
            if (moment.version() < version || isLater && moment.time().isBefore(committedAt)) {
                throw notKept(
                        committedAt,
                        "The history of "
                                + named
                                + " is kept from "
                                + committedAt
                                + " on, with version "
                                + version
                                + ": ask for a moment from then on");
            }
        }
    }

    /**
     * Makes sure that it is known what all things of an organization, or all there are, were.
     *
     * @throws RequestException OUT_OF_RANGE when events of then are not kept
     */
    void requireKept(List<ResourceKind> kinds, String organizationId, Moment moment) {
        if (!moment.isTime()) {
            return;
        }
        Conditions compacted = new Conditions("event.event_type = '" + ChangeTypes.COMPACTED + "'");
        Conditions found = new Conditions("event.change_id = 0");
        List<Object> parameters = new ArrayList<>();
        for (Conditions where : List.of(compacted, found)) {
            where.and("change.committed_at > ?", moment.time());
            where.and(
                    "event.resource_type = ANY (string_to_array(?, ','))",
                    String.join(",", kinds.stream().map(ResourceKind::text).toList()));
            if (!organizationId.isEmpty()) {
                where.and("event.organization_id = ?", organizationId);
            }
            parameters.addAll(List.of(where.parameters()));
        }
        String select =
                "SELECT change.committed_at FROM registry_changes AS change"
                        + " JOIN registry_events AS event USING (change_id)";
        Instant keptFrom =
                database.call(
                        connection ->
                                Sql.query(
                                                connection,
                                                row -> Optional.ofNullable(row.time(COMMITTED_AT)),
                                                "SELECT max(committed_at) AS committed_at FROM ("
                                                        + select
                                                        + compacted
                                                        + " UNION ALL "
                                                        + select
                                                        + found
                                                        + ") AS beginnings",
                                                parameters.toArray())
                                        .get(0)
                                        .orElse(Instant.MIN));
        if (moment.time().isBefore(keptFrom)) {
            throw notKept(
                    keptFrom,
                    "The history is kept from "
                            + keptFrom
                            + " on: ask for a time from then on, or for a resource whose history"
                            + " reaches further");
        }
    }

    private static RequestException notKept(Instant keptFrom, String message) {
        return RequestException.outOfRange(message)
                .because("HISTORY_NOT_KEPT", Map.of("kept_from", keptFrom.toString()));
    }

    private static Conditions ofThing(ResourceKind kind, String id, String organizationId) {
        Conditions where = new Conditions("resource_type = ?", kind.text());
        where.and("resource_id = ?", id);
        if (!organizationId.isEmpty()) {
            where.and("organization_id = ?", organizationId);
        }
        return where;
    }

    private void each(Sql.RowTaker taker, String sql, Object... parameters) {
        database.transaction(
                connection -> {
                    Sql.each(connection, taker, sql, parameters);
                    return true;
                });
    }
}
