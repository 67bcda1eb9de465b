/** From decoded envelopes to messages of stations. */
package io.ponix.jobs.sessions.read;
