package io.ponix.embedded.clickhouse.server.engine;

/**
 * What a statement read and wrote, as {@code X-ClickHouse-Summary} reports it.
 *
 * @param readRows rows read from tables
 * @param readBytes bytes read from tables, uncompressed
 * @param writtenRows rows inserted, those of materialized views included
 * @param writtenBytes bytes inserted, uncompressed
 * @param resultRows rows of the result
 * @param resultBytes bytes of the result in memory, before formatting
 * @param elapsedNanoseconds time in the engine
 */
public record QueryStatistics(
        long readRows,
        long readBytes,
        long writtenRows,
        long writtenBytes,
        long resultRows,
        long resultBytes,
        long elapsedNanoseconds) {

    /** The value of the header {@code X-ClickHouse-Summary}: a JSON object of strings. */
    public String toSummary() {
        return "{\"read_rows\":\""
                + readRows
                + "\",\"read_bytes\":\""
                + readBytes
                + "\",\"written_rows\":\""
                + writtenRows
                + "\",\"written_bytes\":\""
                + writtenBytes
                + "\",\"total_rows_to_read\":\"0\",\"result_rows\":\""
                + Math.max(resultRows, writtenRows)
                + "\",\"result_bytes\":\""
                + Math.max(resultBytes, writtenBytes)
                + "\",\"elapsed_ns\":\""
                + elapsedNanoseconds
                + "\"}";
    }
}
