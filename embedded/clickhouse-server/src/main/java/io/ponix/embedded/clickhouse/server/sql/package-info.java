/** As much of SQL as is needed to tell queries, commands and inserts with rows apart. */
package io.ponix.embedded.clickhouse.server.sql;
