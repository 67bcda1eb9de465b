package io.ponix.bench.bareloop;

import java.util.List;

/**
 * Rows of {@code processed_envelopes} as one block of ClickHouse's Native format, column by column:
 * the cheapest form that the server takes.
 */
final class NativeBlock {

    private static final String TIME = "DateTime64(3, 'UTC')";

    /** The version of the JSON type's serialization whose values are plain strings. */
    private static final long JSON_AS_STRINGS = 1;

    private final NativeColumn organizationId = NativeColumn.of("organization_id", "String");
    private final NativeColumn endDeviceId = NativeColumn.of("end_device_id", "String");
    private final NativeColumn occurredAt = NativeColumn.of("occurred_at", TIME);
    private final NativeColumn processedAt = NativeColumn.of("processed_at", TIME);
    private final NativeColumn data = NativeColumn.of("data", "JSON");
    private final NativeColumn stream = NativeColumn.of("stream", "String");
    private final NativeColumn streamSequence = NativeColumn.of("stream_sequence", "UInt64");
    private final NativeColumn receivedAt = NativeColumn.of("received_at", TIME);
    private final List<NativeColumn> columns;
    private final int[] headers;
    private int rows;

    NativeBlock() {
        data.addLong(JSON_AS_STRINGS);
        columns =
                List.of(
                        organizationId,
                        endDeviceId,
                        occurredAt,
                        processedAt,
                        data,
                        stream,
                        streamSequence,
                        receivedAt);
        headers = columns.stream().mapToInt(NativeColumn::size).toArray();
    }

    /** Adds a row; times are milliseconds since 1970. */
    void add(
            String organization,
            String device,
            long occurred,
            long processed,
            byte[] json,
            int jsonLength,
            String streamName,
            long sequence,
            long received) {
        organizationId.addString(organization);
        endDeviceId.addString(device);
        occurredAt.addLong(occurred);
        processedAt.addLong(processed);
        data.addString(json, jsonLength);
        stream.addString(streamName);
        streamSequence.addLong(sequence);
        receivedAt.addLong(received);
        rows++;
    }

    int rows() {
        return rows;
    }

    /** The block's bytes; the block is empty again. */
    byte[] take() {
        NativeColumn dimensions = new NativeColumn();
        dimensions.addVarUInt(columns.size());
        dimensions.addVarUInt(rows);
        int size = dimensions.size() + columns.stream().mapToInt(NativeColumn::size).sum();
        byte[] bytes = new byte[size];
        int end = dimensions.copyTo(bytes, 0);
        for (int column = 0; column < columns.size(); column++) {
            end = columns.get(column).copyTo(bytes, end);
            columns.get(column).truncate(headers[column]);
        }
        rows = 0;
        return bytes;
    }
}
