package io.ponix.deviceservice.definition;

import com.google.protobuf.ByteString;
import io.ponix.proto.end_device.v1.DefinitionExample;
import io.ponix.registry.Description;
import io.ponix.registry.EndDeviceDefinitionRow;
import io.ponix.registry.Row;
import io.ponix.transforms.ContractDocument;
import io.ponix.transforms.PayloadContract;
import java.time.Instant;
import java.util.Base64;
import java.util.List;

/**
 * A definition.
 *
 * @param contracts in their order; at least one
 * @param examples as they were given
 * @param fileDescriptorSet the messages that its contracts name; empty if there are none
 * @param description what is said of it
 * @param revision the version of its last event; 0 of one that is not stored yet
 */
public record EndDeviceDefinition(
        String id,
        String organizationId,
        String name,
        List<PayloadContract> contracts,
        List<DefinitionExample> examples,
        ByteString fileDescriptorSet,
        Description description,
        Instant createdAt,
        Instant updatedAt,
        long revision) {

    static <E extends Exception> EndDeviceDefinition read(Row<E> source) throws E {
        EndDeviceDefinitionRow row = EndDeviceDefinitionRow.read(source);
        return new EndDeviceDefinition(
                row.id(),
                row.organizationId(),
                row.name(),
                ContractDocument.read(row.contracts()),
                ExampleDocument.read(row.examples()),
                ByteString.copyFrom(Base64.getDecoder().decode(row.fileDescriptorSet())),
                row.description(),
                row.createdAt(),
                row.updatedAt(),
                row.revision());
    }

    /** The row that it is stored as. */
    EndDeviceDefinitionRow row() {
        return new EndDeviceDefinitionRow(
                id,
                organizationId,
                name,
                ContractDocument.write(contracts),
                ExampleDocument.write(examples),
                Base64.getEncoder().encodeToString(fileDescriptorSet.toByteArray()),
                description,
                createdAt,
                updatedAt,
                revision);
    }

    /** The same, of another revision. */
    EndDeviceDefinition withRevision(long other) {
        return new EndDeviceDefinition(
                id,
                organizationId,
                name,
                contracts,
                examples,
                fileDescriptorSet,
                description,
                createdAt,
                updatedAt,
                other);
    }
}
