package io.ponix.cli.resource;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.FileProblem;
import io.ponix.proto.history.v1.Snapshot;
import io.ponix.proto.history.v1.SnapshotEntry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A snapshot as a file: a line of JSON that says what it is of, and one for each of its entries.
 * Read to its end before anything is done with it, so that none is taken for whole that is not.
 */
final class SnapshotFile {

    /** What the service takes of one call. */
    private static final int MOST_ENTRIES = 1_000;

    /**
     * In bytes; with what is around it below the 4 MiB of a message, unless one entry is longer.
     */
    private static final int LONGEST_PART = 2 << 20;

    private final Path path;
    private final Snapshot snapshot;

    private SnapshotFile(Path path) {
        this.path = path;
        try (BufferedReader lines = Files.newBufferedReader(path)) {
            snapshot = parsed(lines.readLine(), 1, Snapshot.newBuilder()).build();
            long entries = eachEntry(lines, entry -> {});
            if (entries != snapshot.getEntryCount()) {
                throw new CommandException(
                        "%s is not whole: it has %d of the %d entries of the snapshot"
                                .formatted(path, entries, snapshot.getEntryCount()));
            }
        } catch (IOException | UncheckedIOException e) {
            throw unreadable(e);
        }
    }

    /**
     * Reads a file.
     *
     * @throws CommandException when it cannot be read, or is no snapshot, or only a part of one;
     *     the message names the line
     */
    static SnapshotFile read(Path file) {
        return new SnapshotFile(file);
    }

    /** What it is of. */
    Snapshot snapshot() {
        return snapshot;
    }

    /**
     * Gives the entries in parts that the service takes, in their order.
     *
     * @param each is given a part, and whether others follow
     */
    void parts(PartConsumer each) {
        try (BufferedReader lines = Files.newBufferedReader(path)) {
            lines.readLine();
            List<SnapshotEntry> part = new ArrayList<>();
            long[] bytes = {0};
            eachEntry(
                    lines,
                    entry -> {
                        bytes[0] += entry.getSerializedSize();
                        if (part.size() == MOST_ENTRIES
                                || !part.isEmpty() && bytes[0] > LONGEST_PART) {
                            each.accept(List.copyOf(part), true);
                            part.clear();
                            bytes[0] = entry.getSerializedSize();
                        }
                        part.add(entry);
                    });
            each.accept(part, false);
        } catch (IOException | UncheckedIOException e) {
            throw unreadable(e);
        }
    }

    /** Takes a part. */
    interface PartConsumer {
        void accept(List<SnapshotEntry> entries, boolean moreFollow);
    }

    private long eachEntry(BufferedReader lines, Consumer<SnapshotEntry> consumer)
            throws IOException {
        long entries = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            consumer.accept(parsed(line, entries + 2, SnapshotEntry.newBuilder()).build());
            entries++;
        }
        return entries;
    }

    private <B extends Message.Builder> B parsed(String line, long number, B message) {
        try {
            if (line == null) {
                throw new InvalidProtocolBufferException("it is empty");
            }
            JsonFormat.parser().merge(line, message);
            return message;
        } catch (InvalidProtocolBufferException e) {
            throw new CommandException(
                    "%s, line %d is not what 'snapshots export' writes: %s"
                            .formatted(path, number, JsonProblem.of(e)));
        }
    }

    private CommandException unreadable(Exception problem) {
        return new CommandException(
                problem instanceof FileSystemException
                        ? FileProblem.of(problem)
                        : path + " cannot be read: " + FileProblem.of(problem),
                problem);
    }
}
