/**
 * What every program that reads from NATS needs beside the client library: it knows nothing of
 * Flink, and nothing of Ponix.
 */
package io.ponix.client.nats;
