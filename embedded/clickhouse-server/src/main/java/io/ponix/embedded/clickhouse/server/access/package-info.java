/** Users of SQL statements, for an engine that has one user of its own and roles. */
package io.ponix.embedded.clickhouse.server.access;
