/**
 * A Flink sink for ClickHouse: batches of rows, written exactly once.
 *
 * <ul>
 *   <li>{@link io.ponix.connector.clickhouse.sink} – the sink: start at {@link
 *       io.ponix.connector.clickhouse.sink.ClickHouseSink};
 *   <li>{@link io.ponix.connector.clickhouse.table} – column types, and the check of a table before
 *       it is written to;
 *   <li>{@link io.ponix.client.clickhouse} – ClickHouse's HTTP interface, and what its error codes
 *       mean.
 * </ul>
 */
package io.ponix.connector.clickhouse;
