package io.ponix.deviceservice.database;

import java.util.ArrayList;
import java.util.List;

/** The conditions of a query, all of which have to hold, and their parameters. */
public final class Conditions {

    private final StringBuilder sql = new StringBuilder();
    private final List<Object> parameters = new ArrayList<>();

    /** Begins with a condition and a value for each of its parameters. */
    public Conditions(String condition, Object... values) {
        and(condition, values);
    }

    /** Adds a condition with a value for each of its parameters. */
    public void and(String condition, Object... values) {
        sql.append(sql.isEmpty() ? " WHERE " : " AND ").append(condition);
        parameters.addAll(List.of(values));
    }

    /** The values in their order, and those that come after the conditions. */
    public Object[] parameters(Object... after) {
        List<Object> all = new ArrayList<>(parameters);
        all.addAll(List.of(after));
        return all.toArray();
    }

    /** Begins with WHERE. */
    @Override
    public String toString() {
        return sql.toString();
    }
}
