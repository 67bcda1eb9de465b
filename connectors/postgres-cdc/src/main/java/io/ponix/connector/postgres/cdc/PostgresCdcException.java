package io.ponix.connector.postgres.cdc;

import org.apache.flink.annotation.PublicEvolving;

/**
 * A condition a person has to mend: retrying by itself would not help, or would hide a loss. The
 * message says what was found and what to do; {@link #problem()} says which of the known conditions
 * it is. Where restarting the job cannot help either it is an {@link
 * UnrecoverablePostgresCdcException}.
 */
@PublicEvolving
public class PostgresCdcException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The conditions this connector tells apart. */
    public enum Problem {
        /**
         * The server refuses the user, or the user may not do what is needed (SQLSTATE 28xxx,
         * 3D000, 42501).
         */
        ACCESS_REFUSED,
        /**
         * {@code wal_level} is not {@code logical}, or the server has no free replication slot or
         * sender.
         */
        SERVER_NOT_PREPARED,
        /**
         * The publication does not exist; it belongs to the schema, this connector does not create
         * it.
         */
        PUBLICATION_MISSING,
        /**
         * Changes were written while the publication did not exist, on a server before PostgreSQL
         * 18: it refuses to decode them, also once the publication exists again.
         */
        CHANGES_NOT_DECODABLE,
        /** The slot that the restored state continues from does not exist (any more). */
        SLOT_MISSING,
        /** The slot exists but the WAL it needs has been removed: {@code wal_status = lost}. */
        SLOT_INVALIDATED,
        /**
         * The slot has been confirmed beyond the restored position: changes in between are gone.
         */
        SLOT_AHEAD_OF_STATE,
        /**
         * Another connection streams from the slot, and did so for longer than the configured time.
         */
        SLOT_ACTIVE_ELSEWHERE,
        /**
         * A slot of that name exists but is physical, of another plugin, or of another database.
         */
        SLOT_NOT_USABLE,
        /** The restored state belongs to another slot or publication than the configured one. */
        STATE_FOR_OTHER_SLOT,
        /**
         * The restored position lies beyond the end of this server's WAL: it is not the server it
         * was taken from.
         */
        STATE_AHEAD_OF_SERVER,
        /**
         * The slot did not come into existence within the time given to {@code
         * ReplicationSlotAwaiter}.
         */
        SLOT_NOT_CREATED_IN_TIME,
        /** The stream ended with an error that is neither of these nor known to pass. */
        STREAM_FAILED;

        /**
         * Whether it lasts until a person starts the job otherwise, whatever happens to the server
         * meanwhile. All others may be mended while the job restarts.
         */
        public boolean isPermanent() {
            return switch (this) {
                case CHANGES_NOT_DECODABLE,
                        SLOT_MISSING,
                        SLOT_INVALIDATED,
                        SLOT_AHEAD_OF_STATE,
                        SLOT_NOT_USABLE,
                        STATE_FOR_OTHER_SLOT,
                        STATE_AHEAD_OF_SERVER ->
                        true;
                case ACCESS_REFUSED,
                        SERVER_NOT_PREPARED,
                        PUBLICATION_MISSING,
                        SLOT_ACTIVE_ELSEWHERE,
                        SLOT_NOT_CREATED_IN_TIME,
                        STREAM_FAILED ->
                        false;
            };
        }

        /** Whether a start that may begin anew gets past it. */
        public boolean isMendedByResnapshot() {
            return switch (this) {
                case SLOT_MISSING, SLOT_AHEAD_OF_STATE, STATE_AHEAD_OF_SERVER -> true;
                default -> false;
            };
        }
    }

    private final Problem problem;

    public PostgresCdcException(Problem problem, String message) {
        this(problem, message, null);
    }

    public PostgresCdcException(Problem problem, String message, Throwable cause) {
        super(message, cause);
        this.problem = problem;
    }

    public Problem problem() {
        return problem;
    }
}
