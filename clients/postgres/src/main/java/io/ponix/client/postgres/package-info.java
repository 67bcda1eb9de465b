/**
 * How the servers of a Postgres database are named. It knows nothing of Flink, and nothing of
 * Ponix.
 */
package io.ponix.client.postgres;
