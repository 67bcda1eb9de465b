package io.ponix.jobs.envelope.options;

import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.jobs.options.ClickHouseConnectionOptions;
import io.ponix.jobs.options.Problems;
import java.time.Duration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.base.DeliveryGuarantee;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where rows go. */
public final class ClickHouseOptions {

    private static final int MOST_BATCH_ROWS = 1_000_000;
    private static final MemorySize LARGEST_BATCH = MemorySize.ofMebiBytes(512);

    @Mixin private ClickHouseConnectionOptions connection;

    @Option(
            names = "--clickhouse-table",
            paramLabel = "NAME",
            defaultValue = "processed_envelopes",
            description = "Table of decoded readings. PONIX_CLICKHOUSE_TABLE")
    private String table;

    @Option(
            names = "--clickhouse-delivery",
            paramLabel = "exactly-once|at-least-once",
            defaultValue = "exactly-once",
            description =
                    "exactly-once: rows become visible at checkpoints. at-least-once: when a"
                            + " batch's window ends, and twice after a failure."
                            + " PONIX_CLICKHOUSE_DELIVERY")
    private Delivery delivery;

    @Option(
            names = "--clickhouse-batch-rows",
            paramLabel = "N",
            defaultValue = "50000",
            description = "Rows at which a batch is closed. PONIX_CLICKHOUSE_BATCH_ROWS")
    private int batchRows;

    @Option(
            names = "--clickhouse-batch-size",
            paramLabel = "SIZE",
            defaultValue = "32 mb",
            description = "Bytes at which a batch is closed. PONIX_CLICKHOUSE_BATCH_SIZE")
    private MemorySize batchSize;

    @Option(
            names = "--clickhouse-batch-window",
            paramLabel = "DURATION",
            defaultValue = "1 s",
            description =
                    "Time after which an at-least-once batch is closed; an exactly-once batch is"
                            + " open until the checkpoint. PONIX_CLICKHOUSE_BATCH_WINDOW")
    private Duration batchWindow;

    ClickHouseOptions() {}

    /** The two guarantees, as they are written on a command line. */
    enum Delivery {
        EXACTLY_ONCE("exactly-once"),
        AT_LEAST_ONCE("at-least-once");

        private final String text;

        Delivery(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** How to reach the servers. */
    public ClickHouseSettings connection() {
        return connection.settings();
    }

    /** The table. */
    public String table() {
        return table;
    }

    /** The guarantee. */
    public DeliveryGuarantee guarantee() {
        return switch (delivery) {
            case EXACTLY_ONCE -> DeliveryGuarantee.EXACTLY_ONCE;
            case AT_LEAST_ONCE -> DeliveryGuarantee.AT_LEAST_ONCE;
        };
    }

    /** Rows at which a batch is closed. */
    public int batchRows() {
        return batchRows;
    }

    /** Bytes at which a batch is closed. */
    public int batchBytes() {
        return (int) batchSize.getBytes();
    }

    /** Time after which an at-least-once batch is closed. */
    public Duration batchWindow() {
        return batchWindow;
    }

    void validate(Problems problems) {
        problems.requireText("--clickhouse-table", table);
        problems.requireRange("--clickhouse-batch-rows", 1, MOST_BATCH_ROWS, batchRows);
        problems.requireAtMost("--clickhouse-batch-size", LARGEST_BATCH, batchSize);
        problems.requirePositive("--clickhouse-batch-window", batchWindow);
        connection.validate(problems);
    }
}
