package io.ponix.connector.clickhouse.sink;

import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.connector.base.DeliveryGuarantee;

/**
 * Puts a {@link ClickHouseSink} together. {@link #setConnection}, {@link #setTable} and {@link
 * #setRowEncoder} are required; everything else has a default.
 *
 * @param <IN> the record's type
 */
@PublicEvolving
public final class ClickHouseSinkBuilder<IN> {

    /** 50,000 rows: blocks of 10,000 cost 15 % more time on the server, of 1,000 three times. */
    public static final int DEFAULT_MAX_BATCH_ROWS = 50_000;

    /** 32 MiB of encoded rows. */
    public static final int DEFAULT_MAX_BATCH_BYTES = 32 << 20;

    /** 1 second, at least once only. */
    public static final Duration DEFAULT_WINDOW = Duration.ofSeconds(1);

    /** 128 MiB of compressed batches. */
    public static final long DEFAULT_MAX_PENDING_BYTES = 128L << 20;

    /** 4 inserts per subtask. */
    public static final int DEFAULT_PARALLEL_INSERTS = 4;

    /** 10 minutes. */
    public static final Duration DEFAULT_MAX_TOKEN_AGE = Duration.ofMinutes(10);

    /** 100 milliseconds. */
    public static final Duration DEFAULT_FIRST_BACKOFF = Duration.ofMillis(100);

    /** 10 seconds. */
    public static final Duration DEFAULT_LONGEST_BACKOFF = Duration.ofSeconds(10);

    private ClickHouseSettings connection;
    private String table;
    private ClickHouseRowEncoder<IN> encoder;
    private List<String> witnessColumns = List.of();
    private DeliveryGuarantee guarantee = DeliveryGuarantee.EXACTLY_ONCE;
    private RejectedRowHandler rejectedRowHandler = new FailOnRejectedRow();
    private int maxBatchRows = DEFAULT_MAX_BATCH_ROWS;
    private int maxBatchBytes = DEFAULT_MAX_BATCH_BYTES;
    private Duration window;
    private long maxPendingBytes = DEFAULT_MAX_PENDING_BYTES;
    private int parallelInserts = DEFAULT_PARALLEL_INSERTS;
    private Duration maxTokenAge = DEFAULT_MAX_TOKEN_AGE;
    private Duration firstBackoff = DEFAULT_FIRST_BACKOFF;
    private Duration longestBackoff = DEFAULT_LONGEST_BACKOFF;
    private CommitFence commitFence = CommitFence.NONE;

    ClickHouseSinkBuilder() {}

    /**
     * Where ClickHouse is. Required.
     *
     * @param connection addresses, database and user
     * @return this builder
     */
    public ClickHouseSinkBuilder<IN> setConnection(ClickHouseSettings connection) {
        this.connection = connection;
        return this;
    }

    /**
     * The table. Required.
     *
     * @param table a table of the connection's database
     * @return this builder
     */
    public ClickHouseSinkBuilder<IN> setTable(String table) {
        this.table = table;
        return this;
    }

    /**
     * How a record becomes a row. Required.
     *
     * @param encoder serializable
     * @return this builder
     */
    public ClickHouseSinkBuilder<IN> setRowEncoder(ClickHouseRowEncoder<IN> encoder) {
        this.encoder = encoder;
        return this;
    }

    /**
     * The columns that together identify a row for good, for instance the stream and the sequence
     * number it came from. With them, a batch that ClickHouse's deduplication may have forgotten
     * (restored from a checkpoint, or older than {@link #setMaxTokenAge}) is looked for in the
     * table before it is inserted. Add the leading columns of the table's {@code ORDER BY}, so that
     * the look is a lookup and not a scan.
     *
     * <p>Default: none. Then such a batch relies on the deduplication window alone, and two batches
     * with equal rows count as two.
     *
     * @param columns names from the encoder's columns; no JSON or floating point
     * @return this builder
     */
    public ClickHouseSinkBuilder<IN> setWitnessColumns(List<String> columns) {
        this.witnessColumns = List.copyOf(columns);
        return this;
    }

    /**
     * The guarantee, {@link DeliveryGuarantee#EXACTLY_ONCE} by default. {@link
     * DeliveryGuarantee#NONE} is refused: it would be no faster than at least once.
     *
     * @param guarantee exactly once or at least once
     * @return this builder
     */
    public ClickHouseSinkBuilder<IN> setDeliveryGuarantee(DeliveryGuarantee guarantee) {
        this.guarantee = guarantee;
        return this;
    }

    /**
     * Takes rows that ClickHouse refuses for good. By default the job fails on the first, and its
     * batch stays in state.
     *
     * @param handler serializable
     * @return this builder
     */
    public ClickHouseSinkBuilder<IN> setRejectedRowHandler(RejectedRowHandler handler) {
        this.rejectedRowHandler = handler;
        return this;
    }

    /**
     * Rows at which a batch is closed.
     *
     * @param rows 1 to 1,000,000, default {@link #DEFAULT_MAX_BATCH_ROWS}
     * @return this builder
     */
    public ClickHouseSinkBuilder<IN> setMaxBatchRows(int rows) {
        this.maxBatchRows = rows;
        return this;
    }

    /**
     * Encoded bytes, before compression, at which a batch is closed. A batch exceeds this by at
     * most one row.
     *
     * @param bytes 1 to 512 MiB, default {@link #DEFAULT_MAX_BATCH_BYTES}
     * @return this builder
     */
    public ClickHouseSinkBuilder<IN> setMaxBatchBytes(int bytes) {
        this.maxBatchBytes = bytes;
        return this;
    }

