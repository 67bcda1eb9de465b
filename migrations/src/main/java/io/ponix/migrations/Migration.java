package io.ponix.migrations;

import java.util.List;

/** A change of the schema, read from a file {@code <timestamp>_<description>.sql}. */
public final class Migration implements Comparable<Migration> {

    private final long id;
    private final String description;
    private final String fileName;
    private final List<SqlStatement> up;
    private final List<SqlStatement> down;

    Migration(
            long id,
            String description,
            String fileName,
            List<SqlStatement> up,
            List<SqlStatement> down) {
        this.id = id;
        this.description = description;
        this.fileName = fileName;
        this.up = List.copyOf(up);
        this.down = List.copyOf(down);
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
