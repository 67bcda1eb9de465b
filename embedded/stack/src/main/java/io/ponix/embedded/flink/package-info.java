/**
 * A highly available Flink session cluster from the build's distribution: its processes, its
 * configuration and its command line client.
 */
package io.ponix.embedded.flink;
