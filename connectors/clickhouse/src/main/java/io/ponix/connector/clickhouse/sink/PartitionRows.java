package io.ponix.connector.clickhouse.sink;

/**
 * Rows of a batch that are of one partition, and follow each other in it.
 *
 * @param partition the partition as the encoder numbered it
 * @param count number of rows
 */
record PartitionRows(long partition, int count) {}
