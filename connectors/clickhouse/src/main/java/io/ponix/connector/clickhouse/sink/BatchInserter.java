package io.ponix.connector.clickhouse.sink;

import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseException;
import io.ponix.client.clickhouse.ErrorClass;
import io.ponix.client.clickhouse.Sql;
import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import io.ponix.connector.clickhouse.table.CurrentReads;
import io.ponix.connector.clickhouse.table.DeduplicationWindow;
import io.ponix.connector.clickhouse.table.Replication;
import io.ponix.connector.clickhouse.table.TableFacts;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a batch into its table: repeats what may succeed later, looks before it inserts where the
 * token may be forgotten, and halves a refused batch down to the rows that cannot be stored.
 *
 * <p>Used from several threads. A call returns when every row of the batch is stored or handed to
 * the {@link RejectedRowHandler}; it throws if a person has to change something first.
 */
final class BatchInserter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BatchInserter.class);

    /** How often an unknown error code is repeated before it is taken for an error of the data. */
    private static final int REPEATS_OF_UNCLASSIFIED = 8;

    private static final long NANOS_BETWEEN_WARNINGS = TimeUnit.SECONDS.toNanos(10);

    /** What a token has behind it that ClickHouse is not to know yet, before a number. */
    private static final String AGAIN = "/again-";

    /** How often rows are inserted once more that the server says to have and does not show. */
    private static final int INSERTS_UNDER_OTHER_TOKENS = 2;

    /** How a batch ended. */
    enum Outcome {
        /** Inserted now. */
        STORED,
        /** It was in the table already. */
        ALREADY_STORED
    }

    private final InsertConfig config;
    private final InsertMetrics metrics;
    private final CommitFence.Gate gate;
    private final ClickHouseClient client;
    private final Map<TargetTable, TableFacts> checkedTables = new ConcurrentHashMap<>();
    private final Object handlerLock = new Object();
    private final AtomicLong lastWarningNanos =
            new AtomicLong(System.nanoTime() - NANOS_BETWEEN_WARNINGS);
    private boolean handlerOpen;

    BatchInserter(InsertConfig config, InsertMetrics metrics, CommitFence.Gate gate) {
        this.config = config;
        this.metrics = metrics;
        this.gate = gate;
        this.client = new ClickHouseClient(config.connection());
    }

    /**
     * Inserts a batch.
     *
     * @param batch the batch
     * @param restored whether the batch comes from state, so that an earlier attempt may have
     *     inserted it
     * @throws IOException if the batch cannot be inserted before a person has changed something
     * @throws InterruptedException if the thread was interrupted; the outcome is unknown
     */
    Outcome insert(ClickHouseCommittable batch, boolean restored)
            throws IOException, InterruptedException {
        return new Attempt(batch, restored).run();
    }

    /** Checks the batch's table once, waiting for a server that cannot be reached. */
    private TableFacts check(ClickHouseCommittable batch) throws IOException, InterruptedException {
        TargetTable target = target(batch);
        TableFacts known = checkedTables.get(target);
        Backoff backoff = backoff();
        while (known == null) {
            try {
                known = TablePreflights.check(client, target, config);
                checkedTables.put(target, known);
            } catch (ClickHouseException e) {
                waitOrFail("check the table of", batch, e, backoff);
            }
        }
        return known;
    }

    private static TargetTable target(ClickHouseCommittable batch) {
        return new TargetTable(
                batch.database(), batch.table(), batch.columns(), batch.witnessColumns());
    }

    private Backoff backoff() {
        return new Backoff(config.firstBackoff(), config.longestBackoff());
    }

    private void waitOrFail(
            String what, ClickHouseCommittable batch, ClickHouseException e, Backoff backoff)
            throws IOException, InterruptedException {
        if (e.errorClass() == ErrorClass.CONFIGURATION || e.errorClass() == ErrorClass.DATA) {
            throw needsAPerson(what, batch, e);
        }
        metrics.retrying(e);
        warnNowAndThen(what, batch, e);
        Thread.sleep(backoff.next());
    }

    private void warnNowAndThen(String what, ClickHouseCommittable batch, ClickHouseException e) {
        long now = System.nanoTime();
        long last = lastWarningNanos.get();
        if (now - last >= NANOS_BETWEEN_WARNINGS && lastWarningNanos.compareAndSet(last, now)) {
            LOG.warn(
                    "Could not {} {}; repeating until it succeeds: {}",
                    what,
                    batch,
                    e.getMessage());
        }
    }

    private static IOException needsAPerson(
            String what, ClickHouseCommittable batch, ClickHouseException e) {
        return new IOException(
                "Could not "
                        + what
                        + " "
                        + batch
                        + ": "
                        + e.getMessage()
                        + "\nThis does not pass by itself. Mend it (check that the table and its"
                        + " columns exist, and the user's name, password, grants and settings); the"
                        + " batch stays in Flink's state and is inserted after the restart.",
                e);
    }

    private void handOver(
            ClickHouseCommittable batch, byte[] row, int rowCount, ClickHouseException reason)
            throws IOException, InterruptedException {
        RejectedRow rejected =
                new RejectedRow(
                        batch.database() + "." + batch.table(),
                        batch.columns(),
                        row,
                        rowCount,
                        reason.code(),
                        reason.getMessage());
        synchronized (handlerLock) {
            try {
                if (!handlerOpen) {
                    config.rejectedRowHandler().open();
                    handlerOpen = true;
                }
                config.rejectedRowHandler().handle(rejected);
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException(
                        "ClickHouse refuses a row of "
                                + batch
                                + ", and the row could not be handed over: "
                                + e.getMessage()
                                + "\nClickHouse says: "
                                + reason.getMessage(),
                        e);
            }
        }
        metrics.rejected(rowCount);
    }

    @Override
    public void close() throws IOException {
        client.close();
        gate.close();
        synchronized (handlerLock) {
            if (handlerOpen) {
                handlerOpen = false;
                config.rejectedRowHandler().close();
            }
        }
    }

    /** One batch on its way, with what is unpacked of it. */
    private final class Attempt {

        private final ClickHouseCommittable batch;
        private final boolean restored;
        private final String sql;
        private TableFacts facts;
        private CurrentReads currentReads;
        private BatchRows rows;
        private int recordCount;
        private boolean sent;

        /** Whether an insert may have reached the server without our having heard of it. */
        private boolean unclear;

        /** Whether the table has rows of an insert that was refused: only looking helps then. */
        private boolean refusedByView;

        Attempt(ClickHouseCommittable batch, boolean restored) {
            this.batch = batch;
            this.restored = restored;
            this.unclear = restored;
            this.sql =
                    "INSERT INTO "
                            + Sql.table(batch.database(), batch.table())
                            + batch.columns().stream()
                                    .map(ClickHouseColumn::name)
                                    .map(Sql::identifier)
                                    .collect(Collectors.joining(", ", " (", ")"))
                            + " FORMAT "
                            + batch.format().clickHouseName();
        }

        Outcome run() throws IOException, InterruptedException {
            facts = check(batch);
            currentReads =
                    new CurrentReads(client, batch.database(), batch.table(), facts.replication());
            recordCount = batch.bundles().recordCount(batch.rowCount());
            insertRange(0, recordCount);
            return sent ? Outcome.STORED : Outcome.ALREADY_STORED;
        }

        /** Inserts the rows of the records {@code from} to {@code to - 1}. */
        private void insertRange(int from, int to) throws IOException, InterruptedException {
            Backoff backoff = backoff();
            ClickHouseException refusal = null;
            for (int repeats = 0; refusal == null; repeats++) {
                Witness.Presence presence = look(from, to);
                if (presence == Witness.Presence.ALL) {
                    metrics.foundStored();
                    return;
                }
                if (presence == Witness.Presence.SOME && !repeatCompletes(from, to)) {
                    break;
                }
                try {
                    send(from, to);
                    if (unclear) {
                        makeSure(from, to);
                    }
                    return;
                } catch (ClickHouseException e) {
                    boolean givenUp =
                            e.errorClass() == ErrorClass.UNCLASSIFIED
                                    && repeats == REPEATS_OF_UNCLASSIFIED;
                    if (e.errorClass() == ErrorClass.DATA || givenUp) {
                        refusal = e;
                    } else {
                        unclear = true;
                        waitOrFail("insert", batch, e, backoff);
                    }
                }
            }
            if (refusal != null && isStoredThoughRefused(from, to, refusal)) {
                sent = true;
                return;
            }
            if (refusal != null && to - from == recordCount) {
                // Columns changed under a running job refuse every row. That is not the rows'
                // fault.
                checkedTables.remove(target(batch));
                facts = check(batch);
                // Not ClickHouse's message: it quotes the row, which may be private.
                LOG.warn(
                        "ClickHouse refuses {} with code {}; looking for the row",
                        batch,
                        refusal.code());
            }
            if (to - from == 1) {
                insertLastRecord(from, refusal);
                return;
            }
            // Left before right, one after the other: Witness depends on it.
            int middle = rows().middle(from, to);
            insertRange(from, middle);
            insertRange(middle, to);
        }

        /**
         * What is left when there is nothing more to cut: a record that is refused, or one that is
         * there in part, as its rows are of several partitions.
         *
         * @param refusal null if it is there in part
         */
        private void insertLastRecord(int record, ClickHouseException refusal)
                throws IOException, InterruptedException {
            if (refusal == null
                    || refusedByView && ask(record, record + 1) == Witness.Presence.SOME) {
                for (BatchRows.Part part : rows().parts(record, record + 1)) {
                    complete(part);
                }
            } else {
                handOver(
                        batch,
                        rows().firstRow(record),
                        rows().rowCount(record, record + 1),
                        refusal);
            }
            sent = true;
        }

        /**
         * Inserts the rows of a record in one partition, where the server has those in another
         * already: it accepted all of them, and died before it had stored them.
         */
        private void complete(BatchRows.Part part) throws IOException, InterruptedException {
            Backoff backoff = backoff();
            int inserts = 0;
            while (askOfPart(part) == Witness.Presence.NONE
                    && inserts <= INSERTS_UNDER_OTHER_TOKENS) {
                try {
                    send(part, inserts == 0 ? "" : AGAIN + inserts);
                    inserts++;
                } catch (ClickHouseException e) {
                    if (e.errorClass() == ErrorClass.TRANSIENT
                            || e.errorClass() == ErrorClass.UNCLASSIFIED) {
                        waitOrFail("complete a record of", batch, e, backoff);
                    } else if (!facts.hasViews() || askOfPart(part) == Witness.Presence.NONE) {
                        throw needsAPerson("complete a record of", batch, e);
                    }
                }
            }
        }

        /**
         * Asks the table where the token alone is not enough. A restored batch, or one whose insert
         * got no answer, may have been inserted by an attempt that did not live to hear of it.
         * Where views depend on the table, a batch whose token is certainly known is inserted again
         * under it all the same: if the server died between the table and the view, only the repeat
         * completes the view.
         */
        private Witness.Presence look(int from, int to) throws IOException, InterruptedException {
            if (!isOld() && !unclear || batch.witnessColumns().isEmpty()) {
                return Witness.Presence.NONE;
            }
            if (facts.hasViews() && !refusedByView && isTokenKnown()) {
                return Witness.Presence.NONE;
            }
            Witness.Presence presence = ask(from, to);
            if (presence == Witness.Presence.ALL && facts.hasViews() && !refusedByView) {
                LOG.warn(
                        "{} is in the table, and ClickHouse may have forgotten its token, so that it"
                                + " is not inserted again. If the server died while it was inserted,"
                                + " the table's materialized views may lack it",
                        batch);
            }
            return presence;
        }

        /** Whether the table and all its views certainly recognise a repeat of the batch. */
        private boolean isTokenKnown() throws IOException, InterruptedException {
            if (isOld()) {
                return false;
            }
            Backoff backoff = backoff();
            while (true) {
                try {
                    Duration age =
                            Duration.ofMillis(System.currentTimeMillis() - batch.createdAtMillis());
                    for (DeduplicationWindow window : facts.windows()) {
                        if (!window.reachesBack(client, age)) {
                            return false;
                        }
                    }
                    return true;
                } catch (ClickHouseException e) {
                    waitOrFail(
                            "find out whether the table still knows the token of",
                            batch,
                            e,
                            backoff);
                }
            }
        }

        private boolean isOld() {
            return System.currentTimeMillis() - batch.createdAtMillis()
                    > config.maxTokenAge().toMillis();
        }

        /**
         * Whether a range of which the table has some is inserted again as it is. Of several
         * partitions the server drops those it has, and the insert of which they are may even be
         * under way still: under other tokens the others would come twice.
         */
        private boolean repeatCompletes(int from, int to) throws IOException, InterruptedException {
            return rows().parts(from, to).size() > 1 && !refusedByView && isTokenKnown();
        }

        /**
         * Whether a refused range is in the table all the same. ClickHouse refuses an insert also
         * if a materialized view cannot take a row, and then has stored it in the table before:
         * inserted in parts, under other tokens, the rows would come twice.
         */
        private boolean isStoredThoughRefused(int from, int to, ClickHouseException refusal)
                throws IOException, InterruptedException {
            if (!facts.hasViews() || batch.witnessColumns().isEmpty()) {
                return false;
            }
            Witness.Presence presence = ask(from, to);
            if (presence == Witness.Presence.NONE) {
                return false;
            }
            refusedByView = true;
            unclear = true;
            if (presence == Witness.Presence.SOME) {
                return false;
            }
            LOG.warn(
                    "A materialized view of {}.{} refuses rows of {} with code {}: they are in the"
                            + " table, and views lack them. Mend or drop the view",
                    batch.database(),
                    batch.table(),
                    batch,
                    refusal.code());
            return true;
        }

        /**
         * A MergeTree writes down the token before it commits the part. A server that dies in
         * between remembers the token of rows that it does not have, and answers the repeat as
         * done: the rows would be lost. Another token, made of the first, brings them in.
         */
        private void makeSure(int from, int to)
                throws IOException, ClickHouseException, InterruptedException {
            if (batch.witnessColumns().isEmpty()) {
                return;
            }
            for (BatchRows.Part part : rows().parts(from, to)) {
                // Not for ever: a table that drops rows by a TTL has none of them either.
                for (int again = 1; again <= INSERTS_UNDER_OTHER_TOKENS; again++) {
                    if (askOfPart(part) != Witness.Presence.NONE) {
                        break;
                    }
                    LOG.warn(
                            "ClickHouse knows the token of {} but has none of its {} rows {}, as"
                                    + " after a crash in the middle of the insert: inserting them"
                                    + " under another token",
                            batch,
                            part.rowCount(),
                            part.name());
                    send(part, AGAIN + again);
                }
            }
        }

        /**
         * What the table holds of a range. The server stores the rows of each partition as a whole,
         * and may have died between two partitions.
         */
        private Witness.Presence ask(int from, int to) throws IOException, InterruptedException {
            Witness.Presence presence = null;
            for (BatchRows.Part part : rows().parts(from, to)) {
                Witness.Presence ofPart = askOfPart(part);
                if (presence != null && presence != ofPart) {
                    return Witness.Presence.SOME;
                }
                presence = ofPart;
            }
            return presence;
        }

        private Witness.Presence askOfPart(BatchRows.Part part)
                throws IOException, InterruptedException {
            Backoff backoff = backoff();
            while (true) {
                try {
                    Witness.Presence onAnyServer =
                            Witness.look(sql -> client.query(sql, Map.of()), batch, rows(), part);
                    // What is found is there. That something is missing is believed only of a
                    // server that has all rows.
                    return onAnyServer == Witness.Presence.ALL
                                    || facts.replication() == Replication.NONE
                            ? onAnyServer
                            : Witness.look(currentReads::query, batch, rows(), part);
                } catch (ClickHouseException e) {
                    waitOrFail("look in the table for", batch, e, backoff);
                }
            }
        }

        private void send(int from, int to)
                throws IOException, ClickHouseException, InterruptedException {
            if (to - from == recordCount) {
                send(batch.rowCount(), batch.payload(), "");
            } else {
                send(rows().rowCount(from, to), rows().packed(from, to), rows().name(from, to));
            }
        }

        private void send(BatchRows.Part part, String tokenSuffix)
                throws IOException, ClickHouseException, InterruptedException {
            send(
                    part.rowCount(),
                    part.name().isEmpty() ? batch.payload() : rows().packed(part),
                    part.name() + tokenSuffix);
        }

        private void send(int rowCount, byte[] body, String tokenSuffix)
                throws ClickHouseException, InterruptedException, IOException {
            // As late as can be: what is asked for here may be otherwise a moment later.
            gate.await();
            long start = System.nanoTime();
            client.insert(
                    sql,
                    InsertSettings.of(batch.format(), batch.token() + tokenSuffix, rowCount),
                    body,
                    Lz4Frames.CONTENT_ENCODING);
            sent = true;
            metrics.inserted(rowCount, body.length, start);
        }

        private BatchRows rows() throws IOException {
            if (rows == null) {
                rows = new BatchRows(batch);
            }
            return rows;
        }
    }
}
