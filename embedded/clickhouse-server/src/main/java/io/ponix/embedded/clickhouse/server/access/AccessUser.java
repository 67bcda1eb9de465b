package io.ponix.embedded.clickhouse.server.access;

import java.util.List;
import java.util.Map;

/**
 * A user who logs in to the server.
 *
 * @param name the name
 * @param password the password; empty for who cannot log in
 * @param roles the engine's roles that the user's rights are in, the user's own one first
 * @param profiles the engine's settings profiles that hold for the user
 * @param settings what these profiles set
 */
public record AccessUser(
        String name,
        String password,
        List<String> roles,
        List<String> profiles,
        Map<String, String> settings) {

    @Override
    public String toString() {
        return "AccessUser[name=" + name + ", roles=" + roles + "]";
    }
}
