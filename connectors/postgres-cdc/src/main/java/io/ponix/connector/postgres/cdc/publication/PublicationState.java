package io.ponix.connector.postgres.cdc.publication;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a publication publishes of the tables that a job counts on, at one moment.
 *
 * <p>Postgres decides by the publication <em>as it was at the moment of a change</em> whether to
 * send the change, and says nothing of those it leaves out: a table that was taken out of the
 * publication and put back has lost, for its readers, whatever happened to it in between.
 *
 * @param fingerprint another one after every change of the publication or of these tables that may
 *     have left out changes, also when all is as it was by then: it is made of the ids of the
 *     catalogs' rows ({@code pg_publication}, {@code pg_publication_rel}, {@code
 *     pg_publication_namespace}, {@code pg_class}) and of the transactions that wrote them. Another
 *     one also after some that leave out nothing, such as a GRANT or a VACUUM FULL.
 * @param problems what of the tables is not published, each with what mends it; empty if everything
 *     is
 */
public record PublicationState(String fingerprint, List<String> problems) {

    private static final int FIRST_WITH_SCHEMAS = 15;

    private static final String FINGERPRINT =
            """
            WITH publication AS (SELECT oid, xmin FROM pg_publication WHERE pubname = ?),
                 relation AS (
                     SELECT c.oid, c.xmin, c.relnamespace
                       FROM unnest(?) AS required JOIN pg_class c ON c.oid = to_regclass(required))
            SELECT coalesce(string_agg(concat_ws(' ', kind, id, writer), ', ' ORDER BY kind, id), ''),
                   coalesce(bool_or(age(writer) <= age(pg_snapshot_xmin(pg_current_snapshot())::xid)), false)
              FROM (SELECT 'publication' AS kind, oid AS id, xmin AS writer FROM publication
                    UNION ALL
                    SELECT 'table', oid, xmin FROM relation
                    UNION ALL
                    SELECT 'member', m.oid, m.xmin
                      FROM pg_publication_rel m
                      JOIN publication ON m.prpubid = publication.oid
                      JOIN relation ON m.prrelid = relation.oid
                    %s) rows
            """;

    private static final String SCHEMAS =
            """
            UNION ALL
            SELECT 'schema', m.oid, m.xmin
              FROM pg_publication_namespace m
              JOIN publication ON m.pnpubid = publication.oid
             WHERE m.pnnspid IN (SELECT relnamespace FROM relation)
            """;

    private static final String PUBLICATION =
            """
            SELECT pubinsert, pubupdate, pubdelete, pubtruncate
              FROM pg_publication
             WHERE pubname = ?
            """;

    private static final List<String> OPERATIONS =
            List.of("insert", "update", "delete", "truncate");

    // The view has the columns attnames and rowfilter since 15: through JSON an absent one is null.
    private static final String TABLES =
            """
            SELECT required,
                   published.tablename IS NOT NULL,
                   to_jsonb(published) ->> 'rowfilter',
                   CASE WHEN to_jsonb(published) ->> 'attnames' IS NULL
                        THEN ARRAY(SELECT attname::text FROM pg_attribute
                                    WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped)
                        ELSE ARRAY(SELECT jsonb_array_elements_text(to_jsonb(published) -> 'attnames'))
                   END,
                   c.relreplident = 'f' OR EXISTS (
                       SELECT FROM pg_index logged, pg_index key
                        WHERE logged.indrelid = c.oid AND key.indrelid = c.oid AND key.indisprimary
                          AND CASE c.relreplident
                              WHEN 'd' THEN logged.indisprimary
                              WHEN 'i' THEN logged.indisreplident
                              ELSE false END
                          AND string_to_array(logged.indkey::text, ' ') @> string_to_array(key.indkey::text, ' '))
              FROM unnest(?) AS required
              JOIN pg_class c ON c.oid = to_regclass(required)
              JOIN pg_namespace s ON s.oid = c.relnamespace
              LEFT JOIN pg_publication_tables published
                     ON published.pubname = ?
                    AND published.schemaname = s.nspname
                    AND published.tablename = c.relname
            """;

    /** Copies the problems. */
    public PublicationState {
        problems = List.copyOf(problems);
    }

    /** Whether every change of the tables is published. */
    public boolean isWhole() {
        return problems.isEmpty();
    }

