package io.ponix.registry;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A column of a table.
 *
 * @param name as rows have it
 * @param selected what a query selects to read it, under its name
 * @param placeholder what a statement has in the place of a new value
 */
public record Column(String name, String selected, String placeholder) {

    /** Checks that nothing is {@code null}. */
    public Column {
        requireNonNull(name, "name");
        requireNonNull(selected, "selected");
        requireNonNull(placeholder, "placeholder");
    }

    /** A column that is written as it is. */
    public static Column of(String name) {
        return new Column(name, name, "?");
    }

    /** A text that is NULL where it is written empty. */
    static Column nullable(String name) {
        return new Column(name, name, "NULLIF(?, '')");
    }

    /** A JSON document, written and read as text. */
    static Column json(String name) {
        return new Column(name, name, "?::jsonb");
    }

    /** What a query selects to read these columns. */
    public static String select(List<Column> columns) {
        return columns.stream().map(Column::selected).collect(Collectors.joining(", "));
    }

    /** The name, so that a column can be put into a statement. */
    @Override
    public String toString() {
        return name;
    }
}
