package io.ponix.embedded.clickhouse;

import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.embedded.install.ProjectFiles;
import io.ponix.embedded.process.HomeSecret;
import io.ponix.environment.SecretValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The users of docker/clickhouse-users.sql, one for each program, for a server of its own. There
 * they have no passwords; here they have some.
 */
public final class ClickHouseProgramUsers {

    /** Who makes the table. */
    public static final String MIGRATIONS = "ponix-migrations";

    /** Whom jobs are. */
    public static final String JOB = "ponix-job";

    /** Whom the device service is. */
    public static final String SERVICE = "ponix-service";

    private static final Pattern USER =
            Pattern.compile("(?m)^CREATE USER IF NOT EXISTS `([a-z-]+)`");

    private final String statements;
    private final Map<String, SecretValue> passwords = new TreeMap<>();

    private ClickHouseProgramUsers(Function<String, SecretValue> passwordOf) {
        String file = file();
        StringBuilder withPasswords = new StringBuilder(file).append('\n');
        Matcher user = USER.matcher(file);
        while (user.find()) {
            String name = user.group(1);
            SecretValue password = passwordOf.apply(name);
            passwords.put(name, password);
            withPasswords
                    .append("ALTER USER `")
                    .append(name)
                    .append("` IDENTIFIED BY '")
                    .append(password.reveal())
                    .append("';\n");
        }
        statements = withPasswords.toString();
    }

    /**
     * Those of the checkout, for tests: everybody knows the passwords.
     *
     * @throws UncheckedIOException if the file cannot be read
     */
    public static ClickHouseProgramUsers ofTheCheckout() {
        return new ClickHouseProgramUsers(name -> SecretValue.of("of-" + name));
    }

    /**
     * The same with random passwords, which are files of their own, made where they are not there.
     *
     * @param folder of the files
     * @throws UncheckedIOException if the file of the users cannot be read, or a password not made
     */
    static ClickHouseProgramUsers withPasswordsIn(Path folder) {
        return new ClickHouseProgramUsers(
                name -> HomeSecret.made(folder.resolve(name), "PONIX_CLICKHOUSE_PASSWORD"));
    }

    private static String file() {
        try {
            return Files.readString(
                    ProjectFiles.require(
                            "docker/clickhouse-users.sql", "the checkout is incomplete"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Their names. */
    public Set<String> names() {
        return Set.copyOf(passwords.keySet());
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
        return server.as(name, password(name));
    }

    /**
     * What a program is given in its environment, beside the server's address.
     *
     * @throws IllegalArgumentException if the file has no user of this name
     */
    public Map<String, String> environment(String name) {
        Map<String, String> environment = new HashMap<>();
        password(name).addTo(environment, "PONIX_CLICKHOUSE_PASSWORD");
        environment.put("PONIX_CLICKHOUSE_USERNAME", name);
        return environment;
    }

    private SecretValue password(String name) {
        SecretValue password = passwords.get(name);
        if (password == null) {
            throw new IllegalArgumentException("name: must be one of " + passwords.keySet());
        }
        return password;
    }
}
