/**
 * The ClickHouse engine (libchdb) as a server process: the main class, how to launch it ({@link
 * io.ponix.embedded.clickhouse.server.ClickHouseServerCommand}) and how its native library gets
 * onto the machine ({@link io.ponix.embedded.clickhouse.server.ChdbLibrary}).
 */
package io.ponix.embedded.clickhouse.server;
