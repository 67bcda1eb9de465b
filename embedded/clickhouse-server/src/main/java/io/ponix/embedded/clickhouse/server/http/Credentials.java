package io.ponix.embedded.clickhouse.server.http;

import io.ponix.embedded.clickhouse.server.engine.EngineException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * The one user of the server.
 *
 * @param username the user's name
 * @param password the password, never logged
 */
public record Credentials(String username, String password) {

    private static final int AUTHENTICATION_FAILED = 516;

    /** Refuses another user or password, without saying which of them is wrong. */
    void check(String givenUsername, String givenPassword) throws EngineException {
        // Both compared in full: the time taken tells nothing.
        boolean accepted = isEqual(username, givenUsername) & isEqual(password, givenPassword);
        if (!accepted) {
            throw EngineException.of(
                    AUTHENTICATION_FAILED,
                    givenUsername
                            + ": Authentication failed: password is incorrect, or there is no user"
                            + " with such name.",
                    "AUTHENTICATION_FAILED");
        }
    }

    private static boolean isEqual(String expected, String given) {
        return MessageDigest.isEqual(
                expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "Credentials[username=" + username + "]";
    }
}
