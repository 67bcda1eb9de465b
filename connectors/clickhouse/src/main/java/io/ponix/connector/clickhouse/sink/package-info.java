/** The sink: batches, their state, and their inserts. */
package io.ponix.connector.clickhouse.sink;
