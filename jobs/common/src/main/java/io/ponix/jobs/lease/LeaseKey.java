package io.ponix.jobs.lease;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What a lease is for.
 *
 * @param subject where it is stored, below the lease stream's name
 * @param description as a person reads it, at the beginning of a sentence
 */
public record LeaseKey(String subject, String description) implements Serializable {

    /**
     * The pipeline that reads a stream into a table. Other tables may be filled from the same
     * stream, and the same table from other streams: those are other pipelines.
     */
    public static LeaseKey pipeline(String stream, String database, String table) {
        return new LeaseKey(
                subject("pipeline", stream, database, table),
                "The pipeline from stream " + stream + " into table " + database + "." + table);
    }

    /** The sessions that a stream's envelopes tell of, in a database of Postgres. */
    public static LeaseKey sessions(String stream, String database) {
        return new LeaseKey(
                subject("sessions", stream, database),
                "The sessions of stream " + stream + " in the database " + database);
    }

    /** The replays of a stream's dead letters. */
    public static LeaseKey replay(String deadLetterStream) {
        return new LeaseKey(
                subject("replay", deadLetterStream), "The replay of stream " + deadLetterStream);
    }

    private static String subject(String... tokens) {
        return LeaseStore.STREAM
                + Arrays.stream(tokens)
                        .map(LeaseKey::token)
                        .collect(Collectors.joining(".", ".", ""));
    }

    /** A name as one token of a subject: what has a meaning there, or may not be there, as =XX. */
    private static String token(String name) {
        StringBuilder token = new StringBuilder();
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            boolean plain =
                    b >= '0' && b <= '9'
                            || b >= 'A' && b <= 'Z'
                            || b >= 'a' && b <= 'z'
                            || b == '_'
                            || b == '-';
            token.append(plain ? String.valueOf((char) b) : String.format("=%02X", b & 0xff));
        }
        return token.toString();
    }
}
