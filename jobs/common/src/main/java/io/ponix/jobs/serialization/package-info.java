/**
 * How jobs write their state: every element says in which version it is, and old versions stay
 * readable.
 */
package io.ponix.jobs.serialization;
