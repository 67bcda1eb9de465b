/** What jobs publish of messages that they give up. */
package io.ponix.jobs.deadletter;
