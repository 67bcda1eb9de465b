/**
 * ClickHouse as a process of the stack; the server itself is {@code
 * io.ponix.embedded.clickhouse.server}.
 */
package io.ponix.embedded.clickhouse;
