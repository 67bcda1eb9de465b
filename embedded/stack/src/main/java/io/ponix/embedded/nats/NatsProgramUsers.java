package io.ponix.embedded.nats;

import io.ponix.embedded.install.ProjectFiles;
import io.ponix.embedded.process.HomeSecret;
import io.ponix.environment.SecretValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The users of docker/nats-users.conf, one for each program, for a server of its own. There a
 * password is a variable of nats-server's environment, {@code $NATS_JOB_PASSWORD}; here it is one
 * within the configuration.
 */
public final class NatsProgramUsers {

    /** Whom {@code ./ponix} and people are; it may do everything. */
    public static final String OPERATOR = "ponix-operator";

    /** Whom jobs are. */
    public static final String JOB = "ponix-job";

    /** Whom the bridge is. */
    public static final String BRIDGE = "ponix-bridge";

    /** Whom the device service is. */
    public static final String SERVICE = "ponix-service";

    private static final Pattern USER =
            Pattern.compile(
                    "\\{user: ([a-z-]+), password: \\$(\\w+)"
                            + "(?:}|, permissions: \\{\\s*subscribe: \"(_INBOX_[a-z]+)\\.>\")");

    private final String file;
    private final Map<String, NatsProgramUser> users = new TreeMap<>();
    private final StringBuilder passwords = new StringBuilder();

    private NatsProgramUsers(Function<String, SecretValue> passwordOf) {
        this.file = file();
        Matcher user = USER.matcher(file);
        while (user.find()) {
            String name = user.group(1);
            SecretValue password = passwordOf.apply(name);
            String inboxPrefix = user.group(3) == null ? "_INBOX" : user.group(3);
            users.put(name, new NatsProgramUser(name, password, inboxPrefix));
            passwords.append(user.group(2)).append(": \"").append(password.reveal()).append("\"\n");
        }
    }

    /**
     * Those of the checkout, for tests: everybody knows the passwords.
     *
     * @throws UncheckedIOException if the file cannot be read
     */
    public static NatsProgramUsers ofTheCheckout() {
        return new NatsProgramUsers(name -> SecretValue.of("of-" + name));
    }

    /**
     * The same with random passwords, which are files of their own, made where they are not there.
     *
     * @param folder of the files
     * @throws UncheckedIOException if the file of the users cannot be read, or a password not made
     */
    static NatsProgramUsers withPasswordsIn(Path folder) {
        return new NatsProgramUsers(
                name -> HomeSecret.made(folder.resolve(name), "PONIX_NATS_PASSWORD"));
    }

    private static String file() {
        try {
            return Files.readString(
                    ProjectFiles.require("docker/nats-users.conf", "the checkout is incomplete"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For {@link EmbeddedNats.Builder#configuration}: the users, and their passwords. */
    public String configuration() {
        return passwords + file;
    }

    /**
     * A user.
     *
     * @throws IllegalArgumentException if the file has none of this name
     */
    public NatsProgramUser of(String name) {
        NatsProgramUser user = users.get(name);
        if (user == null) {
            throw new IllegalArgumentException("name: must be one of " + users.keySet());
        }
        return user;
    }
}
