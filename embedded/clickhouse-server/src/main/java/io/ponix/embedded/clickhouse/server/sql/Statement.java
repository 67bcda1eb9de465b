package io.ponix.embedded.clickhouse.server.sql;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/**
 * What the server must know of a statement before the engine parses it: whether it gives a result,
 * in which format, and whether rows follow it.
 *
 * <p>The clauses are found by their keywords outside brackets, strings and comments. The engine
 * still parses the whole: a statement misjudged here ends in a syntax error, not in another
 * meaning.
 */
public final class Statement {

    /** How a statement is run. */
    public enum Kind {
        /** Gives a result with a {@code FORMAT} clause: SELECT, SHOW, DESCRIBE and their like. */
        QUERY,
        /** An INSERT whose rows follow the statement, in some input format. */
        INSERT_WITH_ROWS,
        /** An INSERT … SELECT that reads the rows that follow through {@code input()}. */
        INSERT_FROM_INPUT,
        /** Everything else. */
        COMMAND,
        /** Nothing but space and comments. */
        EMPTY
    }

    private static final Set<String> QUERY_KEYWORDS =
            Set.of(
                    "SELECT",
                    "WITH",
                    "FROM",
                    "SHOW",
                    "DESCRIBE",
                    "DESC",
                    "EXISTS",
                    "EXPLAIN",
                    "CHECK");

    private static final String VALUES = "Values";

    private final byte[] text;
    private Kind kind = Kind.COMMAND;
    private String format;
    private int formatClause = -1;
    private int end;
    private int rowsStart = -1;
    private boolean severalStatements;
    private boolean intoOutfile;
    private boolean elsewhere;
    private byte[] settingsAfterFormat = {};

    private Statement(byte[] text) {
        this.text = text;
    }

    /**
     * Analyses a statement.
     *
     * @param text the statement, and where it is an INSERT the beginning of its rows
     */
    public static Statement analyze(byte[] text) {
        Statement statement = new Statement(text);
        SqlScanner scanner = new SqlScanner(text, text.length);
        scanner.next();
        if (scanner.kind() == SqlScanner.Kind.END) {
            statement.kind = Kind.EMPTY;
        } else if (scanner.isWord("INSERT")) {
            statement.analyzeInsert(scanner);
        } else {
            statement.analyzeOther(scanner);
        }
        statement.elsewhere = statement.findElsewhere();
        return statement;
    }

    /** How the statement is run. */
    public Kind kind() {
        return kind;
    }

    /** The name in the {@code FORMAT} clause ({@code Values} for VALUES), or null. */
    public String format() {
        return format;
    }

    /** Whether a second statement follows after a semicolon. */
    public boolean hasSeveralStatements() {
        return severalStatements;
    }

    /** Whether the query has an {@code INTO OUTFILE} clause of its own. */
    public boolean isIntoOutfile() {
        return intoOutfile;
    }

    /**
     * Whether it asks for what is elsewhere, on this machine or another, in a way that the engine
     * has no right for: {@code FROM INFILE}; {@code RESTORE}; {@code disk = disk(…)}, which makes
     * the disk before the engine looks whether the setting may be changed.
     */
    public boolean isForElsewhere() {
        return elsewhere;
    }

    /** Where in the text an INSERT's rows begin. */
    public int rowsStart() {
        return rowsStart;
    }

    /**
     * The statement without its FORMAT (or VALUES) clause, without rows and without the semicolon.
     */
    public byte[] head() {
        byte[] head = Arrays.copyOf(text, formatClause >= 0 ? formatClause : end);
        if (settingsAfterFormat.length == 0) {
            return head;
        }
        byte[] whole = Arrays.copyOf(head, head.length + settingsAfterFormat.length);
        System.arraycopy(settingsAfterFormat, 0, whole, head.length, settingsAfterFormat.length);
        return whole;
    }

    /** A query's FORMAT clause and what follows it; empty where the query has none. */
    public byte[] formatClause() {
        return formatClause >= 0 ? Arrays.copyOfRange(text, formatClause, end) : new byte[0];
    }

    private boolean findElsewhere() {
        SqlScanner scanner =
                new SqlScanner(text, kind == Kind.INSERT_WITH_ROWS ? rowsStart : text.length);
        boolean from = false;
        boolean equals = false;
        boolean disk = false;
        boolean parallel = false;
        boolean begins = true;
        while (scanner.next() != SqlScanner.Kind.END) {
            if (from && scanner.isWord("INFILE")
                    || disk && scanner.isPunctuation('(')
                    || begins && scanner.isWord("RESTORE")) {
                return true;
            }
            begins = parallel && scanner.isWord("WITH");
            parallel = scanner.isWord("PARALLEL");
            from = scanner.isWord("FROM");
            disk = equals && (scanner.isWord("DISK") || scanner.mayBeQuotedIdentifier("DISK"));
            equals = scanner.isPunctuation('=');
        }
        return false;
    }

