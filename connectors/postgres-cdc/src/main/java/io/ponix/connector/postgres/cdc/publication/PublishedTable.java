package io.ponix.connector.postgres.cdc.publication;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import org.apache.flink.annotation.PublicEvolving;

/**
 * A table whose every change a job counts on.
 *
 * @param name of the table, found through the connection's {@code search_path} unless it is {@code
 *     schema.table}
 * @param columns those that changes have to carry; others may be left out by the publication
 */
@PublicEvolving
public record PublishedTable(String name, List<String> columns) implements Serializable {

    /** Checks that nothing is {@code null}, and copies. */
    public PublishedTable {
        Objects.requireNonNull(name, "name");
        columns = List.copyOf(columns);
    }

    public PublishedTable(String name, String... columns) {
        this(name, List.of(columns));
    }
}
