package io.ponix.jobs.envelope.gateways;

import io.ponix.connector.postgres.cdc.source.PostgresChange;
import io.ponix.jobs.envelope.changes.ChangedColumns;
import io.ponix.proto.gateway.GatewayRow;
import io.ponix.proto.gateway.v1.GatewayStatus;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
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

    private static final String VERSION = "version";

    /** Of rows from before there was the column. */
    private static final String DEFAULT_STATUS =
            GatewayRow.text(GatewayStatus.GATEWAY_STATUS_ACTIVE);

    private GatewayChangeReader() {}

    /** The change, or nothing for a truncation, which tells of no gateway. */
    public static Optional<GatewayChange> read(PostgresChange change) {
        return switch (change.operation()) {
            case INSERT -> Optional.of(newRow(GatewayChange.Operation.CREATE, change));
            case UPDATE -> Optional.of(newRow(GatewayChange.Operation.UPDATE, change));
            case DELETE -> Optional.of(removedRow(change.before()));
            case TRUNCATE -> Optional.empty();
        };
    }

    private static GatewayChange newRow(GatewayChange.Operation operation, PostgresChange change) {
        return new GatewayChange(
                operation,
                change.after().getInt64(VERSION),
                row(column -> ChangedColumns.newText(change, column)).toMessage());
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
