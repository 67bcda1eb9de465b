package io.ponix.client.postgres;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * The environment variables that say how to reach Postgres: the same for every program, with the
 * same defaults. {@link PostgresSettings#fromEnvironment} reads them.
 */
@API(status = Status.EXPERIMENTAL)
public enum PostgresVariable {
    URL(
            "",
            "all of it in one: postgres://user:password@host:port/database?sslmode=verify-full&sslrootcert=…,"
                    + " also with sslcert, sslkey, min_connections, max_connections, acquire_timeout and"
                    + " idle_timeout (seconds)"),
    HOST(
            "localhost",
            "host of the database; or several, separated by commas, of which one is the primary,"
                    + " each with its port if it has one: a:5432,b:5433"),
    PORT("5432", "port of the database, on hosts that have none of their own"),
    DATABASE("ponix", "name of the database"),
    USERNAME("ponix", "role"),
    PASSWORD("ponix", "the role's password"),
    SSLMODE(
            "prefer",
            "disable, allow, prefer, require, verify-ca or verify-full: only the last two look at the"
                    + " server's certificate, only the last at its host name"),
    SSLROOTCERT(
            "", "file of the certificate authorities to trust, PEM; for verify-ca and verify-full"),
    SSLCERT("", "file of the client's certificate, PEM, if the server wants one"),
    SSLKEY("", "file of its private key, PKCS #8 in PEM or DER, without a password"),
    POOL_SIZE("10", "most connections of a pool"),
    POOL_MIN_SIZE("1", "connections that a pool keeps while nobody needs them"),
    CONNECTION_TIMEOUT_MS("30000", "how long to wait for a connection of a pool, 250 or more"),
    IDLE_TIMEOUT_MS("600000", "how long a pool keeps others that nobody needs, 10000 or more");

    private static final String PREFIX = "PONIX_POSTGRES_";

    private final String byDefault;
    private final String meaning;

    PostgresVariable(String byDefault, String meaning) {
        this.byDefault = byDefault;
        this.meaning = meaning;
    }

    /** Its name in the environment: {@code PONIX_POSTGRES_HOST}. */
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

    /** Whether it is about pools, which most programs have none of. */
    public boolean isOfPools() {
        return switch (this) {
            case POOL_SIZE, POOL_MIN_SIZE, CONNECTION_TIMEOUT_MS, IDLE_TIMEOUT_MS -> true;
            default -> false;
        };
    }

    /** What the URL calls it, if that is a parameter of it. */
    Optional<String> parameter() {
        return switch (this) {
            case SSLMODE, SSLROOTCERT, SSLCERT, SSLKEY ->
                    Optional.of(name().toLowerCase(Locale.ROOT));
            case POOL_SIZE -> Optional.of("max_connections");
            case POOL_MIN_SIZE -> Optional.of("min_connections");
            case CONNECTION_TIMEOUT_MS -> Optional.of("acquire_timeout");
            case IDLE_TIMEOUT_MS -> Optional.of("idle_timeout");
            case URL, HOST, PORT, DATABASE, USERNAME, PASSWORD -> Optional.empty();
        };
    }

    /** Whether the URL says it in seconds, the variable in milliseconds. */
    boolean isTime() {
        return this == CONNECTION_TIMEOUT_MS || this == IDLE_TIMEOUT_MS;
    }

    /** Whether the environment says which database is meant, so that no other is. */
    public static boolean namesServerIn(Map<String, String> environment) {
        return isSetIn(environment, HOST) || isSetIn(environment, URL);
    }

    private static boolean isSetIn(Map<String, String> environment, PostgresVariable variable) {
        return !environment.getOrDefault(variable.variable(), "").isBlank();
    }
}
