package io.ponix.deviceservice.listing;

import io.ponix.deviceservice.request.LabelRules;
import io.ponix.registry.Column;

/**
 * What the elements of a list have, and can be looked for and put in order by.
 *
 * <p>Texts are in the order of their code points, whatever the database's own order is: a list has
 * the same one everywhere, and {@code name < "m"} means what it does in CEL. Of a longer text the
 * first {@value #ORDERED_CHARACTERS} characters count, which is as long as names may be: so that
 * what is read of one has room in an index and in a page token.
 *
 * @param name as callers know it
 * @param kind of its values
 * @param sql the value, NULL where an element has none
 * @param isOptional whether there are elements without one: a text that is absent is empty, a time
 *     that is absent is {@code null}, and comes after all others
 * @param isId whether it names something, and there is an index by which it is found as a whole
 */
public record ListField(String name, Kind kind, String sql, boolean isOptional, boolean isId) {

    /** What a field's values are. */
    public enum Kind {
        TEXT,
        TIME,
        /** Texts under keys, each of which is looked for by itself. There is no order of them. */
        LABELS
    }

    static final int ORDERED_CHARACTERS = 256;

    private static final String BY_CODE_POINT = " COLLATE \"C\"";

    /** A text that every row has. */
    public static ListField text(String name, Column column) {
        return text(name, column.name());
    }

    /** A text that SQL makes, never NULL. */
    public static ListField text(String name, String sql) {
        return new ListField(name, Kind.TEXT, sql, false, false);
    }

    /** The same, which may be absent. */
    public static ListField optionalText(String name, Column column) {
        return new ListField(name, Kind.TEXT, column.name(), true, false);
    }

    /** The labels of a row. */
    public static ListField labels(String name, Column column) {
        return new ListField(name, Kind.LABELS, column.name(), true, false);
    }

    /**
     * One of the labels.
     *
     * @param key that {@linkplain LabelRules#isKey a label may have}: none of its characters means
     *     anything in SQL
     */
    ListField label(String key) {
        return new ListField(
                name + "[\"" + key + "\"]",
                Kind.TEXT,
                "(" + sql + " ->> '" + key + "')",
                true,
                false);
    }

    /** Whether there is the label: never NULL. */
    String hasLabel(String key) {
        return "coalesce(jsonb_exists(" + sql + ", '" + key + "'), FALSE)";
    }

    /** A text that names something. */
    public static ListField id(String name, Column column) {
        return new ListField(name, Kind.TEXT, column.name(), false, true);
    }

    /** The same, which may be absent. */
    public static ListField optionalId(String name, Column column) {
        return new ListField(name, Kind.TEXT, column.name(), true, true);
    }

    /** A time that every row has. */
    public static ListField time(String name, Column column) {
        return new ListField(name, Kind.TIME, column.name(), false, false);
    }

    /** A time that may be absent. */
    public static ListField optionalTime(String name, Column column) {
        return new ListField(name, Kind.TIME, column.name(), true, false);
    }

    /** The value, never NULL: a text in the order of its code points. */
    String present() {
        return kind == Kind.TEXT ? valueOrAbsent() + BY_CODE_POINT : valueOrAbsent();
    }

    /** Its place in the order, never NULL. */
    String ordered() {
        return kind == Kind.TEXT ? beginning(valueOrAbsent()) : valueOrAbsent();
    }

    private String valueOrAbsent() {
        if (!isOptional) {
            return sql;
        }
        return "coalesce(" + sql + (kind == Kind.TEXT ? ", '')" : ", 'infinity')");
    }

    /** The same, NULL where an element has none. */
    String orderedOrNull() {
        return kind == Kind.TEXT ? beginning(sql) : sql;
    }

    private static String beginning(String sql) {
        // As the index of names has it (migrations/postgres).
        return "left(" + sql + BY_CODE_POINT + ", " + ORDERED_CHARACTERS + ")";
    }

    /** What is selected to know an element's place: a text, or microseconds since 1970 or NULL. */
    String selected() {
        return kind == Kind.TEXT
                ? ordered()
                : "(extract(epoch FROM " + sql + ") * 1000000)::bigint";
    }
}
