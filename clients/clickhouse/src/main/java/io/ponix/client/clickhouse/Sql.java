package io.ponix.client.clickhouse;

import java.nio.charset.StandardCharsets;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/** Quotes names and values for SQL. */
@API(status = Status.EXPERIMENTAL)
public final class Sql {

    private Sql() {}

    /**
     * A name in backquotes.
     *
     * @param name a database, table or column
     * @return the quoted name
     */
    public static String identifier(String name) {
        return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`";
    }

    /**
     * A table's full name, quoted.
     *
     * @param database the database
     * @param table the table
     * @return {@code `database`.`table`}
     */
    public static String table(String database, String table) {
        return identifier(database) + "." + identifier(table);
    }

    /**
     * A string literal. Bytes beyond printable ASCII are written as {@code \xHH}.
     *
     * @param value the text
     * @return the literal in single quotes
     */
    public static String string(String value) {
        StringBuilder literal = new StringBuilder("'");
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            if (b == '\'' || b == '\\') {
                literal.append('\\').append((char) b);
            } else if (b >= ' ' && b < 0x7f) {
                literal.append((char) b);
            } else {
                literal.append(String.format("\\x%02X", b));
            }
        }
        return literal.append('\'').toString();
    }
}
