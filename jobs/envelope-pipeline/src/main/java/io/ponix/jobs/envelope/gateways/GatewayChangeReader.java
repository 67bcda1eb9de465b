package io.ponix.jobs.envelope.gateways;

import io.ponix.connector.postgres.cdc.publication.PublishedTable;
import io.ponix.connector.postgres.cdc.source.PostgresChange;
import io.ponix.jobs.envelope.changes.ChangedColumns;
import io.ponix.proto.gateway.GatewayRow;
import io.ponix.proto.gateway.v1.GatewayStatus;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.connect.data.Struct;

/**
 * Makes {@link GatewayChange}s of changes of the table {@code gateways} (migrations/postgres). A
 * row may have been written by other means than the service: no row fails the job.
 */
public final class GatewayChangeReader {

    /** The table. */
    public static final String TABLE = "gateways";

    /** What has to be published of it. */
    public static final PublishedTable PUBLISHED =
            new PublishedTable(
                    TABLE,
                    "gateway_id",
                    "organization_id",
                    "name",
                    "gateway_type",
                    "status",
                    "gateway_config",
                    "version",
                    "created_at",
                    "updated_at",
                    "deleted_at");

    /** Those of the first release; the others have defaults for changes from before them. */
    private static final List<String> NEEDED =
            List.of("gateway_id", "organization_id", "gateway_type", "gateway_config", "version");

    private static final String VERSION = "version";

    /** Of rows from before there was the column. */
    private static final String DEFAULT_STATUS =
            GatewayRow.text(GatewayStatus.GATEWAY_STATUS_ACTIVE);

    private GatewayChangeReader() {}

    /**
     * The change, or nothing for a truncation, which tells of no gateway, and for a row of which
     * the publication leaves out what a bridge needs.
     */
    public static Optional<GatewayChange> read(PostgresChange change) {
        return switch (change.operation()) {
            case INSERT -> newRow(GatewayChange.Operation.CREATE, change);
            case UPDATE -> newRow(GatewayChange.Operation.UPDATE, change);
            case DELETE ->
                    ChangedColumns.text(change.before(), "gateway_id").isEmpty()
                            ? Optional.empty()
                            : Optional.of(removedRow(change.before()));
            case TRUNCATE -> Optional.empty();
        };
    }

    private static Optional<GatewayChange> newRow(
            GatewayChange.Operation operation, PostgresChange change) {
        if (!ChangedColumns.hasAll(change.after(), NEEDED)) {
            return Optional.empty();
        }
        return Optional.of(
                new GatewayChange(
                        operation,
                        change.after().getInt64(VERSION),
                        row(column -> ChangedColumns.newText(change, column)).toMessage()));
    }

    private static GatewayChange removedRow(Struct removed) {
        return new GatewayChange(
                GatewayChange.Operation.DELETE,
                ChangedColumns.removedVersion(removed, VERSION),
                row(column -> ChangedColumns.text(removed, column)).toMessage());
    }

    private static GatewayRow row(Function<String, String> columns) {
        String status = columns.apply("status");
        return new GatewayRow(
                columns.apply("gateway_id"),
                columns.apply("organization_id"),
                columns.apply("name"),
                columns.apply("gateway_type"),
                status.isEmpty() ? DEFAULT_STATUS : status,
                columns.apply("gateway_config"),
                time(columns.apply("created_at")).orElse(Instant.EPOCH),
                time(columns.apply("updated_at")).orElse(Instant.EPOCH),
                time(columns.apply("deleted_at")));
    }

    /** Nothing where there is none, or one that is beyond the calendar, as infinity is. */
    private static Optional<Instant> time(String text) {
        try {
            return text.isEmpty()
                    ? Optional.empty()
                    : Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
