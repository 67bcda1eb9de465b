/**
 * The stack Ponix runs on, as local processes: NATS, Postgres, ClickHouse and a highly available
 * Flink session cluster with its ZooKeeper, each of them the real engine, each in its own process
 * that can be started, stopped, killed and frozen by itself.
 *
 * <p>{@code ./ponix up} starts it detached, so that it outlives the command; tests start it
 * attached, so that it dies with the test JVM however that ends.
 */
package io.ponix.embedded;
