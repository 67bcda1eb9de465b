package io.ponix.cli.stack;

import io.ponix.client.clickhouse.ClickHouseVariable;
import io.ponix.client.nats.NatsVariable;
import io.ponix.client.postgres.PostgresVariable;
import java.util.Map;

/** The servers of a stack that commands talk to. */
public enum StackServer {
    NATS("nats", "NATS", NatsVariable.URL.variable(), 4222),
    POSTGRES("postgres", "Postgres", PostgresVariable.HOST.variable(), 5432),
    CLICKHOUSE("clickhouse", "ClickHouse", ClickHouseVariable.URL.variable(), 8123),
    ZOOKEEPER("zookeeper", "ZooKeeper", null, 0),
    JOB_MANAGER("jobmanager", "the Flink JobManager", null, 0),
    DEVICE_SERVICE("device-service", "the device service", null, 0);

    private final String part;
    private final String title;
    private final String variable;
    private final int defaultPort;

    StackServer(String part, String title, String variable, int defaultPort) {
        this.part = part;
        this.title = title;
        this.variable = variable;
        this.defaultPort = defaultPort;
    }

    /** Its name among the parts of a stack, as {@code ./ponix status} shows it. */
    public String part() {
        return part;
    }

    /** Its name in a sentence. */
    public String title() {
        return title;
    }

    /**
     * Looks whether one that the environment names is there.
     *
     * @throws io.ponix.cli.program.CommandException when it is not
     */
    void requireElsewhere(String address) {
        ExternalServer.require(this, variable, address, defaultPort);
    }

    /** Whether the environment names one to use in place of the stack's. */
    boolean isNamedIn(Map<String, String> environment) {
        return switch (this) {
            case NATS -> NatsVariable.namesServerIn(environment);
            case POSTGRES -> PostgresVariable.namesServerIn(environment);
            case CLICKHOUSE -> ClickHouseVariable.namesServerIn(environment);
            case ZOOKEEPER, JOB_MANAGER, DEVICE_SERVICE -> false;
        };
    }
}
