package io.ponix.migrations;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringTokenizer;
import java.util.regex.Pattern;

/** Reads one file in goose's format, line by line (see {@link MigrationFiles}). */
final class MigrationParser {

    private static final String UP = "-- +goose Up";
    private static final String DOWN = "-- +goose Down";
    private static final String STATEMENT_BEGIN = "-- +goose StatementBegin";
    private static final String STATEMENT_END = "-- +goose StatementEnd";

    /** How the files of the first releases said where Down begins. */
    private static final Pattern UNDO = Pattern.compile("\\s*--\\s*//\\s*@UNDO\\s*");

    private final String fileName;
    private final Map<Direction, List<SqlStatement>> statements = new EnumMap<>(Direction.class);
    private final StringBuilder sql = new StringBuilder();
    private Optional<Direction> part = Optional.empty();
    private boolean transactional = true;

    /** Whether a line {@link #STATEMENT_BEGIN} waits for its end. */
    private boolean enclosed;

    private int line;
    private int begin;

    MigrationParser(String fileName) {
        this.fileName = fileName;
    }

    /** Takes the next line. */
    void read(String text) {
        line++;
        String stripped = text.strip();
        if (stripped.startsWith("--") && stripped.contains("+goose")) {
            annotation(text);
        } else if (UNDO.matcher(text).matches()) {
            throw refused(
                    "is in the format of the first releases: begin the file with \""
                            + UP
                            + "\", write \""
                            + DOWN
                            + "\" in place of this line, and put bodies in $$ between \""
                            + STATEMENT_BEGIN
                            + "\" and \""
                            + STATEMENT_END
                            + "\"");
        } else {
            sql(text.stripTrailing());
        }
    }

    /** Says that there are no more lines. */
    void end() {
        refuseUnfinished();
        if (enclosed) {
            throw refusedAt(begin, "has no line \"" + STATEMENT_END + "\"");
        }
        for (Direction direction : Direction.values()) {
            if (!statements.containsKey(direction)) {
                throw new MigrationException(
                        fileName
                                + switch (direction) {
                                    case UP ->
                                            " has no line \""
                                                    + UP
                                                    + "\", with which it should begin";
                                    case DOWN ->
                                            " has no line \""
                                                    + DOWN
                                                    + "\" and so could not be undone";
                                });
            }
        }
    }

    List<SqlStatement> statements(Direction direction) {
        return statements.get(direction);
    }

    boolean isTransactional() {
        return transactional;
    }

    private void annotation(String text) {
        if (Character.isWhitespace(text.charAt(0))) {
            throw refused("has space before the annotation, which goose does not allow");
        }
        String name =
                text.replace("--", "")
                        .replaceFirst("\\+goose", "")
                        .strip()
                        .toUpperCase(Locale.ROOT);
        switch (name) {
            case "UP" -> part(Direction.UP);
            case "DOWN" -> part(Direction.DOWN);
            case "STATEMENTBEGIN" -> statementBegin();
            case "STATEMENTEND" -> statementEnd();
            case "NO TRANSACTION" -> transactional = false;
            case "ENVSUB ON", "ENVSUB OFF" ->
                    throw refused(
                            "wants variables filled in, which this runner does not: write the values");
            default -> throw refused("is no annotation of goose's");
        }
    }

    private void part(Direction direction) {
        refuseUnfinished();
        if (enclosed) {
            throw refusedAt(begin, "has no line \"" + STATEMENT_END + "\"");
        }
        boolean inOrder =
                switch (direction) {
                    case UP -> part.isEmpty();
                    case DOWN -> part.equals(Optional.of(Direction.UP));
                };
        if (!inOrder) {
            throw refused(
                    "is out of place: \""
                            + UP
                            + "\" and then \""
                            + DOWN
                            + "\" are each wanted once");
        }
        part = Optional.of(direction);
        statements.put(direction, new ArrayList<>());
    }

    private void statementBegin() {
        refuseUnfinished();
        if (part.isEmpty() || enclosed) {
            throw refused("is out of place");
        }
        enclosed = true;
        begin = line;
    }

    private void statementEnd() {
        if (!enclosed) {
            throw refused("ends what did not begin");
        }
        if (sql.isEmpty()) {
            throw refusedAt(begin, "begins a statement, but there is none");
        }
        enclosed = false;
        add();
    }

    private void sql(String text) {
        if (sql.isEmpty()) {
            if (text.isBlank() || text.stripLeading().startsWith("--")) {
                return;
            }
            if (part.isEmpty()) {
                throw refused("is before the line \"" + UP + "\", with which a file should begin");
            }
            begin = line;
        }
        sql.append(text).append('\n');
        if (!enclosed && endsStatement(text)) {
            if (hasOpenBody()) {
                throw refusedAt(
                        begin,
                        "has a body in $$: put the statement between \""
                                + STATEMENT_BEGIN
                                + "\" and \""
                                + STATEMENT_END
                                + "\", or it ends at the first semicolon of the body");
            }
            add();
        }
    }

    private void add() {
        String text = sql.toString().strip();
        if (text.endsWith(";")) {
            text = text.substring(0, text.length() - 1).stripTrailing();
        }
        statements.get(part.orElseThrow()).add(new SqlStatement(text, begin));
        sql.setLength(0);
    }

    private static boolean endsStatement(String text) {
        String last = "";
        StringTokenizer words = new StringTokenizer(text);
        while (words.hasMoreTokens()) {
            String word = words.nextToken();
            if (word.startsWith("--")) {
                break;
            }
            last = word;
        }
        return last.endsWith(";");
    }

    private boolean hasOpenBody() {
        boolean open = false;
        for (int at = sql.indexOf("$$"); at >= 0; at = sql.indexOf("$$", at + 2)) {
            open = !open;
        }
        return open;
    }

    private void refuseUnfinished() {
        if (!sql.isEmpty() && !enclosed) {
            throw refusedAt(
                    begin,
                    "begins a statement that has no semicolon at the end of a line:\n" + sql);
        }
    }

    private MigrationException refused(String reason) {
        return refusedAt(line, reason);
    }

    private MigrationException refusedAt(int line, String reason) {
        return new MigrationException(fileName + " line " + line + " " + reason);
    }
}
