package io.ponix.environment;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The variables whose value is a secret, or may have one in it. Each may be given in a file
 * instead, which the variable of the same name with {@code _FILE} names: {@link SecretFiles}.
 */
public enum Secret {
    PONIX_API_KEY,
    PONIX_BRIDGE_TLS_KEYSTORE_PASSWORD,
    PONIX_CLICKHOUSE_PASSWORD,
    PONIX_CLICKHOUSE_TLS_KEYSTORE_PASSWORD,
    PONIX_CLICKHOUSE_TLS_TRUSTSTORE_PASSWORD,
    PONIX_DEVICE_SERVICE_TLS_KEYSTORE_PASSWORD,
    PONIX_DEVICE_SERVICE_TLS_TRUSTSTORE_PASSWORD,
    PONIX_NATS_PASSWORD,
    PONIX_NATS_TLS_KEYSTORE_PASSWORD,
    PONIX_NATS_TLS_TRUSTSTORE_PASSWORD,
    PONIX_NATS_TOKEN,
    PONIX_NATS_URL,
    PONIX_POSTGRES_PASSWORD,
    PONIX_POSTGRES_URL;

    private static final String FILE = "_FILE";

    /** A user with a password, or a token, before the host: nats://token@host. */
    private static final Pattern LOG_IN = Pattern.compile("(^|//|,)[^/?#,@]+@");

    /** The same with a password, or that as a parameter: postgres://me@host?password=secret. */
    private static final Pattern PASSWORD =
            Pattern.compile("//[^/?#@]*:[^/?#@]*@|[?&][a-z]*password=", Pattern.CASE_INSENSITIVE);

    /** The variable that names the file: {@code PONIX_NATS_TOKEN_FILE}. */
    public String fileVariable() {
        return name() + FILE;
    }

    /** Whether such a value gives away anything: an address may be one without a password. */
    boolean isSecret(String value) {
        return switch (this) {
            case PONIX_NATS_URL -> LOG_IN.matcher(value).find();
            case PONIX_POSTGRES_URL -> PASSWORD.matcher(value).find();
            default -> !value.isBlank();
        };
    }

    /** Returns the secret of a variable's name, if its value is one. */
    static Optional<Secret> of(String variable) {
        return Arrays.stream(values()).filter(secret -> secret.name().equals(variable)).findFirst();
    }

    /** Returns the names of the variables, in alphabetical order, with those that name files. */
    public static Set<String> variables() {
        Set<String> names = new TreeSet<>();
        for (Secret secret : values()) {
            names.add(secret.name());
            names.add(secret.fileVariable());
        }
        return names;
    }
}
