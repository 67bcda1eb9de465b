package io.ponix.connector.clickhouse.sink;

import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import java.io.Serializable;
import java.util.List;

/**
 * Where rows go, and what a row is made of.
 *
 * @param database the table's database
 * @param table the table's name
 * @param columns the columns the encoder writes
 * @param witnessColumns names of columns that together identify a row; empty if none do
 */
record TargetTable(
        String database, String table, List<ClickHouseColumn> columns, List<String> witnessColumns)
        implements Serializable {}
