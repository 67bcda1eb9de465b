package io.ponix.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MigrationFilesTest {

    @Test
    void partsAndStatementsKeepTheirLines() {
        Migration migration =
                parse(
                        """
                        -- +goose Up
                        -- why
                        CREATE TABLE one (
                            a INT -- not the end; of the statement
                        );

                        CREATE TABLE two (b TEXT DEFAULT ';x');

                        -- +goose Down
                        -- what is lost
                        DROP TABLE two;
                        DROP TABLE one; -- both
                        """);

        assertThat(migration.id()).isEqualTo(20260102030405L);
        assertThat(migration.description()).isEqualTo("x");
        assertThat(migration.isTransactional()).isTrue();
        assertThat(migration.statements(Direction.UP))
                .containsExactly(
                        new SqlStatement(
                                "CREATE TABLE one (\n    a INT -- not the end; of the statement\n)",
                                3),
                        new SqlStatement("CREATE TABLE two (b TEXT DEFAULT ';x')", 7));
        assertThat(migration.statements(Direction.DOWN))
                .containsExactly(
                        new SqlStatement("DROP TABLE two", 11),
                        new SqlStatement("DROP TABLE one; -- both", 12));
    }

    /** Forms that goose's documentation shows, or its parser takes, besides the plain ones. */
    @Test
    void annotationsAreReadAsGooseReadsThem() {
        Migration migration =
                parse(
                        """
                        -- A comment may come first.

                        --+goose up
                        -- +goose NO TRANSACTION
                        -- +goose StatementBegin
                        CREATE OR REPLACE FUNCTION f(a INT) RETURNS INT AS $$
                        BEGIN
                            -- a comment of the body

                            RETURN a;
                        END;
                        $$ LANGUAGE plpgsql;
                        -- +goose StatementEnd
                        SELECT 1
                          -- inside a statement
                        ;
                        -- +goose Down
                        -- +goose StatementBegin
                        SELECT 2; SELECT 3;
                        -- +goose StatementEnd
                        """);

        assertThat(migration.isTransactional()).isFalse();
        assertThat(migration.statements(Direction.UP))
                .containsExactly(
                        new SqlStatement(
                                "CREATE OR REPLACE FUNCTION f(a INT) RETURNS INT AS $$\nBEGIN\n"
                                        + "    -- a comment of the body\n\n    RETURN a;\nEND;\n"
                                        + "$$ LANGUAGE plpgsql",
                                6),
                        new SqlStatement("SELECT 1\n  -- inside a statement", 14));
        assertThat(migration.statements(Direction.DOWN))
                .containsExactly(new SqlStatement("SELECT 2; SELECT 3", 19));
    }

    @Test
    void aPartMayBeEmpty() {
        Migration migration = parse("-- +goose Up\nSELECT 1;\n-- +goose Down\n");

        assertThat(migration.statements(Direction.DOWN)).isEmpty();
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "-- SELECT 1; | has no line \"-- +goose Up\"",
                "-- +goose Up#SELECT 1; | has no line \"-- +goose Down\" and so could not be undone",
                "SELECT 1;#-- +goose Up#-- +goose Down | line 1 is before the line \"-- +goose Up\"",
                "-- +goose Down#-- +goose Up | line 1 is out of place",
                "-- +goose Up#-- +goose Up#-- +goose Down | line 2 is out of place",
                "-- +goose Up#-- +goose Down#-- +goose Down | line 3 is out of place",
                "-- +goose Up#SELECT 1;#SELECT 2#-- +goose Down | line 3 begins a statement that has no semicolon",
                "-- +goose Up#-- +goose Down#SELECT 2 | line 3 begins a statement that has no semicolon",
                "-- +goose Up#SELECT 1#-- +goose StatementBegin | line 2 begins a statement that has no semicolon",
                "-- +goose Up#-- +goose StatementBegin#SELECT 1;#-- +goose Down | line 3 has no line \"-- +goose StatementEnd\"",
                "-- +goose Up#-- +goose Down#-- +goose StatementBegin | line 3 has no line \"-- +goose StatementEnd\"",
                "-- +goose Up#-- +goose StatementBegin#-- +goose StatementEnd | line 2 begins a statement, but there is none",
                "-- +goose Up#-- +goose StatementEnd | line 2 ends what did not begin",
                "-- +goose StatementBegin | line 1 is out of place",
                "-- +goose Up#CREATE FUNCTION f() AS $$#BEGIN#RETURN;#$$; | line 2 has a body in $$",
                "-- +goose Up#  -- +goose Down | line 2 has space before the annotation",
                "-- +goose Up#-- +goose Sideways | line 2 is no annotation of goose's",
                "-- +goose Up#-- +goose ENVSUB ON | line 2 wants variables filled in",
                "SELECT 1;#-- //@UNDO | line 1 is before the line \"-- +goose Up\"",
                "-- why#-- //@UNDO | line 2 is in the format of the first releases",
            })
    void whatIsNotTheFormatIsRefusedWithItsLine(String file, String message) {
        assertThatThrownBy(() -> parse(file.replace('#', '\n')))
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("20260102030405_x.sql " + message.strip());
    }

    @Test
    void whatIsExecutedMakesTheChecksum() {
        String before =
                "-- +goose Up\nCREATE TABLE one (a INT);\n-- +goose Down\nDROP TABLE one;\n";
        String checksum = parse(before).checksum();

        assertThat(
                        parse(
                                        """
                                        -- A remark.
                                        -- +goose Up
                                        -- +goose StatementBegin
                                        CREATE TABLE
                                            -- another
                                            one (a INT)
                                        -- +goose StatementEnd

                                        -- +goose Down
                                        DROP TABLE IF EXISTS one;
                                        """)
                                .checksum())
                .as("another form of the same, undone otherwise")
                .isEqualTo(checksum);
        assertThat(parse(before.replace("INT", "BIGINT")).checksum()).isNotEqualTo(checksum);
        assertThat(parse(before.replace("(a INT);", "(a INT);\nSELECT 1;")).checksum())
                .isNotEqualTo(checksum);
    }

    @Test
    void aFolderIsReadInTheOrderOfTimestamps(@TempDir Path folder) throws IOException {
        write(folder, "20260102030405_second.sql");
        write(folder, "20250102030405_first.sql");
        Files.writeString(folder.resolve("README.md"), "not SQL");

        assertThat(MigrationFiles.inDirectory(folder, "SETTING"))
                .extracting(Migration::fileName)
                .containsExactly("20250102030405_first.sql", "20260102030405_second.sql");
    }

    @Test
    void aMisnamedFileIsRefused(@TempDir Path folder) throws IOException {
        write(folder, "2026_short.sql");

        assertThatThrownBy(() -> MigrationFiles.inDirectory(folder, "SETTING"))
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("2026_short.sql");
    }

    @Test
    void twoFilesWithOneTimestampAreRefused(@TempDir Path folder) throws IOException {
        write(folder, "20260102030405_one.sql");
        write(folder, "20260102030405_other.sql");

        assertThatThrownBy(() -> MigrationFiles.inDirectory(folder, "SETTING"))
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("20260102030405_one.sql and 20260102030405_other.sql");
    }

    @Test
    void aMissingFolderNamesItsSetting(@TempDir Path folder) {
        assertThatThrownBy(
                        () -> MigrationFiles.inDirectory(folder.resolve("nowhere"), "PONIX_X_DIR"))
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("nowhere")
                .hasMessageContaining("PONIX_X_DIR");
    }

    @Test
    void thePackagedFilesArePackaged() {
        assertThat(MigrationFiles.packaged("postgres"))
                .extracting(Migration::description)
                .startsWith("row version", "organizations");
        assertThat(MigrationFiles.packaged("clickhouse"))
                .extracting(Migration::description)
                .startsWith("init", "add organization id", "exactly once");
    }

    private static void write(Path folder, String name) throws IOException {
        Files.writeString(
                folder.resolve(name), "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;\n");
    }

    private static Migration parse(String file) {
        return MigrationFiles.parse("20260102030405_x.sql", file.lines().toList());
    }
}