    /**
     * The longest time a batch is open. At least once: {@link #DEFAULT_WINDOW}. Exactly once: by
     * default a batch is open until the checkpoint, as its rows are not visible before, and a
     * shorter window would only make more and smaller parts for the server to merge.
     *
     * @param window positive
     * @return this builder
     */
    public ClickHouseSinkBuilder<IN> setWindow(Duration window) {
        this.window = window;
        return this;
    }

    /**
     * Compressed bytes of closed batches per subtask from which records are held back. At least
     * once: the writer waits for inserts. Exactly once: the writer slows down to a trickle until
     * the checkpoint takes the batches.
     *
     * @param bytes positive, default {@link #DEFAULT_MAX_PENDING_BYTES}
     * @return this builder
     */
    public ClickHouseSinkBuilder<IN> setMaxPendingBytes(long bytes) {
        this.maxPendingBytes = bytes;
        return this;
    }

    /**
     * Inserts a subtask has under way at once.
     *
     * @param inserts 1 to 64, default {@link #DEFAULT_PARALLEL_INSERTS}
     * @return this builder
     */
    public ClickHouseSinkBuilder<IN> setParallelInserts(int inserts) {
        this.parallelInserts = inserts;
        return this;
    }

    /**
     * The age from which a batch is looked for in the table before it is inserted or repeated. It
     * must be less than {@code replicated_deduplication_window_seconds}. That a table forgets a
     * token also when as many blocks were inserted as its deduplication window holds is found out
     * by counting them.
     *
     * @param age positive, default {@link #DEFAULT_MAX_TOKEN_AGE}
     * @return this builder
     */
    public ClickHouseSinkBuilder<IN> setMaxTokenAge(Duration age) {
        this.maxTokenAge = age;
        return this;
    }

    /**
     * Waiting times between repeats: from the first they double up to the longest.
     *
     * @param first at least 1 ms, default {@link #DEFAULT_FIRST_BACKOFF}
     * @param longest not shorter than the first, default {@link #DEFAULT_LONGEST_BACKOFF}
     * @return this builder
     */
    public ClickHouseSinkBuilder<IN> setBackoff(Duration first, Duration longest) {
        this.firstBackoff = first;
        this.longestBackoff = longest;
        return this;
    }

    /**
     * Keeps the job from inserting while another one is the active one. Default: {@link
     * CommitFence#NONE}.
     *
     * @param fence serializable
     * @return this builder
     */
    public ClickHouseSinkBuilder<IN> setCommitFence(CommitFence fence) {
        this.commitFence = fence;
        return this;
    }

    /**
     * Checks everything that can be checked without ClickHouse.
     *
     * @return the sink
     * @throws IllegalArgumentException if a property cannot be used; the message names it
     */
    public ClickHouseSink<IN> build() {
        require(connection != null, "connection: is required");
        require(table != null && !table.isEmpty(), "table: is required");
        require(encoder != null, "rowEncoder: is required");
        require(rejectedRowHandler != null, "rejectedRowHandler: must not be null");
        require(commitFence != null, "commitFence: must not be null");
        List<ClickHouseColumn> columns = List.copyOf(encoder.columns());
        checkColumns(columns);
        requireRange("maxBatchRows", maxBatchRows, 1_000_000);
        requireRange("maxBatchBytes", maxBatchBytes, 512 << 20);
        requireRange("parallelInserts", parallelInserts, 64);
        require(maxPendingBytes > 0, "maxPendingBytes: must be positive, got " + maxPendingBytes);
        requirePositive("maxTokenAge", maxTokenAge);
        requirePositive("backoff", firstBackoff);
        requirePositive("backoff", longestBackoff);
        require(
                longestBackoff.compareTo(firstBackoff) >= 0,
                "backoff: the longest wait is shorter than the first");
        if (window != null) {
            requirePositive("window", window);
        }
        boolean exactlyOnce =
                switch (Objects.requireNonNull(guarantee, "deliveryGuarantee")) {
                    case EXACTLY_ONCE -> true;
                    case AT_LEAST_ONCE -> false;
                    case NONE ->
                            throw new IllegalArgumentException(
                                    "deliveryGuarantee: NONE is not supported, use AT_LEAST_ONCE");
                };
        Duration effectiveWindow =
                window != null ? window : exactlyOnce ? Duration.ZERO : DEFAULT_WINDOW;
        return new ClickHouseSink<>(
                encoder,
                new TargetTable(connection.database(), table, columns, witnessColumns),
                new BatchLimits(maxBatchRows, maxBatchBytes, effectiveWindow, maxPendingBytes),
                new InsertConfig(
                        connection,
                        exactlyOnce,
                        parallelInserts,
                        maxTokenAge,
                        firstBackoff,
                        longestBackoff,
                        rejectedRowHandler,
                        commitFence));
    }

    private void checkColumns(List<ClickHouseColumn> columns) {
        require(!columns.isEmpty(), "rowEncoder: columns() is empty");
        Set<String> names = new HashSet<>();
        for (ClickHouseColumn column : columns) {
            require(
                    names.add(column.name()),
                    "rowEncoder: columns() lists " + column.name() + " twice");
            require(
                    !witnessColumns.contains(column.name()) || Witness.canIdentify(column.type()),
                    "witnessColumns: "
                            + column.name()
                            + " is "
                            + column.type()
                            + ", which cannot identify a row");
        }
        for (String witness : witnessColumns) {
            require(
                    names.contains(witness),
                    "witnessColumns: " + witness + " is not among the encoder's columns " + names);
        }
    }

    private static void requirePositive(String property, Duration value) {
        require(
                value != null && value.toMillis() > 0,
                property + ": must be at least 1 ms, got " + value);
    }

    private static void requireRange(String property, int value, int highest) {
        require(
                value >= 1 && value <= highest,
                property + ": must be 1 to " + highest + ", got " + value);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
