package io.ponix.jobs.envelope.gateways;

import io.ponix.connector.postgres.cdc.publication.PublishedTable;
import io.ponix.connector.postgres.cdc.source.change.PostgresChange;
import io.ponix.jobs.envelope.changes.ChangedRow;
import io.ponix.registry.Column;
import io.ponix.registry.GatewayRow;
import io.ponix.registry.RowColumns;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Makes {@link GatewayChange}s of changes of the table {@code gateways} (migrations/postgres). A
 * row may have been written by other means than the service: no row fails the job.
 */
public final class GatewayChangeReader {

    /** What has to be published of it. */
    public static final PublishedTable PUBLISHED =
            new PublishedTable(
                    GatewayRow.TABLE,
                    Stream.concat(GatewayRow.COLUMNS.stream(), Stream.of(RowColumns.VERSION))
                            .map(Column::name)
                            .toList());

    /** Those of the first release; the others have defaults for changes from before them. */
    private static final List<Column> NEEDED =
            List.of(
                    GatewayRow.GATEWAY_ID,
                    GatewayRow.ORGANIZATION_ID,
                    GatewayRow.TYPE,
                    GatewayRow.CONFIG,
                    RowColumns.VERSION);

    private GatewayChangeReader() {}

    /**
     * The change, or nothing for a truncation, which tells of no gateway, and for a row of which
     * the publication or the replica identity leaves out what a bridge needs.
     */
    public static Optional<GatewayChange> read(PostgresChange change) {
        return switch (change.operation()) {
            case INSERT -> newRow(GatewayChange.Operation.CREATE, change);
            case UPDATE -> newRow(GatewayChange.Operation.UPDATE, change);
            case DELETE -> removedRow(ChangedRow.removed(change));
            case TRUNCATE -> Optional.empty();
        };
    }

    private static Optional<GatewayChange> newRow(
            GatewayChange.Operation operation, PostgresChange change) {
        return Optional.of(ChangedRow.inserted(change))
                .filter(row -> row.hasAll(NEEDED))
                .filter(row -> !row.leavesOut(GatewayRow.INTAKE_EXPRESSION))
                .filter(row -> !row.leavesOut(GatewayRow.KEYS))
                .map(
                        row ->
                                new GatewayChange(
                                        operation,
                                        row.number(RowColumns.VERSION),
                                        GatewayRow.read(row).toMessage()));
    }

    private static Optional<GatewayChange> removedRow(ChangedRow removed) {
        return Optional.of(removed)
                .filter(row -> !row.text(GatewayRow.GATEWAY_ID).isEmpty())
                .map(
                        row ->
                                new GatewayChange(
                                        GatewayChange.Operation.DELETE,
                                        row.removedVersion(RowColumns.VERSION),
                                        GatewayRow.read(row).toMessage()));
    }
}
