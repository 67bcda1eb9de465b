package io.ponix.registry;

import io.ponix.proto.organization.v1.Organization;
import io.ponix.proto.organization.v1.OrganizationStatus;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A row of the table {@code organizations} (migrations/postgres). The service answers with rows and
 * the pipeline announces them, as with {@link GatewayRow}s.
 *
 * @param description what is said of it
 * @param deletedAt when the organization was deleted, if it was
 * @param revision the version of its last event; 0 in a row that is not written yet
 */
public record OrganizationRow(
        String id,
        String name,
        Description description,
        Instant createdAt,
        Instant updatedAt,
        Optional<Instant> deletedAt,
        long revision) {

    /** The table. */
    public static final String TABLE = "organizations";

    public static final Column ID = Column.of("id");
    public static final Column NAME = Column.of("name");

    /** The columns that a row is read of. */
    public static final List<Column> COLUMNS =
            List.of(
                    ID,
                    NAME,
                    RowColumns.DESCRIPTION,
                    RowColumns.LABELS,
                    RowColumns.CREATED_AT,
                    RowColumns.UPDATED_AT,
                    RowColumns.DELETED_AT,
                    RowColumns.REVISION);

    /** Reads a row; one without times is from 1970. */
    public static <E extends Exception> OrganizationRow read(Row<E> row) throws E {
        return new OrganizationRow(
                row.text(ID),
                row.text(NAME),
                Description.read(row),
                RowTimes.orEpoch(row, RowColumns.CREATED_AT),
                RowTimes.orEpoch(row, RowColumns.UPDATED_AT),
                Optional.ofNullable(row.time(RowColumns.DELETED_AT)),
                Revisions.of(row));
    }

    /** What is written to make such a row of an organization that is not deleted. */
    public Map<Column, Object> values() {
        Map<Column, Object> values = new LinkedHashMap<>();
        values.put(ID, id);
        values.put(NAME, name);
        description.addTo(values);
        values.put(RowColumns.CREATED_AT, createdAt);
        values.put(RowColumns.UPDATED_AT, updatedAt);
        return values;
    }

    /** Active until it is deleted. */
    public OrganizationStatus status() {
        return deletedAt.isPresent()
                ? OrganizationStatus.ORGANIZATION_STATUS_INACTIVE
                : OrganizationStatus.ORGANIZATION_STATUS_ACTIVE;
    }

    /** The row as a message. */
    public Organization toMessage() {
        Organization.Builder organization =
                Organization.newBuilder()
                        .setId(id)
                        .setName(name)
                        .setStatus(status())
                        .setDescription(description.text())
                        .putAllLabels(description.labels())
                        .setCreatedAt(RowTimes.timestamp(createdAt))
                        .setUpdatedAt(RowTimes.timestamp(updatedAt))
                        .setEtag(Revisions.etag(revision));
        deletedAt.map(RowTimes::timestamp).ifPresent(organization::setDeletedAt);
        return organization.build();
    }
}
