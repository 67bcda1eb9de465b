package io.ponix.connector.postgres.cdc.publication;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.annotation.PublicEvolving;

/**
 * What a publication publishes of the tables that a job counts on, at one moment.
 *
 * <p>Postgres decides by the publication <em>as it was at the moment of a change</em> whether to
 * send the change, and says nothing of those it leaves out: a table that was taken out of the
 * publication and put back has lost, for its readers, whatever happened to it in between.
 *
 * @param definition another one after every change of the publication or of these tables that may
 *     have left out changes, also when all is as it was by then: it is made of the ids of the
 *     catalogs' rows ({@code pg_publication}, {@code pg_publication_rel}, {@code
 *     pg_publication_namespace}, {@code pg_namespace}, {@code pg_class}, {@code pg_attribute}) and
 *     of the transactions that wrote them. Another one also after some that leave out nothing, such
 *     as a GRANT or a VACUUM FULL; and after another server was promoted, which may lack what was
 *     read of the tables of the one before.
 * @param writers the transactions, by their virtual ids, that may have written to the tables before
 *     they were defined as they are, and have not ended: what they wrote then is left out although
 *     they commit afterwards
 * @param problems what of the tables is not published, each with what mends it; empty if everything
 *     is
 */
@PublicEvolving
public record PublicationState(String definition, Set<String> writers, List<String> problems) {

    private static final int FIRST_WITH_SCHEMAS = 15;

    private static final String WRITTEN_BEFORE = ", written to from before";

    private static final String DEFINITION =
            """
            WITH publication AS (SELECT oid, xmin FROM pg_publication WHERE pubname = ?),
                 relation AS (
                     SELECT c.oid, c.xmin, c.relnamespace
                       FROM unnest(?) AS required JOIN pg_class c ON c.oid = to_regclass(required))
            SELECT 'timeline ' || left(pg_walfile_name(pg_current_wal_lsn()), 8)
                       || coalesce(', ' || string_agg(concat_ws(' ', kind, id, writer), ', ' ORDER BY kind, id, part), '')
              FROM (SELECT 'publication' AS kind, oid AS id, 0 AS part, xmin AS writer FROM publication
                    UNION ALL
                    SELECT 'table', oid, 0, xmin FROM relation
                    UNION ALL
                    SELECT 'column', a.attrelid, a.attnum, a.xmin
                      FROM pg_attribute a JOIN relation ON a.attrelid = relation.oid
                     WHERE a.attnum > 0
                    UNION ALL
                    SELECT 'namespace', n.oid, 0, n.xmin
                      FROM pg_namespace n
                     WHERE n.oid IN (SELECT relnamespace FROM relation)
                    UNION ALL
                    SELECT 'member', m.oid, 0, m.xmin
                      FROM pg_publication_rel m
                      JOIN publication ON m.prpubid = publication.oid
                      JOIN relation ON m.prrelid = relation.oid
                    %s) rows
            """;

    private static final String SCHEMAS =
            """
            UNION ALL
            SELECT 'schema', m.oid, 0, m.xmin
              FROM pg_publication_namespace m
              JOIN publication ON m.pnpubid = publication.oid
             WHERE m.pnnspid IN (SELECT relnamespace FROM relation)
            """;