    /** How it is now. */
    public static PublicationState observe(
            Connection connection, String publication, List<PublishedTable> tables)
            throws SQLException {
        // First: what is changed between the two is told by the next one's.
        String fingerprint = fingerprint(connection, publication, tables);
        List<String> problems = new ArrayList<>();
        if (checkPublication(connection, publication, problems)) {
            checkTables(connection, publication, tables, problems);
        }
        return new PublicationState(fingerprint, problems);
    }

    private static String fingerprint(
            Connection connection, String publication, List<PublishedTable> tables)
            throws SQLException {
        boolean hasSchemas =
                connection.getMetaData().getDatabaseMajorVersion() >= FIRST_WITH_SCHEMAS;
        try (PreparedStatement statement =
                connection.prepareStatement(
                        String.format(FINGERPRINT, hasSchemas ? SCHEMAS : ""))) {
            statement.setString(1, publication);
            statement.setArray(2, names(connection, tables));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                // What a transaction wrote before a change of the publication is left out even if
                // it commits after it: there may be such as long as transactions that are older
                // than the change are open.
                return row.getString(1) + (row.getBoolean(2) ? ", just written" : "");
            }
        }
    }

    /** Returns whether there is one. */
    private static boolean checkPublication(
            Connection connection, String publication, List<String> problems) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(PUBLICATION)) {
            statement.setString(1, publication);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    problems.add("there is no publication '" + publication + "'");
                    return false;
                }
                List<String> leftOut = new ArrayList<>();
                for (int i = 0; i < OPERATIONS.size(); i++) {
                    if (!row.getBoolean(1 + i)) {
                        leftOut.add(OPERATIONS.get(i));
                    }
                }
                if (!leftOut.isEmpty()) {
                    problems.add(
                            String.format(
                                    "%s does not publish %s (ALTER PUBLICATION %1$s SET (publish = '%s'))",
                                    publication,
                                    String.join(", ", leftOut),
                                    String.join(", ", OPERATIONS)));
                }
                return true;
            }
        }
    }

    private static void checkTables(
            Connection connection,
            String publication,
            List<PublishedTable> tables,
            List<String> problems)
            throws SQLException {
        Map<String, PublishedTable> missing = new LinkedHashMap<>();
        tables.forEach(table -> missing.put(table.name(), table));
        try (PreparedStatement statement = connection.prepareStatement(TABLES)) {
            statement.setArray(1, names(connection, tables));
            statement.setString(2, publication);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    check(row, publication, missing.remove(row.getString(1)), problems);
                }
            }
        }
        missing.keySet().forEach(table -> problems.add("there is no table " + table));
    }

    private static void check(
            ResultSet row, String publication, PublishedTable table, List<String> problems)
            throws SQLException {
        boolean published = row.getBoolean(2);
        String filter = row.getString(3);
        Set<String> columns = Set.of((String[]) row.getArray(4).getArray());
        boolean rowsAreTold = row.getBoolean(5);
        if (!published) {
            problems.add(
                    String.format(
                            "%s does not publish %s (ALTER PUBLICATION %1$s ADD TABLE %2$s)",
                            publication, table.name()));
            return;
        }
        if (filter != null) {
            problems.add(
                    String.format(
                            "%s publishes only those rows of %s with %s (drop the table from the publication, and add it"
                                    + " without WHERE)",
                            publication, table.name(), filter));
        }
        List<String> leftOut =
                table.columns().stream().filter(column -> !columns.contains(column)).toList();
        if (!leftOut.isEmpty()) {
            problems.add(
                    String.format(
                            "%s publishes %s without %s (drop the table from the publication, and add it without columns;"
                                    + " if it has no such column, run the migrations)",
                            publication, table.name(), String.join(", ", leftOut)));
        }
        if (!rowsAreTold) {
            problems.add(
                    String.format(
                            "the replica identity of %s does not tell which row was changed or deleted (ALTER TABLE %1$s"
                                    + " REPLICA IDENTITY FULL)",
                            table.name()));
        }
    }

    private static Array names(Connection connection, List<PublishedTable> tables)
            throws SQLException {
        return connection.createArrayOf(
                "text", tables.stream().map(PublishedTable::name).toArray());
    }
}
