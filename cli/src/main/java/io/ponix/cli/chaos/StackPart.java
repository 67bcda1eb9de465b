package io.ponix.cli.chaos;

import io.ponix.cli.simulation.Way;
import java.util.List;

/** What of the stack is hit: a process by its name, or two at once. */
enum StackPart {
    TASK_MANAGER("taskmanager", "TaskManager", "taskmanager-1"),
    JOB_MANAGER("jobmanager", "JobManager", "jobmanager"),
    JOB_AND_TASK_MANAGER("flink", "JobManager and TaskManager", "jobmanager", "taskmanager-1"),
    ZOOKEEPER("zookeeper", "ZooKeeper", "zookeeper"),
    NATS("nats", "NATS", "nats"),
    POSTGRES("postgres", "Postgres", "postgres"),
    CLICKHOUSE("clickhouse", "ClickHouse", "clickhouse"),
    DEVICE_SERVICE("device-service", "device service", "device-service"),
    BRIDGE("bridge", "bridge", "bridge"),
    MQTT_BROKER("mqtt", "MQTT broker", "mqtt");

    private final String id;
    private final String title;
    private final List<String> processes;

    StackPart(String id, String title, String... processes) {
        this.id = id;
        this.title = title;
        this.processes = List.of(processes);
    }

    /** As the name of a fault has it. */
    String id() {
        return id;
    }

    /** As a person reads it. */
    String title() {
        return title;
    }

    /** Whether it is there, and has something to do, when the load comes by a way. */
    boolean isOn(Way way) {
        return switch (this) {
            case BRIDGE -> way != Way.nats;
            case MQTT_BROKER -> way == Way.mqtt;
            default -> true;
        };
    }

    /** The names of its processes. */
    List<String> processes() {
        return processes;
    }
}
