package io.ponix.embedded.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.embedded.postgres.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataOnSmallDiskITCase {

    private static final int FREE_MEBIBYTES = 48;
    private static final String A_MEGABYTE =
            "INSERT INTO numbers SELECT number FROM generate_series(1, 30000) AS number";

    @TempDir Path home;

    @Test
    void aServerKeepsItsDataThereAndWhenItComesBack() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().home(home).build()) {
            postgres.start();
            execute(postgres, "CREATE TABLE numbers (number int)");
            execute(postgres, "INSERT INTO numbers VALUES (1)");
            int port = postgres.port();
            try (DataOnSmallDisk data = new DataOnSmallDisk(postgres, FREE_MEBIBYTES)) {
                assertThat(postgres.port()).isEqualTo(port);
                assertThat(rows(postgres)).isEqualTo(1);
                execute(postgres, "INSERT INTO numbers VALUES (2)");

                data.disk().fill();
                assertThatThrownBy(() -> execute(postgres, A_MEGABYTE))
                        .hasMessageContaining("No space left on device");
                postgres.kill();
                data.disk().makeRoom();
                postgres.start();
                execute(postgres, "INSERT INTO numbers VALUES (3)");
                assertThat(rows(postgres)).isEqualTo(3);
            }
            assertThat(rows(postgres)).isEqualTo(3);
            assertThat(postgres.port()).isEqualTo(port);
            assertThat(home.resolve("postgres")).isDirectoryNotContaining("glob:**returned");
            assertThat(Files.exists(home.resolve("postgres/data/ponix-filler"))).isFalse();
            execute(postgres, A_MEGABYTE);
        }
    }

    private static void execute(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (Connection connection = connect(postgres);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long rows(EmbeddedPostgres postgres) throws SQLException {
        try (Connection connection = connect(postgres);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT count(*) FROM numbers")) {
            result.next();
            return result.getLong(1);
        }
    }

    private static Connection connect(EmbeddedPostgres postgres) throws SQLException {
        return DriverManager.getConnection(
                postgres.jdbcUrl(), postgres.username(), postgres.password());
    }
}
