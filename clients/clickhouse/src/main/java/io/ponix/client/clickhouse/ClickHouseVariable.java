package io.ponix.client.clickhouse;

import java.util.Map;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * The environment variables that say how to reach ClickHouse: the same for every program, with the
 * same defaults. {@link ClickHouseSettings#fromEnvironment} reads them.
 */
@API(status = Status.EXPERIMENTAL)
public enum ClickHouseVariable {
    URL(
            "http://localhost:8123",
            "ClickHouse's HTTP interface, https:// for TLS; several replicas separated by commas"),
    DATABASE("ponix", "database of the rows"),
    USERNAME("ponix", "user"),
    PASSWORD("ponix", "the user's password"),
    TLS_TRUSTSTORE(
            "",
            "certificate authorities to trust in place of Java's: PEM, PKCS #12 or Java keystore"),
    TLS_TRUSTSTORE_PASSWORD("", "password of that file, unless it is PEM"),
    TLS_KEYSTORE(
            "",
            "certificate and private key, if the server wants one: PEM (both in one file),"
                    + " PKCS #12 or Java keystore"),
    TLS_KEYSTORE_PASSWORD("", "password of that file, unless it is PEM");

    private static final String PREFIX = "PONIX_CLICKHOUSE_";

    private final String byDefault;
    private final String meaning;

    ClickHouseVariable(String byDefault, String meaning) {
        this.byDefault = byDefault;
        this.meaning = meaning;
    }

    /** Its name in the environment: {@code PONIX_CLICKHOUSE_URL}. */
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
