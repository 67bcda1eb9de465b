/**
 * The ClickHouse engine (libchdb) as a server process: the main class, how to launch it ({@link
 * io.ponix.embedded.clickhouse.ClickHouseServerCommand}) and how its native library gets onto the
 * machine ({@link io.ponix.embedded.clickhouse.ChdbLibrary}).
 */
package io.ponix.embedded.clickhouse;
