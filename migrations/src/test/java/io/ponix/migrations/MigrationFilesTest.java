package io.ponix.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MigrationFilesTest {

    @Test
    void partsAndStatementsKeepTheirLines() {
        Migration migration =
                MigrationFiles.parse(
                        "20260102030405_two_tables.sql",
                        """
                        -- why
                        CREATE TABLE one (
                            a INT -- not the end; of the statement
                        );

                        CREATE TABLE two (b TEXT DEFAULT ';x');
                        -- //@UNDO
                        DROP TABLE two;
                        DROP TABLE one;
                        """
                                .lines()
                                .toList());

        assertThat(migration.id()).isEqualTo(20260102030405L);
        assertThat(migration.description()).isEqualTo("two tables");
        assertThat(migration.statements(Direction.UP))
                .containsExactly(
                        new SqlStatement(
                                "CREATE TABLE one (\n    a INT -- not the end; of the statement\n)",
                                2),
                        new SqlStatement("CREATE TABLE two (b TEXT DEFAULT ';x')", 6));
        assertThat(migration.statements(Direction.DOWN))
                .containsExactly(
                        new SqlStatement("DROP TABLE two", 8),
                        new SqlStatement("DROP TABLE one", 9));
    }

    @Test
    void semicolonsInADollarQuotedBodyEndNothing() {
        Migration migration =
                MigrationFiles.parse(
                        "20260102030405_function.sql",
                        List.of(
                                "CREATE FUNCTION f() RETURNS trigger AS $$",
                                "BEGIN",
                                "    RETURN NEW;",
                                "END;",
                                "$$;",
                                "SELECT 1;",
                                "--//@UNDO"));

        assertThat(migration.statements(Direction.UP))
                .extracting(SqlStatement::line)
                .containsExactly(1, 6);
        assertThat(migration.statements(Direction.DOWN)).isEmpty();
    }

    @Test
    void aFileThatCannotBeUndoneIsRefused() {
        assertThatThrownBy(() -> MigrationFiles.parse("20260102030405_x.sql", List.of("SELECT 1;")))
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("20260102030405_x.sql has no line \"-- //@UNDO\"");
    }

    @Test
    void aStatementWithoutAnEndIsRefused() {
        assertThatThrownBy(
                        () ->
                                MigrationFiles.parse(
                                        "20260102030405_x.sql",
                                        List.of("SELECT 1;", "SELECT 2", "-- //@UNDO")))
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("20260102030405_x.sql line 2")
                .hasMessageContaining("SELECT 2");
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
        Files.writeString(folder.resolve(name), "SELECT 1;\n-- //@UNDO\nSELECT 2;\n");
    }
}
