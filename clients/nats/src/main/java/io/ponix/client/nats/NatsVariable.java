package io.ponix.client.nats;

import java.util.Map;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * The environment variables that say how to reach NATS: the same for every program, with the same
 * defaults. {@link NatsSettings#fromEnvironment} reads them.
 */
@API(status = Status.EXPERIMENTAL)
public enum NatsVariable {
    URL("nats://localhost:4222", "NATS servers, separated by commas; tls:// for TLS"),
    USERNAME("", "user, if the servers want one"),
    PASSWORD("", "the user's password"),
    TOKEN("", "token, if the servers want one"),
    CREDENTIALS_FILE("", "credentials file (JWT and NKey seed), in place of a user or token"),
    INBOX_PREFIX(
            "_INBOX",
            "how subjects begin on which it is answered: _INBOX and more, where users must not hear"
                    + " each other's answers"),
    TLS_TRUSTSTORE(
            "",
            "certificate authorities to trust in place of Java's, and to speak TLS: PEM, PKCS #12 or"
                    + " Java keystore"),
    TLS_TRUSTSTORE_PASSWORD("", "password of that file, unless it is PEM"),
    TLS_KEYSTORE(
            "",
            "certificate and private key, if the servers want one: PEM (both in one file),"
                    + " PKCS #12 or Java keystore"),
    TLS_KEYSTORE_PASSWORD("", "password of that file, unless it is PEM");

    private static final String PREFIX = "PONIX_NATS_";

    private final String byDefault;
    private final String meaning;

    NatsVariable(String byDefault, String meaning) {
        this.byDefault = byDefault;
        this.meaning = meaning;
    }

    /** Its name in the environment: {@code PONIX_NATS_URL}. */
    public String variable() {
        return PREFIX + name();
    }

    /** What holds where nothing is said; empty where that is nothing. */
    public String byDefault() {
        return byDefault;
    }

    /** For help texts. */
    public String meaning() {
        return meaning;
    }

    /** What the environment says, or the default. */
    String in(Map<String, String> environment) {
        String value = environment.getOrDefault(variable(), "").strip();
        return value.isEmpty() ? byDefault : value;
    }

    /** Whether the environment says which servers are meant, so that no other is. */
    public static boolean namesServerIn(Map<String, String> environment) {
        return !environment.getOrDefault(URL.variable(), "").isBlank();
    }
}
