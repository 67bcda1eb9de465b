package io.ponix.connector.clickhouse.table;

/**
 * What {@link TablePreflight} found out about a table.
 *
 * @param hasViews whether materialized views store something for every insert
 */
public record TableFacts(boolean hasViews) {}
