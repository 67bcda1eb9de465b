package io.ponix.jobs.preflight;

import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.ponix.connector.nats.JetStreamAdmin;
import io.ponix.jobs.options.Retention;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Creates the streams that are missing. One that exists is never changed: what it holds is
 * somebody's, and a shorter retention would delete it at once. Where it is not as the options have
 * it, a person is told, and how to change it.
 */
public final class OwnStreams {

    private final JetStreamAdmin admin;
    private final int replicas;
    private final PrintStream notes;

    /**
     * @param replicas of a stream that is created
     * @param notes takes a line for each stream that is not as it should be
     */
    public OwnStreams(JetStreamAdmin admin, int replicas, PrintStream notes) {
        this.admin = admin;
        this.replicas = replicas;
        this.notes = notes;
    }

    /** A stream as the options have it, with no subjects yet. */
    public StreamConfiguration.Builder describe(String name, Retention retention) {
        return StreamConfiguration.builder()
                .name(name)
                .storageType(StorageType.File)
                .replicas(replicas)
                .maxAge(retention.limit().orElse(Duration.ZERO));
    }

    /**
     * Makes sure that a stream exists.
     *
     * @return the stream as it is
     * @throws IOException if the server cannot be asked or refuses to create it
     */
    public StreamConfiguration ensure(StreamConfiguration wanted) throws IOException {
        StreamConfiguration found = admin.ensureStream(wanted).getConfiguration();
        List<String> differences = new ArrayList<>();
        List<String> changes = new ArrayList<>();
        if (!found.getMaxAge().equals(wanted.getMaxAge())) {
            differences.add(
                    "keeps messages "
                            + kept(found.getMaxAge())
                            + ", not "
                            + kept(wanted.getMaxAge()));
            changes.add("--max-age=" + wanted.getMaxAge().toSeconds() + "s");
        }
        if (found.getMaxMsgsPerSubject() != wanted.getMaxMsgsPerSubject()
                && found.getMaxMsgsPerSubject() <= 0) {
            differences.add("keeps any number of messages of a subject");
            changes.add("--max-msgs-per-subject=" + wanted.getMaxMsgsPerSubject());
        }
        if (found.getReplicas() < wanted.getReplicas()) {
            differences.add(
                    "has " + found.getReplicas() + " of " + wanted.getReplicas() + " replicas");
            changes.add("--replicas=" + wanted.getReplicas());
        }
        if (!differences.isEmpty()) {
            notes.println(
                    "The stream '"
                            + wanted.getName()
                            + "' "
                            + String.join(", ", differences)
                            + "; it is left as it is. To change it: nats stream edit "
                            + wanted.getName()
                            + " "
                            + String.join(" ", changes));
        }
        if (found.getStorageType() == StorageType.Memory) {
            notes.println(
                    "The stream '"
                            + wanted.getName()
                            + "' is in memory: what it holds is gone when its server is started again");
        }
        return found;
    }

    /**
     * Why nothing that is published to a stream would be known to be stored, whatever room there
     * is; empty where it may be.
     */
    public static Optional<String> storesNothing(StreamConfiguration stream) {
        if (stream.getSealed()) {
            return Optional.of("is sealed: it stores nothing more, for good");
        }
        if (stream.getNoAck()) {
            return Optional.of(
                    "acknowledges nothing (no_ack): nobody would know what it has stored");
        }
        return Optional.empty();
    }

    private static String kept(Duration maxAge) {
        return maxAge.isZero() ? "for ever" : "for " + new Retention(Optional.of(maxAge));
    }
}
