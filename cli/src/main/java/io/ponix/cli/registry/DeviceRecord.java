package io.ponix.cli.registry;

import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.registry.Labels;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A device as a line of a CSV file has it.
 *
 * @param line in the file, from 1
 * @param values of the columns that the file has
 */
record DeviceRecord(long line, Map<Column, String> values) {

    /** The columns that a file may have. */
    enum Column {
        EXTERNAL_ID,
        NAME,
        DEVICE_ID,
        DEFINITION_ID,
        PAYLOAD_CONVERSION,
        GATEWAY_ID,
        DESCRIPTION,
        LABELS;

        /** As the file's first line has it. */
        String heading() {
            return name().toLowerCase(Locale.ROOT);
        }

        String of(EndDevice device) {
            return switch (this) {
                case EXTERNAL_ID -> device.getExternalId();
                case NAME -> device.getName();
                case DEVICE_ID -> device.getDeviceId();
                case DEFINITION_ID -> device.getDefinitionId();
                case PAYLOAD_CONVERSION -> device.getPayloadConversion();
                case GATEWAY_ID -> device.getGatewayId();
                case DESCRIPTION -> device.getDescription();
                case LABELS -> Labels.cell(device.getLabelsMap());
            };
        }
    }

    /** Empty where the file does not have the column. */
    Optional<String> value(Column column) {
        return Optional.ofNullable(values.get(column));
    }

    String text(Column column) {
        return value(column).orElse("");
    }

    /**
     * Those of the file.
     *
     * @throws IllegalArgumentException when its cell is none of labels
     */
    SortedMap<String, String> labels() {
        return Labels.ofCell(text(Column.LABELS));
    }
}
