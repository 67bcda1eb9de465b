package io.ponix.connector.postgres.cdc.slot;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.connector.postgres.cdc.PostgresCdcException;
import io.ponix.connector.postgres.cdc.PostgresCdcException.Problem;
import io.ponix.connector.postgres.cdc.slot.PostgresErrors.Kind;
import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

class PostgresErrorsTest {

    private static final PostgresSettings CONFIG =
            PostgresSettings.builder().host("h").database("d").username("u").build();

    @ParameterizedTest
    @CsvSource({
        "08001, TRANSIENT", // connection refused
        "08006, TRANSIENT", // connection lost
        "57P01, TRANSIENT", // terminated by the administrator
        "57P03, TRANSIENT", // starting up
        "53300, TRANSIENT", // too many connections
        "55006, SLOT_ACTIVE",
        "28P01, PERMANENT", // wrong password
        "3D000, PERMANENT", // no such database
        "42501, PERMANENT", // not allowed
        "42704, PERMANENT", // no such object
        "55000, PERMANENT", // wal_level, invalidated slot
        "53400, PERMANENT", // all replication slots are in use
        "58P01, PERMANENT", // WAL segment removed
        "XX000, UNKNOWN",
    })
    void theStateDecides(String sqlState, Kind expected) {
        assertThat(PostgresErrors.classify(new RuntimeException(new SQLException("?", sqlState))))
                .isEqualTo(expected);
    }

    @Test
    void lostConnectionsPass() {
        assertThat(PostgresErrors.classify(new RuntimeException(new IOException("reset"))))
                .isEqualTo(Kind.TRANSIENT);
    }

    @Test
    void errorsOfTheProgramAreNotKnownToPass() {
        assertThat(PostgresErrors.classify(new IllegalStateException())).isEqualTo(Kind.UNKNOWN);
    }

    @ParameterizedTest
    @CsvSource({
        "28P01, ACCESS_REFUSED, refuses user 'u'",
        "42501, ACCESS_REFUSED, ALTER ROLE u REPLICATION",
        "42704, STREAM_FAILED, Reading changes from Postgres at h:5432/d failed",
        "55000, SERVER_NOT_PREPARED, wal_level = logical",
        "53400, SERVER_NOT_PREPARED, max_replication_slots",
        "58P01, STREAM_FAILED, Reading changes from Postgres at h:5432/d failed",
    })
    void aPermanentErrorSaysWhatToDo(String sqlState, Problem problem, String message) {
        PostgresCdcException error =
                PostgresErrors.permanent(CONFIG, new SQLException("the server's words", sqlState));
        assertThat(error.problem()).isEqualTo(problem);
        assertThat(error).hasMessageContaining("the server's words").hasMessageContaining(message);
    }

    /** As PostgreSQL 17.6 answers in the change callback; 18 warns and goes on. */
    @Test
    void changesThatAnOlderServerCannotDecodeAreToldFromOtherMissingObjects() {
        PostgresCdcException error =
                PostgresErrors.permanent(
                        CONFIG,
                        new RuntimeException(
                                new PSQLException(
                                        new ServerErrorMessage(
                                                "SFEHLER\0VERROR\0C42704\0Mpublication \"p\" does not"
                                                        + " exist\0Flsyscache.c\0Rget_publication_oid\0"))));
        assertThat(error.problem()).isEqualTo(Problem.CHANGES_NOT_DECODABLE);
        assertThat(error.problem().isPermanent()).isTrue();
        assertThat(error)
                .hasMessageContaining("publication \"p\" does not exist")
                .hasMessageContaining("pg_drop_replication_slot")
                .hasMessageContaining("resnapshot");
    }
}
