package io.ponix.cli.stack;

import java.util.Map;

/** The servers of a stack that commands talk to. */
public enum StackServer {
    NATS("nats", "NATS", "PONIX_NATS_URL"),
    POSTGRES("postgres", "Postgres", "PONIX_POSTGRES_HOST"),
    CLICKHOUSE("clickhouse", "ClickHouse", "PONIX_CLICKHOUSE_URL"),
    ZOOKEEPER("zookeeper", "ZooKeeper", null),
    JOB_MANAGER("jobmanager", "the Flink JobManager", null),
    DEVICE_SERVICE("device-service", "the device service", null);

    private final String part;
    private final String title;
    private final String variable;

    StackServer(String part, String title, String variable) {
        this.part = part;
        this.title = title;
        this.variable = variable;
    }

    /** Its name among the parts of a stack, as {@code ./ponix status} shows it. */
    public String part() {
        return part;
    }

    /** Its name in a sentence. */
    public String title() {
        return title;
    }

    /** Whether the environment names one to use in place of the stack's. */
    boolean isNamedIn(Map<String, String> environment) {
        return variable != null && !environment.getOrDefault(variable, "").isBlank();
    }
}
