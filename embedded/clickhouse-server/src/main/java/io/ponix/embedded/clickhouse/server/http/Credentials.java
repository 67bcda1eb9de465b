package io.ponix.embedded.clickhouse.server.http;

import io.ponix.embedded.clickhouse.server.access.AccessUser;
import io.ponix.embedded.clickhouse.server.engine.EngineException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/**
 * Who may log in to the server.
 *
 * @param username the name of who may do everything
 * @param password that user's password, never logged
 * @param others who may do less
 */
public record Credentials(String username, String password, List<AccessUser> others) {

    private static final int AUTHENTICATION_FAILED = 516;

    /**
     * Finds who it is, nothing for the one who may do everything. Refuses another user or password,
     * without saying which of them is wrong.
     */
    Optional<AccessUser> check(String givenUsername, String givenPassword) throws EngineException {
        // Both compared in full: the time taken tells nothing.
        if (isEqual(username, givenUsername) & isEqual(password, givenPassword)) {
            return Optional.empty();
        }
        for (AccessUser user : others) {
            if (!user.password().isEmpty()
                    && isEqual(user.name(), givenUsername)
                            & isEqual(user.password(), givenPassword)) {
                return Optional.of(user);
            }
        }
        throw EngineException.of(
                AUTHENTICATION_FAILED,
                givenUsername
                        + ": Authentication failed: password is incorrect, or there is no user"
                        + " with such name.",
                "AUTHENTICATION_FAILED");
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
