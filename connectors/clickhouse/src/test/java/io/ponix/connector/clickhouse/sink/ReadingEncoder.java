package io.ponix.connector.clickhouse.sink;

import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;

/** Writes {@link Reading}s in the order organization, time, device; partitions are months. */
final class ReadingEncoder implements ClickHouseRowEncoder<Reading> {

    static final String STREAM = "raw_envelopes";

    @Override
    public List<ClickHouseColumn> columns() {
        return List.of(
                ClickHouseColumn.of("organization_id", "String"),
                ClickHouseColumn.of("end_device_id", "String"),
                ClickHouseColumn.of("occurred_at", "DateTime64(3)"),
                ClickHouseColumn.of("data", "JSON"),
                ClickHouseColumn.of("stream", "LowCardinality(String)"),
                ClickHouseColumn.of("stream_sequence", "UInt64"));
    }

    @Override
    public void encode(Reading reading, int index, RowOutput row) {
        row.writeString(reading.organization);
        row.writeString(reading.device);
        row.writeDateTime64(reading.occurredAtMillis);
        byte[] json = reading.json.getBytes(StandardCharsets.UTF_8);
        row.writeJson(json, 0, json.length);
        row.writeString(STREAM);
        row.writeInt64(reading.sequence);
    }

    @Override
    public long partition(Reading reading, int index) {
        ZonedDateTime time = Instant.ofEpochMilli(reading.occurredAtMillis).atZone(ZoneOffset.UTC);
        return time.getYear() * 100L + time.getMonthValue();
    }

    @Override
    public void encodeSortKey(Reading reading, int index, SortKeyOutput key) {
        key.addString(reading.organization);
        key.addLong(reading.occurredAtMillis);
        key.addString(reading.device);
    }
}
