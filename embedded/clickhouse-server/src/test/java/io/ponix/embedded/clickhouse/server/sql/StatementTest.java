package io.ponix.embedded.clickhouse.server.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StatementTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT 1 | QUERY",
                "  select 1 | QUERY",
                "/*/ SHOW */ DROP TABLE t | COMMAND",
                "/* a; comment */ ((SELECT 1)) | QUERY",
                "WITH 1 AS x SELECT x | QUERY",
                "FROM t SELECT a | QUERY",
                "SHOW TABLES | QUERY",
                "EXPLAIN SELECT 1 | QUERY",
                "DESCRIBE TABLE t | QUERY",
                "CHECK TABLE t | QUERY",
                "check grant SELECT(a) ON t | COMMAND",
                "CREATE TABLE t (a Int8) ENGINE = Memory | COMMAND",
                "INSERT INTO t SELECT 1 | COMMAND",
                "INSERT INTO t (a) WITH 1 AS x SELECT x | COMMAND",
                "INSERT INTO t (SELECT 1) | COMMAND",
                "INSERT INTO t SELECT 1 FORMAT Null | COMMAND",
                "INSERT INTO t FROM INFILE 'x' FORMAT CSV | COMMAND",
                "INSERT INTO t SELECT * FROM input('a Int8') FORMAT CSV 1 | INSERT_FROM_INPUT",
                "INSERT INTO t VALUES (1) | INSERT_WITH_ROWS",
                "INSERT INTO t FORMAT CSV 1 | INSERT_WITH_ROWS",
                "INSERT INTO t | INSERT_WITH_ROWS",
                " -- nothing | EMPTY",
            })
    void findsHowToRunAStatement(String text, Statement.Kind kind) {
        assertThat(analyze(text).kind()).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "INSERT INTO t VALUES (1), (2) | INSERT INTO t | Values | (1), (2)",
                "INSERT INTO db.values (a, b) VALUES (1) | INSERT INTO db.values (a, b) | Values |"
                        + " (1)",
                "INSERT INTO `format` FORMAT CSV 1 | INSERT INTO `format` | CSV | 1",
                "INSERT INTO format FORMAT CSV 1 | INSERT INTO format | CSV | 1",
                "insert into table t format csv 1 | insert into table t | csv | 1",
                "INSERT INTO FUNCTION null('a Int8') FORMAT CSV 1 | INSERT INTO FUNCTION"
                        + " null('a Int8') | CSV | 1",
                "INSERT INTO t SETTINGS a = 'FORMAT x', b = 2 FORMAT TSV 1 | INSERT INTO t SETTINGS"
                        + " a = 'FORMAT x', b = 2 | TSV | 1",
                "INSERT INTO t FORMAT TSV SETTINGS a = -1, b = 'x' 1 | INSERT INTO t SETTINGS a ="
                        + " -1, b = 'x' | TSV | 1",
                "INSERT INTO t /* VALUES */ VALUES (';') | INSERT INTO t /* VALUES */ | Values |"
                        + " (';')",
            })
    void separatesAnInsertFromItsRows(String text, String head, String format, String rows) {
        Statement statement = analyze(text);
        assertThat(new String(statement.head(), StandardCharsets.UTF_8).strip().replace("  ", " "))
                .isEqualTo(head);
        assertThat(statement.format()).isEqualTo(format);
        assertThat(text.substring(statement.rowsStart()).strip()).isEqualTo(rows);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO t FORMAT RowBinary\n",
                "INSERT INTO t FORMAT RowBinary\r\n",
                "INSERT INTO t FORMAT RowBinary \t ",
                "INSERT INTO t FORMAT RowBinary  \n"
            })
    void beginsTheRowsAfterOneNewline(String statement) {
        String rows = "\n\n \0'\"SETTINGS";
        if (!statement.endsWith("\n")) {
            // Space before the rows is the statement's, as in ClickHouse.
            rows = "\0\n\n";
        }
        assertThat(analyze(statement + rows).rowsStart()).isEqualTo(statement.length());
    }

    @Test
    void takesTheFormatOfTheRequestWhereAnInsertHasNone() {
        Statement statement = analyze("INSERT INTO t (a)\n");
        assertThat(statement.format()).isNull();
        assertThat(new String(statement.head(), StandardCharsets.UTF_8))
                .isEqualTo("INSERT INTO t (a)");
        assertThat(statement.rowsStart()).isEqualTo("INSERT INTO t (a)\n".length());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT 1 FORMAT JSON | SELECT 1 | FORMAT JSON",
                "SELECT 1 FORMAT JSON; | SELECT 1 | FORMAT JSON",
                "SELECT 1; -- the end | SELECT 1 | ''",
                "SELECT 1 format CSV SETTINGS max_threads = 1 | SELECT 1 | format CSV SETTINGS"
                        + " max_threads = 1",
                "SELECT formatDateTime(now(), '%Y') FROM (SELECT 1 FORMAT) | SELECT"
                        + " formatDateTime(now(), '%Y') FROM (SELECT 1 FORMAT) | ''",
                "SELECT ' FORMAT CSV' | SELECT ' FORMAT CSV' | ''",
                "SELECT 'it''s; \\' FORMAT x' -- FORMAT y | SELECT 'it''s; \\' FORMAT x' -- FORMAT"
                        + " y | ''",
                "SELECT $x$ FORMAT '; $x$ | SELECT $x$ FORMAT '; $x$ | ''",
            })
    void findsTheFormatClauseOfAQuery(String text, String head, String formatClause) {
        Statement statement = analyze(text);
        assertThat(statement.hasSeveralStatements()).isFalse();
        assertThat(new String(statement.head(), StandardCharsets.UTF_8).strip()).isEqualTo(head);
        assertThat(new String(statement.formatClause(), StandardCharsets.UTF_8).strip())
                .isEqualTo(formatClause);
    }

    @Test
    void passesOverCommentsToTheEndOfTheLine() {
        assertThat(analyze("-- INSERT; (\n# x\n#! y\nSELECT 1").kind())
                .isEqualTo(Statement.Kind.QUERY);
    }

    @Test
    void findsWhatServersRefuse() {
        assertThat(analyze("SELECT 1; SELECT 2").hasSeveralStatements()).isTrue();
        assertThat(analyze("SELECT 1;; -- x").hasSeveralStatements()).isFalse();
        assertThat(analyze("SELECT ';' || `;`").hasSeveralStatements()).isFalse();
        assertThat(analyze("SELECT 1 INTO OUTFILE 'x'").isIntoOutfile()).isTrue();
        assertThat(analyze("SELECT 1 INTO\u00a0OUTFILE 'x'").isIntoOutfile()).isTrue();
        assertThat(analyze("\u00a0SELECT 1 // '\n INTO OUTFILE 'x'").isIntoOutfile()).isTrue();
        assertThat(analyze("SELECT into, outfile FROM t").isIntoOutfile()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO t FROM INFILE 'x' FORMAT CSV",
                "INSERT INTO t FROM\u00a0INFILE 'x' FORMAT CSV",
                "INSERT INTO t // '\n FROM INFILE 'x' FORMAT CSV",
                "INSERT INTO t /* /* */ ' */ FROM INFILE 'x' FORMAT CSV",
                "INSERT INTO t$a$ FROM INFILE 'x' SETTINGS log_comment = '$a$' FORMAT CSV",
                "WITH \u2018'\u2019 AS a INSERT INTO t FROM INFILE 'x' FORMAT CSV",
                "/* a */ RESTORE TABLE t FROM S3('x')",
                "DROP TABLE a PARALLEL WITH RESTORE TABLE t FROM S3('x')",
                "CREATE TABLE t (a Int8) ENGINE = MergeTree SETTINGS disk = disk(type = web)",
                "CREATE TABLE t (a Int8) ENGINE = MergeTree SETTINGS disk = `dis\\x6b` (a = b)",
                "CREATE TABLE t (a Int8) ENGINE = Log SETTINGS disk = \u200bdisk\u3000(a = b)",
            })
    void findsWhatIsElsewhere(String text) {
        assertThat(analyze(text).isForElsewhere()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT file, disk, restore, infile FROM restore",
                "SELECT file FROM t WHERE a = disk AND (b)",
                "SELECT 'FROM INFILE' -- FROM INFILE",
                "INSERT INTO disk (disk, file) VALUES ('FROM INFILE', disk = disk(1))",
                "INSERT INTO t FORMAT CSV\nFROM INFILE",
                "WITH restore AS (SELECT 1) SELECT * FROM restore",
                "SYSTEM RESTORE REPLICA t",
            })
    void findsNothingElsewhereInWhatOnlyLooksLikeIt(String text) {
        assertThat(analyze(text).isForElsewhere()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"SELECT 'open", "SELECT /* open", "SELECT `open", "INSERT INTO", "("})
    void leavesBrokenTextToTheEngine(String text) {
        assertThat(analyze(text).hasSeveralStatements()).isFalse();
    }

    private static Statement analyze(String text) {
        return Statement.analyze(text.getBytes(StandardCharsets.UTF_8));
    }
}
