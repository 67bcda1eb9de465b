/** The tables of sessions, in Postgres and in ClickHouse. */
package io.ponix.jobs.sessions.store;
