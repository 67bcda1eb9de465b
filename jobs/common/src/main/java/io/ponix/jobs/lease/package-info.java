/**
 * One active job per pipeline: a lease with a fencing epoch, kept in JetStream.
 *
 * <p><b>Why JetStream.</b> Without NATS a job can read nothing anyway, so the lease adds no server
 * that has to be there; Postgres may be away for hours while rows go on. A stream with one message
 * a subject and the condition that nobody has written since ({@code Nats-Expected-Last-Subject-
 * Sequence}) is a compare-and-set, on any nats-server with JetStream.
 *
 * <p><b>How it works.</b> The lease names its holder and an epoch that grows whenever it changes
 * hands. The JobManager's side of the job takes it before the first envelope is read, renews it
 * every {@link LeaseTerms#renewal()}, and gives it back when the job ends. The TaskManagers' side
 * reads it from the stream's leader before every insert, and inserts only while it names its own
 * job: a job that was replaced commits nothing more, however long it was frozen, and with NATS away
 * nobody commits. A lease whose holder has shown no sign of life for {@link
 * LeaseTerms#timeToLive()} is free; the one who wants it measures that by its own clock, and no two
 * machines' clocks are ever compared.
 *
 * <p><b>Who waits for whom.</b> A job that comes back under its id (high availability) finds itself
 * to be the holder. One that was stopped or cancelled has given the lease back. Only after
 * everything was killed, without high availability, a new submission waits for the time to live.
 *
 * <p><b>What remains.</b> Between a look at the lease and the insert's arrival at ClickHouse lies
 * the time of a request. A job that takes the lease from one that did not give it back waits until
 * ClickHouse has ended the inserts that had arrived. A process that is stopped in the very moment
 * between the look and the sending, and goes on after another one has taken over, still sends that
 * one insert.
 */
package io.ponix.jobs.lease;
