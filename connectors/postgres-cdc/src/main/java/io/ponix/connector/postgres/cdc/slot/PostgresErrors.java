package io.ponix.connector.postgres.cdc.slot;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.connector.postgres.cdc.PostgresCdcException;
import io.ponix.connector.postgres.cdc.PostgresCdcException.Problem;
import java.io.IOException;
import java.sql.SQLException;
import org.apache.flink.annotation.PublicEvolving;
import org.postgresql.util.PSQLException;

/**
 * Which errors pass by themselves, decided by SQLSTATE (appendix A of the PostgreSQL manual) of the
 * first SQLException in the chain of causes.
 */
@PublicEvolving
public final class PostgresErrors {

    /** What to do about an error. */
    public enum Kind {
        /** The server is away, starting, stopping or overloaded: try again. */
        TRANSIENT,
        /** Another connection holds the slot: try again for a while. */
        SLOT_ACTIVE,
        /** Trying again gives the same answer. */
        PERMANENT,
        /** Not known: worth a few attempts. */
        UNKNOWN
    }

    /** SQLSTATE of a slot that another connection streams from. */
    public static final String OBJECT_IN_USE = "55006";

    /** SQLSTATE of a server that does not serve yet. */
    public static final String CANNOT_CONNECT_NOW = "57P03";

    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    /** Where servers before 18 give up decoding; their words are translated, this is not. */
    private static final String PUBLICATION_LOOKUP = "get_publication_oid";

    private static final String OBJECT_NOT_IN_PREREQUISITE_STATE = "55000";
    private static final String CONFIGURATION_LIMIT_EXCEEDED = "53400";

    private PostgresErrors() {}

    public static Kind classify(Throwable error) {
        SQLException sqlException = firstOf(SQLException.class, error);
        if (sqlException == null) {
            return firstOf(IOException.class, error) == null ? Kind.UNKNOWN : Kind.TRANSIENT;
        }
        String state = sqlException.getSQLState();
        if (state == null || state.length() != 5) {
            return Kind.UNKNOWN;
        }
        if (state.equals(OBJECT_IN_USE)) {
            return Kind.SLOT_ACTIVE;
        }
        if (state.equals(CONFIGURATION_LIMIT_EXCEEDED)) {
            return Kind.PERMANENT;
        }
        return switch (state.substring(0, 2)) {
            // Connection exception, operator intervention (shutdown, starting up), insufficient
            // resources, rollback.
            case "08", "57", "53", "40" -> Kind.TRANSIENT;
            // Authorization, catalog name, syntax or access rule, prerequisite state, system error
            // (WAL removed).
            case "28", "3D", "42", "55", "58" -> Kind.PERMANENT;
            default -> Kind.UNKNOWN;
        };
    }

    /** Puts a permanent error into words. */
    public static PostgresCdcException permanent(
            PostgresSettings connectionConfig, Throwable error) {
        SQLException sqlException = firstOf(SQLException.class, error);
        String state = sqlException == null ? "" : String.valueOf(sqlException.getSQLState());
        String detail = (sqlException == null ? error : sqlException).getMessage();
        if (state.startsWith("28")
                || state.startsWith("3D")
                || state.equals(INSUFFICIENT_PRIVILEGE)) {
            return new PostgresCdcException(
                    Problem.ACCESS_REFUSED,
                    String.format(
                            "Postgres at %s refuses user '%s': %s. Check username, password and database; the user needs the"
                                    + " attribute REPLICATION (ALTER ROLE %s REPLICATION) and SELECT on the published tables.",
                            connectionConfig.address(),
                            connectionConfig.username(),
                            detail,
                            connectionConfig.username()),
                    error);
        }
        if (state.equals(OBJECT_NOT_IN_PREREQUISITE_STATE)
                || state.equals(CONFIGURATION_LIMIT_EXCEEDED)) {
            return new PostgresCdcException(
                    Problem.SERVER_NOT_PREPARED,
                    String.format(
                            "Postgres at %s is not prepared for logical replication: %s. Set wal_level = logical and enough"
                                    + " max_replication_slots and max_wal_senders, and restart it.",
                            connectionConfig.address(), detail),
                    error);
        }
        PSQLException answer = firstOf(PSQLException.class, error);
        if (answer != null
                && answer.getServerErrorMessage() != null
                && PUBLICATION_LOOKUP.equals(answer.getServerErrorMessage().getRoutine())) {
            return new PostgresCdcException(
                    Problem.CHANGES_NOT_DECODABLE,
                    String.format(
                            "Postgres at %s cannot decode changes that were written while the publication did not exist: %s."
                                    + " PostgreSQL 18 can; on an older server drop the job's replication slot"
                                    + " (pg_drop_replication_slot) and start the job with a resnapshot.",
                            connectionConfig.address(), detail),
                    error);
        }
        return new PostgresCdcException(
                Problem.STREAM_FAILED,
                String.format(
                        "Reading changes from Postgres at %s failed: %s",
                        connectionConfig.address(), detail),
                error);
    }

    /**
     * The message of the SQLException in the chain of causes, or else of the error itself: one line
     * for the log.
     */
    public static String messageOf(Throwable error) {
        SQLException sqlException = firstOf(SQLException.class, error);
        return sqlException == null ? error.toString() : sqlException.getMessage();
    }

    private static <T extends Throwable> T firstOf(Class<T> type, Throwable error) {
        // A chain of causes can be circular; no sane one is longer.
        int depth = 0;
        for (Throwable cause = error;
                cause != null && depth < 50;
                cause = cause.getCause(), depth++) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
        }
        return null;
    }
}
