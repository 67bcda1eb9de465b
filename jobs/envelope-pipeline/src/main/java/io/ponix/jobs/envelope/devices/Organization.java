package io.ponix.jobs.envelope.devices;

/**
 * What the job must know of an organization.
 *
 * @param active whether its envelopes become rows: it is not marked as deleted
 * @param version the monotonic version of its row in Postgres
 */
public record Organization(boolean active, long version) {}
