package io.ponix.migrations;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** A change of the schema, read from a file {@code <timestamp>_<description>.sql}. */
public final class Migration implements Comparable<Migration> {

    private static final int CHECKSUM_BYTES = 16;

    private final long id;
    private final String description;
    private final String fileName;
    private final List<SqlStatement> up;
    private final List<SqlStatement> down;
    private final boolean transactional;

    Migration(
            long id,
            String description,
            String fileName,
            List<SqlStatement> up,
            List<SqlStatement> down,
            boolean transactional) {
        this.id = id;
        this.description = description;
        this.fileName = fileName;
        this.up = List.copyOf(up);
        this.down = List.copyOf(down);
        this.transactional = transactional;
    }

    /**
     * Returns the timestamp that orders the migrations: the digits of the file's name, {@code
     * yyyyMMddHHmmss}.
     */
    public long id() {
        return id;
    }

    /** Returns the words of the file's name, separated by spaces. */
    public String description() {
        return description;
    }

    /** Returns the file's name without its folder. */
    public String fileName() {
        return fileName;
    }

    List<SqlStatement> statements(Direction direction) {
        return switch (direction) {
            case UP -> up;
            case DOWN -> down;
        };
    }

    /**
     * Returns whether its statements may run in one transaction: false where the file says {@code
     * -- +goose NO TRANSACTION}.
     */
    boolean isTransactional() {
        return transactional;
    }

    /**
     * Returns a digest of what applying it executes. Where lines are broken or indented, comment
     * lines and annotations do not count, nor does what undoes it: it may be mended later.
     */
    String checksum() {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException exception) {
            throw new IllegalStateException("Every Java has SHA-256", exception);
        }
        for (SqlStatement statement : up) {
            statement
                    .sql()
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.startsWith("--"))
                    .flatMap(line -> Arrays.stream(line.split("\\s+")))
                    .filter(word -> !word.isEmpty())
                    .forEach(word -> digest.update((word + ' ').getBytes(StandardCharsets.UTF_8)));
            digest.update((byte) ';');
        }
        return HexFormat.of().formatHex(digest.digest(), 0, CHECKSUM_BYTES);
    }

    /** Orders migrations by id, oldest first. */
    @Override
    public int compareTo(Migration other) {
        return Long.compare(id, other.id);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Migration migration && migration.id == id;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(id);
    }

    @Override
    public String toString() {
        return fileName;
    }
}
