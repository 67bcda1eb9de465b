package io.ponix.jobs.envelope.options;

import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.clickhouse.ClickHouseVariable;
import io.ponix.jobs.options.GivenVariables;
import io.ponix.jobs.options.Problems;
import java.time.Duration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.base.DeliveryGuarantee;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** Where rows go. */
public final class ClickHouseOptions {

    private static final int MOST_BATCH_ROWS = 1_000_000;
    private static final MemorySize LARGEST_BATCH = MemorySize.ofMebiBytes(512);

    @Option(
            names = "--clickhouse-url",
            paramLabel = "URL",
            defaultValue = "http://localhost:8123",
            description =
                    "ClickHouse's HTTP interface, https:// for TLS; several replicas separated by"
                            + " commas. PONIX_CLICKHOUSE_URL")
    private String url;

    @Option(
            names = "--clickhouse-database",
            paramLabel = "NAME",
            defaultValue = "ponix",
            description = "Database of the table. PONIX_CLICKHOUSE_DATABASE")
    private String database;

    @Option(
            names = "--clickhouse-username",
            paramLabel = "NAME",
            defaultValue = "ponix",
            description = "User that inserts. PONIX_CLICKHOUSE_USERNAME")
    private String username;

    @Option(
            names = "--clickhouse-password",
            paramLabel = "SECRET",
            defaultValue = "ponix",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Password. Better given as PONIX_CLICKHOUSE_PASSWORD: others see a command"
                            + " line")
    private String password;

    @Option(
            names = "--clickhouse-tls-truststore",
            paramLabel = "FILE",
            description =
                    "Certificate authorities to trust in place of Java's: PEM, PKCS #12 or Java keystore,"
                            + " on every machine of the cluster. PONIX_CLICKHOUSE_TLS_TRUSTSTORE")
    private String truststore;

    @Option(
            names = "--clickhouse-tls-truststore-password",
            paramLabel = "SECRET",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Password of that file. Better given as PONIX_CLICKHOUSE_TLS_TRUSTSTORE_PASSWORD")
    private String truststorePassword;

    @Option(
            names = "--clickhouse-tls-keystore",
            paramLabel = "FILE",
            description =
                    "Certificate and private key of the job, if the server wants one: PEM (both in one"
                            + " file), PKCS #12 or Java keystore, on every machine of the cluster."
                            + " PONIX_CLICKHOUSE_TLS_KEYSTORE")
    private String keystore;

    @Option(
            names = "--clickhouse-tls-keystore-password",
            paramLabel = "SECRET",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Password of that file. Better given as PONIX_CLICKHOUSE_TLS_KEYSTORE_PASSWORD")
    private String keystorePassword;

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
        return ClickHouseSettings.read(
                given().asMap(), variable -> GivenVariables.name(variable.variable()));
    }

    private GivenVariables given() {
        return new GivenVariables()
                .add(ClickHouseVariable.URL.variable(), url)
                .add(ClickHouseVariable.DATABASE.variable(), database)
                .add(ClickHouseVariable.USERNAME.variable(), username)
                .add(ClickHouseVariable.PASSWORD.variable(), password)
                .add(ClickHouseVariable.TLS_TRUSTSTORE.variable(), truststore)
                .add(ClickHouseVariable.TLS_TRUSTSTORE_PASSWORD.variable(), truststorePassword)
                .add(ClickHouseVariable.TLS_KEYSTORE.variable(), keystore)
                .add(ClickHouseVariable.TLS_KEYSTORE_PASSWORD.variable(), keystorePassword);
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
        given().check(problems, this::connection);
    }
}
