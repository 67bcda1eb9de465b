package io.ponix.embedded.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Postgres, which refuses to run as root, started by root. */
class UnprivilegedUserITCase {

    @TempDir Path parent;

    @Test
    void bothWaysWorkOnTheSameDataBelowAFolderThatOnlyRootMayEnter() throws Exception {
        assumeTrue(
                System.getProperty("user.name").equals("root"),
                "an ordinary user starts Postgres plainly");
        Path home =
                Files.createDirectory(
                        parent.resolve("closed"),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));

        try (EmbeddedPostgres postgres =
                EmbeddedPostgres.builder().home(home).runAs(UnprivilegedUser.nobody()).build()) {
            postgres.start();
            EmbeddedPostgresITCase.execute(postgres, "CREATE TABLE readings AS SELECT 7 AS id");
            assertThat(Files.getOwner(home.resolve("postgres/data")).getName()).isEqualTo("nobody");
        }
        try (EmbeddedPostgres postgres =
                EmbeddedPostgres.builder()
                        .home(home)
                        .runAs(UnprivilegedUser.userNamespace())
                        .build()) {
            postgres.start();
            assertThat(EmbeddedPostgresITCase.query(postgres, "SELECT id FROM readings"))
                    .isEqualTo("7");
            assertThat(Files.getOwner(home.resolve("postgres/data")).getName()).isEqualTo("root");
        }
        try (EmbeddedPostgres postgres =
                EmbeddedPostgres.builder().home(home).runAs(UnprivilegedUser.nobody()).build()) {
            postgres.start();
            assertThat(EmbeddedPostgresITCase.query(postgres, "SELECT id FROM readings"))
                    .isEqualTo("7");
        }
    }
}
