/** The engine behind its C interface: one data directory, independent sessions. */
package io.ponix.embedded.clickhouse.server.engine;
