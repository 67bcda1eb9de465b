/** What every job insists on of Flink's configuration. */
package io.ponix.jobs.environment;