    private void analyzeInsert(SqlScanner scanner) {
        kind = Kind.COMMAND;
        scanner.next();
        if (scanner.isWord("INTO")) {
            scanner.next();
        }
        if (scanner.isWord("TABLE")) {
            scanner.next();
        }
        if (scanner.isWord("FUNCTION")) {
            scanner.next();
        }
        // The table's name may be a keyword: it is passed over, dots and all.
        scanner.next();
        while (scanner.isPunctuation('.')) {
            scanner.next();
            scanner.next();
        }
        boolean fromInput = false;
        boolean select = false;
        int previousEnd = scanner.tokenStart();
        for (; scanner.kind() != SqlScanner.Kind.END; scanner.next()) {
            if (scanner.isWord("INPUT")) {
                fromInput = true;
            } else if (scanner.isWord("SELECT") || scanner.isWord("WITH")) {
                select = true;
            } else if (scanner.depth() == 0 && scanner.isWord("VALUES") && !select) {
                kind = Kind.INSERT_WITH_ROWS;
                format = VALUES;
                formatClause = scanner.tokenStart();
                end = formatClause;
                rowsStart = scanner.tokenEnd();
                return;
            } else if (scanner.depth() == 0 && scanner.isWord("FROM") && !select) {
                // FROM INFILE
                end = text.length;
                return;
            } else if (scanner.depth() == 0 && scanner.isWord("FORMAT")) {
                analyzeInsertFormat(scanner, select, fromInput);
                return;
            } else if (scanner.depth() == 0 && scanner.isPunctuation(';')) {
                break;
            }
            previousEnd = scanner.tokenEnd();
        }
        end = select ? text.length : previousEnd;
        if (!select) {
            // The format comes from the request; the rows are what is left of the body.
            kind = Kind.INSERT_WITH_ROWS;
            rowsStart = text.length;
        }
    }

    private void analyzeInsertFormat(SqlScanner scanner, boolean select, boolean fromInput) {
        formatClause = scanner.tokenStart();
        if (scanner.next() != SqlScanner.Kind.WORD) {
            end = text.length;
            formatClause = -1;
            return;
        }
        format = token(scanner);
        end = formatClause;
        int afterFormat = scanner.tokenEnd();
        if (select) {
            kind = fromInput ? Kind.INSERT_FROM_INPUT : Kind.COMMAND;
            if (!fromInput) {
                formatClause = -1;
                end = text.length;
            }
            rowsStart = rowsAfter(afterFormat);
            return;
        }
        kind = Kind.INSERT_WITH_ROWS;
        int settings = afterFormat;
        if (scanner.next() == SqlScanner.Kind.WORD && scanner.isWord("SETTINGS")) {
            settings = skipSettings(scanner, afterFormat);
            settingsAfterFormat = Arrays.copyOfRange(text, afterFormat, settings);
        }
        rowsStart = rowsAfter(settings);
    }

    /** {@code SETTINGS a = 1, b = 'x'}: returns where it ends. */
    private static int skipSettings(SqlScanner scanner, int fallback) {
        int settingsEnd = fallback;
        do {
            scanner.next();
            scanner.next();
            if (!scanner.isPunctuation('=')) {
                return settingsEnd;
            }
            scanner.next();
            if (scanner.isPunctuation('-') || scanner.isPunctuation('+')) {
                scanner.next();
            }
            settingsEnd = scanner.tokenEnd();
            scanner.next();
        } while (scanner.isPunctuation(','));
        return settingsEnd;
    }

    /** Rows begin after the newline that follows the format's name, or after space. */
    private int rowsAfter(int position) {
        int start = position;
        while (start < text.length
                && (text[start] == ' ' || text[start] == '\t' || text[start] == '\f')) {
            start++;
        }
        if (start < text.length && text[start] == '\r') {
            start++;
        }
        if (start < text.length && text[start] == '\n') {
            start++;
        }
        return start;
    }

    private void analyzeOther(SqlScanner scanner) {
        while (scanner.isPunctuation('(')) {
            scanner.next();
        }
        if (scanner.kind() == SqlScanner.Kind.WORD
                && QUERY_KEYWORDS.contains(token(scanner).toUpperCase(Locale.ROOT))) {
            kind = Kind.QUERY;
        }
        end = text.length;
        boolean ended = false;
        boolean into = false;
        boolean check = false;
        for (boolean first = true; scanner.kind() != SqlScanner.Kind.END; scanner.next()) {
            if (check && scanner.isWord("GRANT")) {
                // Of what answers with rows it alone can neither be written elsewhere nor
                // formatted.
                kind = Kind.COMMAND;
            }
            check = first && scanner.isWord("CHECK");
            first = false;
            if (ended && !scanner.isPunctuation(';')) {
                severalStatements = true;
                return;
            }
            if (scanner.depth() != 0) {
                continue;
            }
            if (scanner.isPunctuation(';')) {
                if (!ended) {
                    end = scanner.tokenStart();
                }
                ended = true;
            } else if (into && scanner.isWord("OUTFILE")) {
                intoOutfile = true;
            } else if (scanner.isWord("FORMAT") && kind == Kind.QUERY) {
                int start = scanner.tokenStart();
                if (scanner.next() == SqlScanner.Kind.WORD) {
                    formatClause = start;
                    format = token(scanner);
                }
            }
            into = scanner.isWord("INTO");
        }
    }

    private String token(SqlScanner scanner) {
        return new String(
                text,
                scanner.tokenStart(),
                scanner.tokenEnd() - scanner.tokenStart(),
                StandardCharsets.UTF_8);
    }
}
