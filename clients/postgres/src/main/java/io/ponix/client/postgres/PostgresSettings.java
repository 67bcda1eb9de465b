package io.ponix.client.postgres;

import java.io.Serializable;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * How to reach one Postgres database, on whichever of its servers is the primary. Immutable and
 * serializable, so that it can travel with a job; {@link #toString()} never shows the password.
 *
 * <p>The user needs the attribute {@code REPLICATION} (or superuser) and {@code SELECT} on the
 * published tables.
 */
public final class PostgresSettings implements Serializable {

    private static final long serialVersionUID = 1L;

    /** Postgres' own default port. */
    public static final int DEFAULT_PORT = 5432;

    /** How long one attempt to connect may take: 10 s. */
    public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** How long the server may keep silent within a statement: 30 s. */
    public static final Duration SOCKET_TIMEOUT = Duration.ofSeconds(30);

    /** A parameter that servers report from version 14 on: "on" for a standby. */
    private static final String IN_HOT_STANDBY = "in_hot_standby";

    /** SQLSTATE of a server that does not serve yet: it is starting, or a standby. */
    private static final String CANNOT_CONNECT_NOW = "57P03";

    private static final String OPERATOR_INTERVENTION = "57";
    private static final String CONNECTION_EXCEPTION = "08";

    private final ArrayList<PostgresServer> servers;
    private final String database;
    private final String username;
    private final String password;
    private final TreeMap<String, String> driverProperties;

    // Where the primary was found last: a server that is gone may cost the time to connect.
    private transient volatile int lastPrimary;

    private PostgresSettings(Builder builder) {
        this.servers = new ArrayList<>(PostgresServer.parse(builder.host, builder.port));
        this.database = builder.database;
        this.username = builder.username;
        this.password = builder.password;
        this.driverProperties = new TreeMap<>(builder.driverProperties);
    }

    private PostgresSettings(PostgresSettings other, PostgresServer server) {
        this.servers = new ArrayList<>(List.of(server));
        this.database = other.database;
        this.username = other.username;
        this.password = other.password;
        this.driverProperties = other.driverProperties;
    }

    /** Starts with the port 5432 and no password; host, database and username have to be given. */
    public static Builder builder() {
        return new Builder();
    }

    /** Where the primary may be; at least one. */
    public List<PostgresServer> servers() {
        return Collections.unmodifiableList(servers);
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
        return PostgresServer.address(servers, database);
    }

    /**
     * Opens an ordinary connection to the primary in auto-commit mode; the caller closes it. Of
     * several servers each is asked. Connecting to one fails after {@link #CONNECT_TIMEOUT}, a
     * statement when the server is silent for {@link #SOCKET_TIMEOUT}, unless the driver properties
     * {@code connectTimeout} and {@code socketTimeout} (seconds) say otherwise.
     *
     * @throws SQLException if no server can be reached, all refuse the user, or those that answer
     *     are standbys (SQLSTATE 57P03, as of a server that is starting)
     */
    public Connection connect() throws SQLException {
        return onPrimary(server -> connectTo(server, false));
    }

    /**
     * Opens a connection that understands the commands of the replication protocol, and only simple
     * queries; otherwise as {@link #connect}.
     *
     * @throws SQLException as {@link #connect}, or if the user lacks the attribute REPLICATION
     */
    public Connection connectForReplication() throws SQLException {
        return onPrimary(server -> connectTo(server, true));
    }

    /**
     * How to reach the server that is the primary now, and no other; asks for it only where there
     * are several.
     *
     * @throws SQLException as {@link #connect}
     */
    public PostgresSettings primary() throws SQLException {
        if (servers.size() == 1) {
            return this;
        }
        return onPrimary(
                server -> {
                    connectTo(server, false).close();
                    return new PostgresSettings(this, server);
                });
    }

    private interface Attempt<T> {
        T on(PostgresServer server) throws SQLException;
    }

    private <T> T onPrimary(Attempt<T> attempt) throws SQLException {
        int first = lastPrimary;
        List<SQLException> refusals = new ArrayList<>();
        for (int i = 0; i < servers.size(); i++) {
            int index = (first + i) % servers.size();
            try {
                T result = attempt.on(servers.get(index));
                lastPrimary = index;
                return result;
            } catch (SQLException e) {
                refusals.add(e);
            }
        }
        if (refusals.size() == 1) {
            throw refusals.get(0);
        }
        throw noPrimary(refusals);
    }

    /** One error for all: it passes if that of any server may, as that one may be promoted yet. */
    private static SQLException noPrimary(List<SQLException> refusals) {
        SQLException decisive =
                refusals.stream()
                        .filter(PostgresSettings::mayPass)
                        .findFirst()
                        .orElse(refusals.get(0));
        SQLException error =
                new SQLException(
                        "none of the servers is a primary that answers: "
                                + refusals.stream()
                                        .map(SQLException::getMessage)
                                        .distinct()
                                        .collect(Collectors.joining("; ")),
                        decisive.getSQLState(),
                        decisive);
        refusals.stream().filter(refusal -> refusal != decisive).forEach(error::addSuppressed);
        return error;
    }

    private static boolean mayPass(SQLException refusal) {
        String state = refusal.getSQLState();
        return state == null
                || state.startsWith(CONNECTION_EXCEPTION)
                || state.startsWith(OPERATOR_INTERVENTION);
    }

    private Connection connectTo(PostgresServer server, boolean forReplication)
            throws SQLException {
        // Puts the URL together; connecting is left to the driver, as a data source would ask
        // DriverManager for it.
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setServerNames(new String[] {server.host()});
        dataSource.setPortNumbers(new int[] {server.port()});
        dataSource.setDatabaseName(database);
        dataSource.setConnectTimeout((int) CONNECT_TIMEOUT.toSeconds());
        dataSource.setSocketTimeout((int) SOCKET_TIMEOUT.toSeconds());
        dataSource.setApplicationName("postgres-cdc-source");
        for (Map.Entry<String, String> property : driverProperties.entrySet()) {
            dataSource.setProperty(property.getKey(), property.getValue());
        }
        Properties properties = new Properties();
        PGProperty.USER.set(properties, username);
        PGProperty.PASSWORD.set(properties, password);
        if (forReplication) {
            PGProperty.REPLICATION.set(properties, "database");
            PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
            PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
        }
        Connection connection = PostgresDriver.connect(dataSource.getURL(), properties);
        if ("on".equals(connection.unwrap(PGConnection.class).getParameterStatus(IN_HOT_STANDBY))) {
            connection.close();
            // What a standby tells may be old, and its slots cannot be read before it is promoted.
            throw new SQLException(
                    "Postgres at " + server + " is a standby and was not promoted yet",
                    CANNOT_CONNECT_NOW);
        }
        return connection;
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

        /**
         * The server's host; or those of several servers, separated by commas, of which one is the
         * primary. Each may be followed by a port of its own: {@code a:5432,b:5433}. An IPv6
         * address with a port is written in brackets.
         */
        public Builder host(String host) {
            this.host = host;
            return this;
        }

        /** Of hosts that have none of their own, 1 to 65535; default {@link #DEFAULT_PORT}. */
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
        public PostgresSettings build() {
            requireText("host", host);
            requireText("database", database);
            requireText("username", username);
            if (port < 1 || port > 65535) {
                throw new IllegalArgumentException(
                        "port must be between 1 and 65535, but is " + port);
            }
            return new PostgresSettings(this);
        }

        private static void requireText(String name, String value) {
            if (value == null || value.isBlank()) {
                throw new IllegalArgumentException(name + " must be set");
            }
        }
    }
}
