package io.ponix.jobs.envelope.store;

import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.jobs.envelope.transform.Activation;
import io.ponix.jobs.lease.JobLease;
import io.ponix.jobs.lease.LeaseGate;
import java.io.IOException;

/**
 * The active job is the one that holds the lease. If that was taken from a job that did not give it
 * back, what that one had sent to ClickHouse is waited for too.
 */
public final class LeasedActivation implements Activation {

    private static final long serialVersionUID = 1L;

    private final JobLease lease;
    private final ClickHouseSettings connection;
    private final String table;

    /**
     * @param lease of the pipeline
     * @param connection how to reach ClickHouse
     * @param table that the pipeline fills, of the connection's database
     */
    public LeasedActivation(JobLease lease, ClickHouseSettings connection, String table) {
        this.lease = lease;
        this.connection = connection;
        this.table = table;
    }

    @Override
    public void await(String jobId) throws IOException, InterruptedException {
        try (LeaseGate gate = lease.openGate(jobId)) {
            if (!gate.awaitLease().replaced().isEmpty()) {
                new RunningInserts(connection, table).awaitEnd();
            }
        }
    }
}
