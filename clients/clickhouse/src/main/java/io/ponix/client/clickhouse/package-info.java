/** ClickHouse's HTTP interface, and what its error codes mean. */
package io.ponix.client.clickhouse;
