/** Compressed bodies: ClickHouse's own blocks, and HTTP's codings. */
package io.ponix.embedded.clickhouse.server.compression;
