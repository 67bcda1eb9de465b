/** Assembles sessions: what is kept of stations and of sessions, and what comes of it. */
package io.ponix.jobs.sessions.assembly;
