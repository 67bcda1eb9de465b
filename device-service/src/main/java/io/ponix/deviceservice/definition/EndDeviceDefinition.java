package io.ponix.deviceservice.definition;

import io.ponix.proto.end_device.v1.DefinitionExample;
import io.ponix.registry.Column;
import io.ponix.registry.EndDeviceDefinitionTable;
import io.ponix.registry.Row;
import io.ponix.registry.RowColumns;
import io.ponix.transforms.ContractDocument;
import io.ponix.transforms.PayloadContract;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A definition.
 *
 * @param contracts in their order; at least one
 * @param examples as they were given
 */
public record EndDeviceDefinition(
        String id,
        String organizationId,
        String name,
        List<PayloadContract> contracts,
        List<DefinitionExample> examples,
        Instant createdAt,
        Instant updatedAt) {

    /** The columns that it is read of. */
    static final List<Column> COLUMNS =
            List.of(
                    EndDeviceDefinitionTable.ID,
                    EndDeviceDefinitionTable.ORGANIZATION_ID,
                    EndDeviceDefinitionTable.NAME,
                    EndDeviceDefinitionTable.CONTRACTS,
                    EndDeviceDefinitionTable.EXAMPLES,
                    RowColumns.CREATED_AT,
                    RowColumns.UPDATED_AT);

    static <E extends Exception> EndDeviceDefinition read(Row<E> row) throws E {
        return new EndDeviceDefinition(
                row.text(EndDeviceDefinitionTable.ID),
                row.text(EndDeviceDefinitionTable.ORGANIZATION_ID),
                row.text(EndDeviceDefinitionTable.NAME),
                ContractDocument.read(row.text(EndDeviceDefinitionTable.CONTRACTS)),
                ExampleDocument.read(row.text(EndDeviceDefinitionTable.EXAMPLES)),
                row.time(RowColumns.CREATED_AT),
                row.time(RowColumns.UPDATED_AT));
    }

    /** What is written to make such a row. */
    Map<Column, Object> values() {
        Map<Column, Object> values = new LinkedHashMap<>();
        values.put(EndDeviceDefinitionTable.ID, id);
        values.put(EndDeviceDefinitionTable.ORGANIZATION_ID, organizationId);
        values.put(EndDeviceDefinitionTable.NAME, name);
        values.put(EndDeviceDefinitionTable.CONTRACTS, ContractDocument.write(contracts));
        values.put(EndDeviceDefinitionTable.EXAMPLES, ExampleDocument.write(examples));
        values.put(RowColumns.CREATED_AT, createdAt);
        values.put(RowColumns.UPDATED_AT, updatedAt);
        return values;
    }
}
