/**
 * The tables of migrations/postgres: what their columns are called, how they are written, and what
 * they mean, once for all programs that read or write them. It knows nothing of Flink and gRPC.
 */
package io.ponix.registry;
