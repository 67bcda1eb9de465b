package io.ponix.embedded.clickhouse;

import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.embedded.install.ProjectFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The users of docker/clickhouse-users.sql, one for each program, for a server of its own. There
 * they have no passwords; here they have some.
 */
public final class ClickHouseProgramUsers {

    private static final Pattern USER =
            Pattern.compile("(?m)^CREATE USER IF NOT EXISTS `([a-z-]+)`");

    private final String statements;
    private final TreeSet<String> names = new TreeSet<>();

    private ClickHouseProgramUsers(String file) {
        StringBuilder withPasswords = new StringBuilder(file).append('\n');
        Matcher user = USER.matcher(file);
        while (user.find()) {
            names.add(user.group(1));
            withPasswords
                    .append("ALTER USER `")
                    .append(user.group(1))
                    .append("` IDENTIFIED BY '")
                    .append(password(user.group(1)))
                    .append("';\n");
        }
        statements = withPasswords.toString();
    }

    /**
     * Those of the checkout.
     *
     * @throws UncheckedIOException if the file cannot be read
     */
    public static ClickHouseProgramUsers ofTheCheckout() {
        try {
            return new ClickHouseProgramUsers(
                    Files.readString(
                            ProjectFiles.require(
                                    "docker/clickhouse-users.sql", "the checkout is incomplete")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String password(String name) {
        return "of-" + name;
    }

    /** Their names. */
    public Set<String> names() {
        return Set.copyOf(names);
    }

    /** For {@link EmbeddedClickHouse.Builder#users}: the users, and their passwords. */
    public String statements() {
        return statements;
    }

    /**
     * How a program reaches a server as its user.
     *
     * @param server where it is, whoever else it is for
     * @throws IllegalArgumentException if the file has no user of this name
     */
    public ClickHouseSettings at(ClickHouseSettings server, String name) {
        Map<String, String> environment = new HashMap<>(server.environment());
        environment.putAll(environment(name));
        return ClickHouseSettings.fromEnvironment(environment);
    }

    /**
     * What a program is given in its environment, beside the server's address.
     *
     * @throws IllegalArgumentException if the file has no user of this name
     */
    public Map<String, String> environment(String name) {
        if (!names.contains(name)) {
            throw new IllegalArgumentException("name: must be one of " + names);
        }
        return Map.of(
                "PONIX_CLICKHOUSE_USERNAME", name, "PONIX_CLICKHOUSE_PASSWORD", password(name));
    }
}
