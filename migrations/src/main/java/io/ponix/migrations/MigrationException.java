package io.ponix.migrations;

/**
 * A migration could not be carried out. The message is meant for a person: it names the file and
 * statement, or the setting.
 */
public final class MigrationException extends RuntimeException {

    MigrationException(String message) {
        super(message);
    }

    MigrationException(String message, Throwable cause) {
        super(message, cause);
    }
}
