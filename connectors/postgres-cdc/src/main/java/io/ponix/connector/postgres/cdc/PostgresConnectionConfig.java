package io.ponix.connector.postgres.cdc;

import java.io.Serializable;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * How to reach one Postgres database. Immutable and serializable, so that it can travel with a job;
 * {@link #toString()} never shows the password.
 *
 * <p>The user needs the attribute {@code REPLICATION} (or superuser) and {@code SELECT} on the
 * published tables.
 */
public final class PostgresConnectionConfig implements Serializable {

    private static final long serialVersionUID = 1L;

    /** Postgres' own default port. */
    public static final int DEFAULT_PORT = 5432;

    /** How long one attempt to connect may take: 10 s. */
    public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** How long the server may keep silent within a statement: 30 s. */
    public static final Duration SOCKET_TIMEOUT = Duration.ofSeconds(30);

    private final String host;
    private final int port;
    private final String database;
    private final String username;
    private final String password;
    private final TreeMap<String, String> driverProperties;

    private PostgresConnectionConfig(Builder builder) {
        this.host = builder.host;
        this.port = builder.port;
        this.database = builder.database;
        this.username = builder.username;
        this.password = builder.password;
        this.driverProperties = new TreeMap<>(builder.driverProperties);
    }

    /** Starts with the port 5432 and no password; host, database and username have to be given. */
    public static Builder builder() {
        return new Builder();
    }

    public String host() {
        return host;
    }

    public int port() {
        return port;
    }

    public String database() {
        return database;
    }

    public String username() {
        return username;
    }

    public String password() {
        return password;
    }

    /** What {@link Builder#driverProperty} was given, by name. */
    public Map<String, String> driverProperties() {
        return Collections.unmodifiableMap(driverProperties);
    }

    /** {@code host:port/database}: names the database in messages and logs. */
    public String address() {
        return host + ":" + port + "/" + database;
    }

    /**
     * Opens an ordinary connection in auto-commit mode; the caller closes it. Connecting fails
     * after {@link #CONNECT_TIMEOUT}, a statement when the server is silent for {@link
     * #SOCKET_TIMEOUT}, unless the driver properties {@code connectTimeout} and {@code
     * socketTimeout} (seconds) say otherwise.
     *
     * @throws SQLException if the server cannot be reached or refuses the user
     */
    public Connection connect() throws SQLException {
        // Puts the URL together; connecting is left to the driver, as a data source would ask
        // DriverManager for it.
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setServerNames(new String[] {host});
        dataSource.setPortNumbers(new int[] {port});
        dataSource.setDatabaseName(database);
        dataSource.setConnectTimeout((int) CONNECT_TIMEOUT.toSeconds());
        dataSource.setSocketTimeout((int) SOCKET_TIMEOUT.toSeconds());
        dataSource.setApplicationName("postgres-cdc-source");
        for (Map.Entry<String, String> property : driverProperties.entrySet()) {
            dataSource.setProperty(property.getKey(), property.getValue());
        }
        Properties credentials = new Properties();
        PGProperty.USER.set(credentials, username);
        PGProperty.PASSWORD.set(credentials, password);
        return PostgresDriver.connect(dataSource.getURL(), credentials);
    }

    @Override
    public String toString() {
        return username + "@" + address();
    }

    /** Collects the settings; {@link #build()} names the one that is missing or wrong. */
    public static final class Builder {
        private String host;
        private int port = DEFAULT_PORT;
        private String database;
        private String username;
        private String password = "";
        private final Map<String, String> driverProperties = new TreeMap<>();

        private Builder() {}

        public Builder host(String host) {
            this.host = host;
            return this;
        }

        /** 1 to 65535; default {@link #DEFAULT_PORT}. */
        public Builder port(int port) {
            this.port = port;
            return this;
        }

        public Builder database(String database) {
            this.database = database;
            return this;
        }

        public Builder username(String username) {
            this.username = username;
            return this;
        }

        /** Default empty: for servers that authenticate otherwise. */
        public Builder password(String password) {
            this.password = Objects.requireNonNull(password, "password");
            return this;
        }

        /**
         * A connection parameter of the PostgreSQL JDBC driver, for instance {@code sslmode} or
         * {@code sslrootcert}; used for ordinary and for replication connections.
         */
        public Builder driverProperty(String name, String value) {
            driverProperties.put(
                    Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
            return this;
        }

        /**
         * @throws IllegalArgumentException naming the setting that is missing or out of range
         */
        public PostgresConnectionConfig build() {
            requireText("host", host);
            requireText("database", database);
            requireText("username", username);
            if (port < 1 || port > 65535) {
                throw new IllegalArgumentException(
                        "port must be between 1 and 65535, but is " + port);
            }
            return new PostgresConnectionConfig(this);
        }

        private static void requireText(String name, String value) {
            if (value == null || value.isBlank()) {
                throw new IllegalArgumentException(name + " must be set");
            }
        }
    }
}
