package io.ponix.jobs.envelope;

import io.ponix.connector.nats.JetStreamAdmin;
import io.ponix.connector.postgres.cdc.slot.ReplicationSlot;
import io.ponix.jobs.envelope.options.NatsOptions;
import io.ponix.jobs.envelope.options.PipelineOptions;
import io.ponix.jobs.envelope.options.PostgresOptions;
import io.ponix.jobs.lease.JobLease;
import io.ponix.jobs.lease.LeaseStore;
import io.ponix.jobs.lease.NoLeaseException;
import io.ponix.jobs.preflight.Refusal;
import java.io.IOException;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.apache.flink.client.program.ProgramParametrizationException;

/**
 * Looks whether another job is active that this one would get in the way of: of the same pipeline,
 * by the lease, or of another one that reads the same replication slot. Of two jobs on one slot the
 * second runs and never learns what changes in Postgres.
 */
final class OtherActiveJobs {

    /** A job that has just been stopped closes its connections in a moment. */
    private static final Duration SLOT_IS_LEFT_WITHIN = Duration.ofSeconds(10);

    private static final Duration POLL = Duration.ofMillis(250);

    private static final String READER_OF_A_SLOT =
            """
            SELECT concat('user ', usename, ', from ', coalesce(host(client_addr), 'the same machine'),
                   ', since ', to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
              FROM pg_stat_activity WHERE pid = ?
            """;

    private final NatsOptions nats;
    private final PostgresOptions postgres;
    private final boolean takeOver;
    private final JobLease lease;
    private final Optional<String> jobId;
    private final PrintStream notes;
    private boolean checked;

    /**
     * @param jobId of the job that is submitted, where it is known before
     * @param notes told when the answer takes a while
     */
    OtherActiveJobs(
            PipelineOptions options, JobLease lease, Optional<String> jobId, PrintStream notes) {
        this.nats = options.nats();
        this.postgres = options.postgres();
        this.takeOver = options.takeOver();
        this.lease = lease;
        this.jobId = jobId;
        this.notes = notes;
    }

    /**
     * The same as {@link #check}, unless nobody reads the slot: a quick look, before anything is
     * created.
     */
    void checkIfSlotIsInUse() throws InterruptedException {
        try (Connection connection = postgres.connection().connect()) {
            if (slot(connection).isEmpty()) {
                return;
            }
        } catch (SQLException e) {
            // What is wrong with Postgres is said in its turn.
            return;
        }
        check();
    }

    /**
     * Waits for a job that is ending, and then refuses; once.
     *
     * @throws ProgramParametrizationException that says which job is in the way
     */
    void check() throws InterruptedException {
        if (checked) {
            return;
        }
        try (JetStreamAdmin admin = JetStreamAdmin.connect(nats.connection());
                Connection connection = postgres.connection().connect()) {
            long deadline = System.nanoTime() + SLOT_IS_LEFT_WITHIN.toNanos();
            // The lease each time: who came to the slot meanwhile may have taken it, too.
            while (!hasPredecessor(admin)) {
                Optional<ReplicationSlot> slot = slot(connection);
                if (slot.isEmpty()) {
                    break;
                }
                if (System.nanoTime() > deadline) {
                    throw slotInUse(connection, slot.get());
                }
                Thread.sleep(POLL.toMillis());
            }
            checked = true;
        } catch (NoLeaseException e) {
            throw new ProgramParametrizationException(
                    e.getMessage()
                            + "."
                            + System.lineSeparator()
                            + "A second job would store every envelope again. Stop that one"
                            + " (flink stop ID), or submit with --take-over to replace it.");
        } catch (SQLException e) {
            throw Preflight.postgresCannotBeUsed(postgres, e);
        } catch (IOException e) {
            throw Refusal.of(
                    "NATS at "
                            + nats.connection().redactedServers()
                            + " cannot be asked whether another job is active: "
                            + e.getMessage(),
                    "--nats-url and what its user may do with the stream " + LeaseStore.STREAM,
                    e);
        }
    }

    /**
     * Whether the slot may be a predecessor's, which leaves it to this job: one that is replaced,
     * or whose connection Postgres has not given up yet.
     */
    private boolean hasPredecessor(JetStreamAdmin admin)
            throws IOException, NoLeaseException, InterruptedException {
        int replicas =
                admin.findStream(nats.rawStream())
                        .map(stream -> stream.getConfiguration().getReplicas())
                        .orElse(nats.streamReplicas());
        return lease.check(admin.connection(), replicas, takeOver, jobId, notes::println);
    }

    /** The slot, if somebody reads it. */
    private Optional<ReplicationSlot> slot(Connection connection) throws SQLException {
        return ReplicationSlot.find(connection, postgres.slotName())
                .filter(ReplicationSlot::active);
    }

    private ProgramParametrizationException slotInUse(Connection connection, ReplicationSlot slot)
            throws SQLException {
        return Refusal.of(
                "The replication slot '"
                        + slot.name()
                        + "' on "
                        + postgres.connection().address()
                        + " is read by another job ("
                        + reader(connection, slot.activePid())
                        + "), and none runs the pipeline from stream "
                        + nats.rawStream()
                        + " into this table: this job would learn of no change of a device",
                "--nats-raw-stream and --clickhouse-table, which say what pipeline it is, or give a"
                        + " pipeline of its own a slot of its own: --cdc-slot-name"
                        + " (PONIX_CDC_SLOT_NAME). What a lost machine left of a connection ends"
                        + " after Postgres' wal_sender_timeout",
                null);
    }

    /** Its user, place and time, as far as this user may see them. */
    private static String reader(Connection connection, int pid) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(READER_OF_A_SLOT)) {
            statement.setInt(1, pid);
            try (ResultSet row = statement.executeQuery()) {
                return (row.next() ? row.getString(1) + ", " : "") + "process " + pid;
            }
        }
    }
}
