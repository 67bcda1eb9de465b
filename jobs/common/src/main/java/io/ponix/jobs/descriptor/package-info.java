/** What is known of a job without running it. */
package io.ponix.jobs.descriptor;
