package io.ponix.registry;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.ponix.proto.end_device.v1.EndDeviceDefinition;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A row of the table {@code end_device_definitions} (migrations/postgres). The service answers with
 * rows and the pipeline announces them, as with {@link GatewayRow}s. Definitions are deleted for
 * good.
 *
 * @param contracts a JSON list, as {@code io.ponix.transforms.ContractDocument} has it
 * @param examples a JSON list of {@code DefinitionExample}s in their JSON form
 * @param fileDescriptorSet in base64; empty if there is none
 * @param description what is said of it
 * @param revision the version of its last event; 0 in a row that is not written yet
 */
public record EndDeviceDefinitionRow(
        String id,
        String organizationId,
        String name,
        String contracts,
        String examples,
        String fileDescriptorSet,
        Description description,
        Instant createdAt,
        Instant updatedAt,
        long revision) {

    /** The table. */
    public static final String TABLE = "end_device_definitions";

    public static final Column ID = Column.of("id");
    public static final Column ORGANIZATION_ID = Column.of("organization_id");
    public static final Column NAME = Column.of("name");
    public static final Column CONTRACTS = Column.json("contracts");
    public static final Column EXAMPLES = Column.json("examples");
    public static final Column FILE_DESCRIPTOR_SET = Column.of("file_descriptor_set");

    /** The columns that a row is read of. */
    public static final List<Column> COLUMNS =
            List.of(
                    ID,
                    ORGANIZATION_ID,
                    NAME,
                    CONTRACTS,
                    EXAMPLES,
                    FILE_DESCRIPTOR_SET,
                    RowColumns.DESCRIPTION,
                    RowColumns.LABELS,
                    RowColumns.CREATED_AT,
                    RowColumns.UPDATED_AT,
                    RowColumns.REVISION);

    /** Reads a row; one without times is from 1970. */
    public static <E extends Exception> EndDeviceDefinitionRow read(Row<E> row) throws E {
        return new EndDeviceDefinitionRow(
                row.text(ID),
                row.text(ORGANIZATION_ID),
                row.text(NAME),
                row.text(CONTRACTS),
                row.text(EXAMPLES),
                row.text(FILE_DESCRIPTOR_SET),
                Description.read(row),
                RowTimes.orEpoch(row, RowColumns.CREATED_AT),
                RowTimes.orEpoch(row, RowColumns.UPDATED_AT),
                Revisions.of(row));
    }

    /** What is written to make such a row. */
    public Map<Column, Object> values() {
        Map<Column, Object> values = new LinkedHashMap<>();
        values.put(ID, id);
        values.put(ORGANIZATION_ID, organizationId);
        values.put(NAME, name);
        values.put(CONTRACTS, contracts);
        values.put(EXAMPLES, examples);
        values.put(FILE_DESCRIPTOR_SET, fileDescriptorSet);
        description.addTo(values);
        values.put(RowColumns.CREATED_AT, createdAt);
        values.put(RowColumns.UPDATED_AT, updatedAt);
        return values;
    }

    /**
     * The row as a message. Never fails: what was written into the table by other means than the
     * service, and is not in its form, is left out.
     */
    public EndDeviceDefinition toMessage() {
        return EndDeviceDefinition.newBuilder()
                .setId(id)
                .setOrganizationId(organizationId)
                .setName(name)
                .addAllContracts(holderOf("contracts", contracts).getContractsList())
                .addAllExamples(holderOf("examples", examples).getExamplesList())
                .setFileDescriptorSet(bytesOf(fileDescriptorSet))
                .setDescription(description.text())
                .putAllLabels(description.labels())
                .setCreatedAt(RowTimes.timestamp(createdAt))
                .setUpdatedAt(RowTimes.timestamp(updatedAt))
                .setEtag(Revisions.etag(revision))
                .build();
    }

    private static ByteString bytesOf(String base64) {
        try {
            return ByteString.copyFrom(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException e) {
            return ByteString.EMPTY;
        }
    }

    private static EndDeviceDefinition holderOf(String field, String list) {
        if (list.isEmpty()) {
            return EndDeviceDefinition.getDefaultInstance();
        }
        EndDeviceDefinition.Builder holder = EndDeviceDefinition.newBuilder();
        try {
            JsonFormat.parser()
                    .ignoringUnknownFields()
                    .merge("{\"" + field + "\":" + list + "}", holder);
            return holder.build();
        } catch (InvalidProtocolBufferException e) {
            return EndDeviceDefinition.getDefaultInstance();
        }
    }
}
