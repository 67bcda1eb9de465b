/** What can be set of the job. */
package io.ponix.jobs.sessions.options;
