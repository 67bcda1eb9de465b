package io.ponix.environment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds secrets in the arguments of a program, where every user of the machine sees them for as
 * long as it runs, and shells write them down.
 */
public final class SecretArguments {

    /** {@code --nats-token}, {@code PONIX_NATS_TOKEN}, both with or without a value. */
    private static final Pattern NAMED =
            Pattern.compile(
                    "(?:-D)?(?<name>--[A-Za-z0-9-]+|PONIX_[A-Z0-9_]+)(?:=(?<value>.*))?",
                    Pattern.DOTALL);

    /** As the device service makes keys. */
    private static final Pattern API_KEY =
            Pattern.compile("(?s).*ponix_[0-9A-Za-z]{1,64}_[0-9A-Za-z_-]{43,128}.*");

    private static final String DOTS = "...";

    private SecretArguments() {}

    /**
     * Returns a line for every argument that is a secret, or has one in it; it says where else to
     * put it, and has nothing of the secret.
     */
    public static List<String> warnings(List<String> arguments) {
        List<String> warnings = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            Matcher named = NAMED.matcher(arguments.get(i));
            boolean isNamed = named.matches();
            Optional<Secret> secret = isNamed ? secret(named.group("name")) : Optional.empty();
            if (secret.isPresent()) {
                String value = named.group("value");
                String next = i + 1 < arguments.size() ? arguments.get(i + 1) : "";
                if (secret.get().isSecret(value == null ? next : value)) {
                    warnings.add(warning(named.group("name"), secret.get()));
                }
            } else if (API_KEY.matcher(arguments.get(i)).matches()) {
                warnings.add(
                        warning(
                                isNamed ? named.group("name") : "A key of the device service",
                                Secret.PONIX_API_KEY));
            }
        }
        return warnings;
    }

    /** Returns the arguments with dots in place of secrets, for messages. */
    public static String shown(List<String> arguments) {
        List<String> shown = new ArrayList<>();
        Optional<Secret> before = Optional.empty();
        for (String argument : arguments) {
            Matcher named = NAMED.matcher(argument);
            boolean isNamed = named.matches();
            boolean hasValue = isNamed && named.group("value") != null;
            if (before.filter(secret -> secret.isSecret(argument)).isPresent()) {
                shown.add(DOTS);
            } else if (hasValue && !warnings(List.of(argument)).isEmpty()) {
                shown.add(argument.substring(0, named.start("value")) + DOTS);
            } else {
                shown.add(API_KEY.matcher(argument).matches() ? DOTS : argument);
            }
            before = isNamed && !hasValue ? secret(named.group("name")) : Optional.empty();
        }
        return String.join(" ", shown);
    }

    private static Optional<Secret> secret(String name) {
        return Secret.of(
                name.startsWith("--")
                        ? "PONIX_"
                                + name.substring("--".length())
                                        .replace('-', '_')
                                        .toUpperCase(Locale.ROOT)
                        : name);
    }

    /**
     * Returns such a line.
     *
     * @param what names the argument, and nothing of its value
     */
    public static String warning(String what, Secret secret) {
        return what
                + " is given as an argument, which others on this machine see: set "
                + secret
                + ", or "
                + secret.fileVariable()
                + " to a file that holds it";
    }
}
