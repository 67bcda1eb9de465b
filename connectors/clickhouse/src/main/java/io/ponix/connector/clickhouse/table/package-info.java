/** Column types, and the check of a table before it is written to. */
package io.ponix.connector.clickhouse.table;
