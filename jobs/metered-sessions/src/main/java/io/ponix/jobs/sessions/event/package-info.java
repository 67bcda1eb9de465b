/** What goes from operator to operator. */
package io.ponix.jobs.sessions.event;
