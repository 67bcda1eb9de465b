package io.ponix.connector.clickhouse.table;

import java.io.Serializable;
import java.util.Objects;
import org.apache.flink.annotation.PublicEvolving;

/**
 * A column as the sink writes it.
 *
 * @param name the column's name, as in {@code CREATE TABLE} and without quotes
 * @param type the type as written; see {@link ClickHouseType} for what must agree with the table
 */
@PublicEvolving
public record ClickHouseColumn(String name, ClickHouseType type) implements Serializable {

    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException if the name is empty
     */
    public ClickHouseColumn {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        if (name.isEmpty()) {
            throw new IllegalArgumentException("A column needs a name");
        }
    }

    /**
     * A column from its name and its type's name.
     *
     * @param name the column's name
     * @param type the type in ClickHouse's notation, for instance {@code DateTime64(3)}
     * @return the column
     * @throws IllegalArgumentException if the type is not one of {@link ClickHouseType}
     */
    public static ClickHouseColumn of(String name, String type) {
        return new ClickHouseColumn(name, ClickHouseType.parse(type));
    }
}
