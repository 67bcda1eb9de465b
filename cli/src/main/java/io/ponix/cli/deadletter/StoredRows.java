package io.ponix.cli.deadletter;

import io.ponix.cli.stack.ClickHouseQueries;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which envelopes of dead letters are rows: of a job that read them again from an old savepoint.
 */
final class StoredRows {

    private final Set<Envelope> envelopes = new HashSet<>();

    private record Envelope(String stream, long sequence, long receivedAt) {}

    private StoredRows() {}

    static StoredRows of(List<StoredLetter> letters, ClickHouseQueries clickHouse) {
        StoredRows rows = new StoredRows();
        Map<String, List<StoredLetter>> byStream =
                letters.stream()
                        .collect(Collectors.groupingBy(letter -> letter.content().getStream()));
        byStream.forEach(
                (stream, ofStream) -> {
                    String sequences =
                            ofStream.stream()
                                    .map(
                                            letter ->
                                                    Long.toUnsignedString(
                                                            letter.content().getStreamSequence()))
                                    .collect(Collectors.joining(","));
                    for (String line :
                            clickHouse.lines(
                                    "SELECT stream_sequence, toUnixTimestamp64Milli(received_at)"
                                            + " FROM "
                                            + clickHouse.table()
                                            + " WHERE stream = '"
                                            + stream.replace("\\", "\\\\").replace("'", "\\'")
                                            + "' AND stream_sequence IN ("
                                            + sequences
                                            + ")")) {
                        String[] columns = line.split("\t");
                        rows.envelopes.add(
                                new Envelope(
                                        stream,
                                        Long.parseUnsignedLong(columns[0]),
                                        Long.parseLong(columns[1])));
                    }
                });
        return rows;
    }

    boolean contain(StoredLetter letter) {
        return envelopes.contains(
                new Envelope(
                        letter.content().getStream(),
                        letter.content().getStreamSequence(),
                        letter.envelopeReceivedAt()));
    }
}
