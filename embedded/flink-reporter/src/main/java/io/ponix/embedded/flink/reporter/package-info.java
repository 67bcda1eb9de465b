/** Metrics of the embedded Flink cluster, for this machine only. */
package io.ponix.embedded.flink.reporter;
