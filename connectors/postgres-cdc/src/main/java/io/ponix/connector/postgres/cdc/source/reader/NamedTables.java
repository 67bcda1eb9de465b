package io.ponix.connector.postgres.cdc.source.reader;

import io.ponix.connector.postgres.cdc.publication.PublishedTable;
import io.ponix.connector.postgres.cdc.source.change.PostgresChange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The tables that a job has named, as they are found now: another schema may have a table of the
 * same name, which the publication may publish too.
 *
 * @param names with their schemas, as the catalog has them
 */
record NamedTables(Set<QualifiedName> names) {

    private static final String FIND =
            """
            SELECT s.nspname, c.relname
              FROM unnest(?) AS required
              JOIN pg_class c ON c.oid = to_regclass(required)
              JOIN pg_namespace s ON s.oid = c.relnamespace
            """;

    record QualifiedName(String schema, String table) {}

    static NamedTables find(Connection connection, List<PublishedTable> tables)
            throws SQLException {
        Set<QualifiedName> found = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(FIND)) {
            statement.setArray(
                    1,
                    connection.createArrayOf(
                            "text", tables.stream().map(PublishedTable::name).toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    found.add(new QualifiedName(row.getString(1), row.getString(2)));
                }
            }
        }
        return new NamedTables(found);
    }

    boolean contain(PostgresChange change) {
        return names.contains(new QualifiedName(change.schema(), change.table()));
    }
}
