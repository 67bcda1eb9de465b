package io.ponix.embedded.nats;

import io.ponix.embedded.install.ProjectFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The users of docker/nats-users.conf, one for each program, for a server of its own. There a
 * password is a variable of nats-server's environment, {@code $NATS_JOB_PASSWORD}; here it is one
 * within the configuration.
 */
public final class NatsProgramUsers {

    private static final Pattern USER =
            Pattern.compile(
                    "\\{user: ([a-z-]+), password: \\$(\\w+)"
                            + "(?:}|, permissions: \\{\\s*subscribe: \"(_INBOX_[a-z]+)\\.>\")");

    private final String file;
    private final Map<String, NatsProgramUser> users = new TreeMap<>();
    private final StringBuilder passwords = new StringBuilder();

    private NatsProgramUsers(String file) {
        this.file = file;
        Matcher user = USER.matcher(file);
        while (user.find()) {
            String name = user.group(1);
            String password = "of-" + name;
            String inboxPrefix = user.group(3) == null ? "_INBOX" : user.group(3);
            users.put(name, new NatsProgramUser(name, password, inboxPrefix));
            passwords.append(user.group(2)).append(": \"").append(password).append("\"\n");
        }
    }

    /**
     * Those of the checkout.
     *
     * @throws UncheckedIOException if the file cannot be read
     */
    public static NatsProgramUsers ofTheCheckout() {
        try {
            return new NatsProgramUsers(
                    Files.readString(
                            ProjectFiles.require(
                                    "docker/nats-users.conf", "the checkout is incomplete")));
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
