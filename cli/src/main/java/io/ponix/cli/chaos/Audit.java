package io.ponix.cli.chaos;

import io.ponix.cli.deadletter.DeadLetterReader;
import io.ponix.cli.deadletter.LetterFilter;
import io.ponix.cli.stack.ClickHouseQueries;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Collects what JetStream stored, the rows and the dead letters, for the account. */
final class Audit {

    private final ClickHouseQueries clickHouse;
    private final DeadLetterReader deadLetterReader;
    private final String stream;
    private final Ledger ledger;
    private final Predicate<String> deletedDevice;

    /** The reasons of all dead letters of a sequence; nearly always one. */
    private final Map<Long, List<DeadLetterReason>> deadLetters = new HashMap<>();

    private long deadLettersRead;

    /**
     * @param deletedDevice whether a device was deleted meanwhile, and its readings may rightly
     *     have met a job that did not know it
     */
    Audit(
            ClickHouseQueries clickHouse,
            DeadLetterReader deadLetterReader,
            String stream,
            Ledger ledger,
            Predicate<String> deletedDevice) {
        this.clickHouse = clickHouse;
        this.deadLetterReader = deadLetterReader;
        this.stream = stream;
        this.ledger = ledger;
        this.deletedDevice = deletedDevice;
    }

    /**
     * Rows of messages that the stream still has; of the others nothing is asked but to be once.
     */
    private String ofTheStream() {
        StringBuilder condition = new StringBuilder("stream = '" + stream + "'");
        for (Ledger.Rewind rewind : ledger.rewinds()) {
            condition.append(" AND NOT (").append(storedIn(rewind)).append(')');
        }
        return condition.toString();
    }

    private static String storedIn(Ledger.Rewind rewind) {
        return "received_at BETWEEN fromUnixTimestamp64Milli(%d) AND fromUnixTimestamp64Milli(%d)"
                .formatted(rewind.from().toEpochMilli(), rewind.to().toEpochMilli());
    }

    /**
     * How many of the stream's messages have ended, roughly: something that is a row and a dead
     * letter counts twice.
     *
     * @param stored messages in the stream
     * @param ended rows of different sequences, and sequences of dead letters
     */
    record Progress(long stored, long ended) {}

    /** Looks how far the job has come; cheap enough for every second. */
    Progress look() {
        readDeadLetters();
        String[] unique =
                clickHouse.row(
                        "SELECT uniqExact(stream, stream_sequence, received_at) FROM "
                                + clickHouse.table()
                                + " WHERE "
                                + ofTheStream());
        return new Progress(
                deadLetterReader.extent(stream).messages(),
                Long.parseLong(unique[0]) + deadLetters.size());
    }

    /**
     * The account.
     *
     * @param parked as the job says, -1 where it does not
     * @param stale devices with an old state, described
     * @param registry what is to be said of the registry
     */
    Findings compare(long parked, List<String> stale, Findings.Registry registry) {
        readDeadLetters();
        Map<Long, Account.Rows> rows = new HashMap<>();
        for (String line :
                clickHouse.lines(
                        "SELECT stream_sequence, count(), uniqExact(row_index), max(row_count) FROM "
                                + clickHouse.table()
                                + " WHERE "
                                + ofTheStream()
                                + " GROUP BY stream_sequence")) {
            String[] columns = line.split("\t");
            rows.put(
                    Long.parseLong(columns[0]),
                    new Account.Rows(
                            Long.parseLong(columns[1]),
                            Long.parseLong(columns[2]),
                            Long.parseLong(columns[3])));
        }
        return new Account(ledger, deletedDevice)
                .compare(
                        deadLetterReader.extent(stream).lastSequence(),
                        rows,
                        forgottenRows(),
                        deadLetters,
                        parked,
                        new Account.DeviceStates(stale, miscounted()),
                        registry);
    }

    /**
     * Devices whose rows do not count from one on without a gap: the state that each row was made
     * with was not that of the row before it.
     */
    List<String> miscounted() {
        String count = "data." + Fleet.COUNT + ".:Int64";
        return Stream.of(
                        clickHouse.lines(
                                ("SELECT end_device_id, count(), uniqExact(%1$s), max(%1$s)"
                                                + " FROM %2$s WHERE stream = '%3$s' AND %1$s IS NOT"
                                                + " NULL GROUP BY end_device_id HAVING count() !="
                                                + " uniqExact(%1$s) OR count() != max(%1$s)")
                                        .formatted(count, clickHouse.table(), stream)))
                .map(line -> line.split("\t"))
                .map(
                        columns ->
                                "%s has %s rows, counted %s different numbers up to %s"
                                        .formatted((Object[]) columns))
                .toList();
    }

    private Account.ForgottenRows forgottenRows() {
        long rows = 0;
        long unique = 0;
        for (Ledger.Rewind rewind : ledger.rewinds()) {
            String[] counts =
                    clickHouse.row(
                            "SELECT count(), uniqExact(stream_sequence, received_at, row_index)"
                                    + " FROM "
                                    + clickHouse.table()
                                    + " WHERE stream = '"
                                    + stream
                                    + "' AND "
                                    + storedIn(rewind));
            rows += Long.parseLong(counts[0]);
            unique += Long.parseLong(counts[1]);
        }
        return new Account.ForgottenRows(rows, unique);
    }

    private void readDeadLetters() {
        deadLettersRead =
                deadLetterReader.read(
                        deadLettersRead, LetterFilter.ALL, false, letter -> note(letter.content()));
    }

    private boolean isForgotten(DeadLetter letter) {
        Instant receivedAt =
                Instant.ofEpochSecond(
                        letter.getReceivedAt().getSeconds(), letter.getReceivedAt().getNanos());
        return ledger.rewinds().stream()
                .anyMatch(
                        rewind ->
                                !receivedAt.isBefore(rewind.from())
                                        && !receivedAt.isAfter(rewind.to()));
    }

    private boolean note(DeadLetter letter) {
        if (letter.getStream().equals(stream) && !isForgotten(letter)) {
            deadLetters
                    .computeIfAbsent(letter.getStreamSequence(), sequence -> new ArrayList<>(1))
                    .add(letter.getReason());
        }
        return true;
    }
}