    // Whoever wrote to a table holds such a lock on it until its transaction ends.
    private static final String WRITERS =
            """
            SELECT DISTINCT virtualtransaction
              FROM pg_locks
             WHERE locktype = 'relation'
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND relation IN (SELECT to_regclass(required) FROM unnest(?) AS required)
               AND mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
               AND granted
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
                          AND string_to_array(logged.indkey::text, ' ') @> string_to_array(key.indkey::text, ' ')),
                   ARRAY(SELECT attname::text FROM pg_attribute a
                          WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
                            AND attstorage <> 'p' AND c.relreplident <> 'f'
                            AND NOT EXISTS (
                                SELECT FROM pg_index logged
                                 WHERE logged.indrelid = c.oid
                                   AND CASE c.relreplident
                                       WHEN 'd' THEN logged.indisprimary
                                       WHEN 'i' THEN logged.indisreplident
                                       ELSE false END
                                   AND a.attnum::text = ANY (string_to_array(logged.indkey::text, ' '))))
              FROM unnest(?) WITH ORDINALITY AS wanted (required, place)
              JOIN pg_class c ON c.oid = to_regclass(required)
              JOIN pg_namespace s ON s.oid = c.relnamespace
              LEFT JOIN pg_publication_tables published
                     ON published.pubname = ?
                    AND published.schemaname = s.nspname
                    AND published.tablename = c.relname
             ORDER BY place
            """;

    /** Copies the collections. */
    public PublicationState {
        writers = Set.copyOf(writers);
        problems = List.copyOf(problems);
    }

    /** Whether every change of the tables is published. */
    public boolean isWhole() {
        return problems.isEmpty();
    }

    /**
     * Stands for the definition, and for whether transactions from before it are open. What is read
     * of the tables after the state was observed, or later, holds all that is left out by states of
     * which {@link #includes} is true.
     */
    public String fingerprint() {
        return writers.isEmpty() ? definition : definition + WRITTEN_BEFORE;
    }

    /** Whether what was read in one state is all there is to be read in another. */
    public static boolean includes(String fingerprintWhenRead, String other) {
        return other.equals(fingerprintWhenRead)
                || other.equals(fingerprintWhenRead + WRITTEN_BEFORE);
    }

    /**
     * The same, without those that began to write after an earlier look that found the same
     * definition.
     *
     * @param earlier null if there was none
     */
    public PublicationState since(PublicationState earlier) {
        if (earlier == null || !earlier.definition.equals(definition)) {
            return this;
        }
        Set<String> still = new HashSet<>(writers);
        still.retainAll(earlier.writers);
        return new PublicationState(definition, still, problems);
    }

    /** How it is now. */
    public static PublicationState observe(
            Connection connection, String publication, List<PublishedTable> tables)
            throws SQLException {
        // First: what is changed between the two is told by the next one's.
        String definition = definition(connection, publication, tables);
        // Afterwards: who begins to write later does so to tables that are defined like this.
        Set<String> writers = writers(connection, tables);
        List<String> problems = new ArrayList<>();
        if (checkPublication(connection, publication, problems)) {
            checkTables(connection, publication, tables, problems);
        }
        return new PublicationState(definition, writers, problems);
    }

    private static String definition(
            Connection connection, String publication, List<PublishedTable> tables)
            throws SQLException {
        boolean hasSchemas =
                connection.getMetaData().getDatabaseMajorVersion() >= FIRST_WITH_SCHEMAS;
        try (PreparedStatement statement =
                connection.prepareStatement(String.format(DEFINITION, hasSchemas ? SCHEMAS : ""))) {
            statement.setString(1, publication);
            statement.setArray(2, names(connection, tables));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    private static Set<String> writers(Connection connection, List<PublishedTable> tables)
            throws SQLException {
        Set<String> writers = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(WRITERS)) {
            statement.setArray(1, names(connection, tables));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    writers.add(row.getString(1));
                }
            }
        }
        return writers;
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
        List<String> notLogged = List.of((String[]) row.getArray(6).getArray());
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
            return;
        }
        List<String> longTexts = table.columns().stream().filter(notLogged::contains).toList();
        if (!longTexts.isEmpty()) {
            problems.add(
                    String.format(
                            "the replica identity of %s leaves out long texts that an update does not change, of %s (ALTER TABLE"
                                    + " %1$s REPLICA IDENTITY FULL)",
                            table.name(), String.join(", ", longTexts)));
        }
    }

    private static Array names(Connection connection, List<PublishedTable> tables)
            throws SQLException {
        return connection.createArrayOf(
                "text", tables.stream().map(PublishedTable::name).toArray());
    }
}
