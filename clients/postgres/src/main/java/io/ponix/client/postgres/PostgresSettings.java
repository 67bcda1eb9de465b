package io.ponix.client.postgres;

import io.ponix.environment.SecretValue;
import java.io.EOFException;
import java.io.Serializable;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
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
@API(status = Status.EXPERIMENTAL)
public final class PostgresSettings implements Serializable {

    private static final long serialVersionUID = 1L;

    /** How long one attempt to connect may take: 10 s. */
    public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** How long the server may keep silent within a statement: 30 s. */
    public static final Duration SOCKET_TIMEOUT = Duration.ofSeconds(30);

    /** A parameter that servers report from version 14 on: "on" for a standby. */
    private static final String IN_HOT_STANDBY = "in_hot_standby";

    /** SQLSTATE of a server that does not serve yet: it is starting, or a standby. */
    private static final String CANNOT_CONNECT_NOW = "57P03";

    /** SQLSTATE, as of a connection that the server refused, of one that was not asked for. */
    private static final String UNUSABLE_TLS = "08004";

    private static final String OPERATOR_INTERVENTION = "57";
    private static final String CONNECTION_EXCEPTION = "08";

    private final ArrayList<PostgresServer> servers;
    private final String database;
    private final String username;
    private final SecretValue password;
    private final SslMode sslMode;
    private final String rootCertificate;
    private final String certificate;
    private final String key;
    private final Pool pool;
    private final String applicationName;
    private final TreeMap<String, String> driverProperties;

    // Where the primary was found last: a server that is gone may cost the time to connect.
    private transient volatile int lastPrimary;

    private PostgresSettings(Builder builder, List<PostgresServer> servers, Pool pool) {
        this.servers = new ArrayList<>(servers);
        this.database = builder.database;
        this.username = builder.username;
        this.password = builder.password;
        this.sslMode = builder.sslMode;
        this.rootCertificate = builder.rootCertificate;
        this.certificate = builder.certificate;
        this.key = builder.key;
        this.pool = pool;
        this.applicationName = null;
        this.driverProperties = new TreeMap<>(builder.driverProperties);
    }

    private PostgresSettings(
            PostgresSettings other,
            List<PostgresServer> servers,
            String applicationName,
            Map<String, String> properties) {
        this.servers = new ArrayList<>(servers);
        this.database = other.database;
        this.username = other.username;
        this.password = other.password;
        this.sslMode = other.sslMode;
        this.rootCertificate = other.rootCertificate;
        this.certificate = other.certificate;
        this.key = other.key;
        this.pool = other.pool;
        this.applicationName = applicationName;
        this.driverProperties = new TreeMap<>(properties);
    }

    /**
     * How large a pool of connections is: at least one and at most 1,000.
     *
     * @param minConnections kept while nobody needs them
     * @param maxConnections at most open at a time
     * @param acquireTimeout how long to wait for one
     * @param idleTimeout how long others than the least are kept while nobody needs them
     */
    public record Pool(
            int minConnections, int maxConnections, Duration acquireTimeout, Duration idleTimeout)
            implements Serializable {}

    /**
     * Reads the settings from environment variables; what is not set or blank has its default.
     *
     * @throws IllegalArgumentException if something cannot be used, or the URL contradicts another
     *     variable; the message names the variables and no secret
     */
    public static PostgresSettings fromEnvironment(Map<String, String> environment) {
        return read(environment, PostgresVariable::variable);
    }

    /**
     * As {@link #fromEnvironment}, for programs that take the settings otherwise, too.
     *
     * @param environment what is set, by the names of the variables
     * @param names what messages call a variable
     */
    public static PostgresSettings read(
            Map<String, String> environment, Function<PostgresVariable, String> names) {
        Map<PostgresVariable, String> values = new EnumMap<>(PostgresVariable.class);
        for (PostgresVariable variable : PostgresVariable.values()) {
            String value = environment.getOrDefault(variable.variable(), "").strip();
            if (!value.isEmpty()) {
                values.put(variable, value);
            }
        }
        String url = values.remove(PostgresVariable.URL);
        if (url != null) {
            merge(values, parsed(url, names), names);
        }
        for (PostgresVariable variable : PostgresVariable.values()) {
            if (!variable.byDefault().isEmpty()) {
                values.putIfAbsent(variable, variable.byDefault());
            }
        }
        Builder builder = new Builder(names).values(values);
        SecretValue password = SecretValue.in(environment, PostgresVariable.PASSWORD.variable());
        if (password.file().isPresent()) {
            builder.password(password);
        }
        return builder.build();
    }

    /**
     * The variables by which another program gets the same settings, with the secrets; what it
     * needs pools for is its own.
     */
    public Map<String, String> environment() {
        Map<String, String> environment = new TreeMap<>();
        PostgresServer first = servers.get(0);
        boolean same = servers.stream().allMatch(server -> server.port() == first.port());
        environment.put(
                PostgresVariable.HOST.variable(),
                servers.stream()
                        .map(server -> same ? server.host() : server.toString())
                        .collect(Collectors.joining(",")));
        environment.put(PostgresVariable.PORT.variable(), Integer.toString(first.port()));
        environment.put(PostgresVariable.DATABASE.variable(), database);
        environment.put(PostgresVariable.USERNAME.variable(), username);
        password.addTo(environment, PostgresVariable.PASSWORD.variable());
        environment.put(PostgresVariable.SSLMODE.variable(), sslMode.toString());
        // Also where there is none: another program may inherit one that is for another server.
        environment.put(
                PostgresVariable.SSLROOTCERT.variable(),
                Objects.requireNonNullElse(rootCertificate, ""));
        environment.put(
                PostgresVariable.SSLCERT.variable(), Objects.requireNonNullElse(certificate, ""));
        environment.put(PostgresVariable.SSLKEY.variable(), Objects.requireNonNullElse(key, ""));
        return environment;
    }

    private static Map<PostgresVariable, String> parsed(
            String url, Function<PostgresVariable, String> names) {
        try {
            return PostgresUrl.parse(url);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    names.apply(PostgresVariable.URL) + " " + e.getMessage());
        }
    }

    private static void merge(
            Map<PostgresVariable, String> values,
            Map<PostgresVariable, String> ofUrl,
            Function<PostgresVariable, String> names) {
        String port = values.getOrDefault(PostgresVariable.PORT, PostgresVariable.PORT.byDefault());
        String hosts = ofUrl.get(PostgresVariable.HOST);
        ofUrl.forEach(
                (variable, value) -> {
                    String other = values.put(variable, value);
                    boolean same =
                            other == null
                                    || (variable == PostgresVariable.HOST
                                            ? servers(other, port).equals(servers(value, port))
                                            : other.equals(value));
                    if (!same) {
                        throw contradiction(names, variable, value, other);
                    }
                });
        String ownPort = values.get(PostgresVariable.PORT);
        if (ownPort != null
                && !servers(hosts, ownPort).isEmpty()
                && servers(hosts, ownPort).stream()
                        .noneMatch(server -> ownPort.equals(Integer.toString(server.port())))) {
            throw contradiction(names, PostgresVariable.PORT, hosts, ownPort);
        }
    }

    /** None where they cannot be read, which is said when they are used. */
    private static List<PostgresServer> servers(String hosts, String defaultPort) {
        try {
            return PostgresServer.parse(hosts, Integer.parseInt(defaultPort));
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    private static IllegalArgumentException contradiction(
            Function<PostgresVariable, String> names,
            PostgresVariable variable,
            String ofUrl,
            String other) {
        return new IllegalArgumentException(
                names.apply(PostgresVariable.URL)
                        + " and "
                        + names.apply(variable)
                        + " contradict each other"
                        + (variable == PostgresVariable.PASSWORD
                                ? ""
                                : " ('" + ofUrl + "' and '" + other + "')")
                        + ": set one of them");
    }

    /** Starts with the port 5432 and no password; host, database and username have to be given. */
    public static Builder builder() {
        return new Builder(variable -> variable.name().toLowerCase(Locale.ROOT));
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
        return password.reveal();
    }

    /** For programs that keep connections. */
    public Pool pool() {
        return pool;
    }

    /** What is demanded of TLS. */
    public SslMode sslMode() {
        return sslMode;
    }

    /**
     * TLS as the driver's parameters: {@code sslmode}, and those of {@code sslrootcert}, {@code
     * sslcert} and {@code sslkey} that are set.
     */
    public Map<String, String> tlsProperties() {
        Map<String, String> properties = new TreeMap<>();
        properties.put("sslmode", sslMode.toString());
        putIfSet(properties, "sslrootcert", rootCertificate);
        putIfSet(properties, "sslcert", certificate);
        putIfSet(properties, "sslkey", key);
        return properties;
    }

    private static void putIfSet(Map<String, String> properties, String name, String value) {
        if (value != null) {
            properties.put(name, value);
        }
    }

    /** What {@link Builder#driverProperty} was given, by name. */
    public Map<String, String> driverProperties() {
        return Collections.unmodifiableMap(driverProperties);
    }

    /** The same, with another parameter of the JDBC driver, as {@link Builder#driverProperty}. */
    public PostgresSettings withDriverProperty(String name, String value) {
        Map<String, String> properties = new TreeMap<>(driverProperties);
        properties.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, name));
        return new PostgresSettings(this, servers, applicationName, properties);
    }

    /** The same, for connections of this class that the server lists under a name. */
    public PostgresSettings as(String applicationName) {
        return new PostgresSettings(this, servers, applicationName, driverProperties);
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
                    return new PostgresSettings(
                            this, List.of(server), applicationName, driverProperties);
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
        if (applicationName != null) {
            dataSource.setApplicationName(applicationName);
        }
        for (Map.Entry<String, String> property : tlsProperties().entrySet()) {
            dataSource.setProperty(property.getKey(), property.getValue());
        }
        for (Map.Entry<String, String> property : driverProperties.entrySet()) {
            dataSource.setProperty(property.getKey(), property.getValue());
        }
        Properties properties = new Properties();
        PGProperty.USER.set(properties, username);
        PGProperty.PASSWORD.set(properties, password.reveal());
        if (forReplication) {
            PGProperty.REPLICATION.set(properties, "database");
            PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
            PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
        }
        requireReadable(PostgresVariable.SSLROOTCERT, rootCertificate);
        requireReadable(PostgresVariable.SSLCERT, certificate);
        requireReadable(PostgresVariable.SSLKEY, key);
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

    /** The driver would go on without a client's certificate that it does not find. */
    private static void requireReadable(PostgresVariable variable, String file)
            throws SQLException {
        if (file != null && !Files.isReadable(Path.of(file))) {
            throw new SQLException(
                    variable.name().toLowerCase(Locale.ROOT)
                            + ": the file "
                            + file
                            + " does not exist or cannot be read",
                    UNUSABLE_TLS);
        }
    }

    /**
     * Opens a connection whenever one is asked for, as {@link #connect}: for pools. Who logs in and
     * how long it may take is in the settings, and not to be said to it.
     */
    public DataSource dataSource() {
        return new ConnectingDataSource(this);
    }

    /**
     * Whether a refusal is about TLS: the server has none, or its certificate or ours is not
     * trusted. It does not pass by itself.
     *
     * @param refusal what {@link #connect} threw
     */
    public boolean isAboutTls(SQLException refusal) {
        String state = refusal.getSQLState();
        if (UNUSABLE_TLS.equals(state)) {
            return true;
        }
        return sslMode.isRequired()
                && state != null
                && state.startsWith(CONNECTION_EXCEPTION)
                && causes(refusal)
                        .noneMatch(
                                cause ->
                                        cause instanceof ConnectException
                                                || cause instanceof NoRouteToHostException
                                                || cause instanceof SocketException
                                                || cause instanceof SocketTimeoutException
                                                || cause instanceof EOFException
                                                || cause instanceof UnknownHostException);
    }

    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause);
    }

    /**
     * The variables that a person should look at when {@link #connect} was refused.
     *
     * @param refusal what it threw
     * @return at least one
     */
    public List<PostgresVariable> toBlame(SQLException refusal) {
        if (isAboutTls(refusal)) {
            return certificate == null
                    ? List.of(PostgresVariable.SSLMODE, PostgresVariable.SSLROOTCERT)
                    : List.of(
                            PostgresVariable.SSLMODE,
                            PostgresVariable.SSLROOTCERT,
                            PostgresVariable.SSLCERT,
                            PostgresVariable.SSLKEY);
        }
        return switch (String.valueOf(refusal.getSQLState())) {
            case "28P01" -> List.of(PostgresVariable.USERNAME, PostgresVariable.PASSWORD);
            // Also of a server that lets this user in with TLS only, or with a certificate.
            case "28000" ->
                    List.of(
                            PostgresVariable.USERNAME,
                            PostgresVariable.PASSWORD,
                            PostgresVariable.SSLMODE);
            case "3D000" -> List.of(PostgresVariable.DATABASE);
            default -> List.of(PostgresVariable.HOST, PostgresVariable.PORT);
        };
    }

    /** Whether they lead the same user to the same database. */
    @Override
    public boolean equals(Object other) {
        return other instanceof PostgresSettings settings && settings.compared().equals(compared());
    }

    @Override
    public int hashCode() {
        return compared().hashCode();
    }

    /** Wherever the password is from. */
    private Map<String, String> compared() {
        Map<String, String> compared = environment();
        password.revealIn(compared, PostgresVariable.PASSWORD.variable());
        return compared;
    }

    @Override
    public String toString() {
        return username + "@" + address();
    }

    /** Collects the settings; {@link #build()} names the one that is missing or wrong. */
    public static final class Builder {
        private final Function<PostgresVariable, String> names;
        private String host;
        private String port = PostgresVariable.PORT.byDefault();
        private String database;
        private String username;
        private SecretValue password = SecretValue.NONE;
        private SslMode sslMode = SslMode.PREFER;
        private String rootCertificate;
        private String certificate;
        private String key;
        private final Map<PostgresVariable, String> pool = new EnumMap<>(PostgresVariable.class);
        private final Map<String, String> driverProperties = new TreeMap<>();

        private Builder(Function<PostgresVariable, String> names) {
            this.names = names;
            for (PostgresVariable variable : PostgresVariable.values()) {
                if (variable.isOfPools()) {
                    pool.put(variable, variable.byDefault());
                }
            }
        }

        private Builder values(Map<PostgresVariable, String> values) {
            values.forEach(this::value);
            return this;
        }

        private void value(PostgresVariable variable, String value) {
            switch (variable) {
                case URL -> throw new IllegalStateException("read before");
                case HOST -> host = value;
                case PORT -> port = value;
                case DATABASE -> database = value;
                case USERNAME -> username = value;
                case PASSWORD -> password = SecretValue.of(value);
                case SSLMODE -> sslMode = checked(variable, () -> SslMode.parse(value));
                case SSLROOTCERT -> rootCertificate = value;
                case SSLCERT -> certificate = value;
                case SSLKEY -> key = value;
                case POOL_SIZE, POOL_MIN_SIZE, CONNECTION_TIMEOUT_MS, IDLE_TIMEOUT_MS ->
                        pool.put(variable, value);
            }
        }

        /**
         * The server's host; or those of several servers, separated by commas, of which one is the
         * primary. Each may be followed by a port of its own: {@code a:5432,b:5433}. An IPv6
         * address with a port is written in brackets.
         */
        public Builder host(String host) {
            this.host = host;
            return this;
        }

        /** Of hosts that have none of their own, 1 to 65535; default 5432. */
        public Builder port(int port) {
            this.port = Integer.toString(port);
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
            return password(SecretValue.of(password));
        }

        /** The same, which may be in a file. */
        public Builder password(SecretValue password) {
            this.password = Objects.requireNonNull(password, "password");
            return this;
        }

        /** Default {@link SslMode#PREFER}. */
        public Builder sslMode(SslMode sslMode) {
            this.sslMode = Objects.requireNonNull(sslMode, "sslMode");
            return this;
        }

        /**
         * The file of the authorities to trust, in PEM, on every machine that connects. Default
         * {@code ~/.postgresql/root.crt}.
         */
        public Builder rootCertificate(String file) {
            this.rootCertificate = file;
            return this;
        }

        /**
         * The files of the client's certificate, in PEM, and of its private key, PKCS #8 in PEM or
         * DER without a password, on every machine that connects.
         */
        public Builder certificate(String certificateFile, String keyFile) {
            this.certificate = certificateFile;
            this.key = keyFile;
            return this;
        }

        /**
         * A connection parameter of the PostgreSQL JDBC driver; used for ordinary and for
         * replication connections.
         */
        public Builder driverProperty(String name, String value) {
            driverProperties.put(
                    Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
            return this;
        }

        /**
         * @throws IllegalArgumentException naming the setting that is missing, out of range, or
         *     without effect
         */
        public PostgresSettings build() {
            requireText(PostgresVariable.HOST, host);
            requireText(PostgresVariable.DATABASE, database);
            requireText(PostgresVariable.USERNAME, username);
            int defaultPort = number(PostgresVariable.PORT, port, 1, 65_535);
            List<PostgresServer> servers =
                    checked(PostgresVariable.HOST, () -> PostgresServer.parse(host, defaultPort));
            if (rootCertificate != null && !sslMode.isVerified()) {
                throw new IllegalArgumentException(
                        names.apply(PostgresVariable.SSLROOTCERT)
                                + " is set, but no certificate is checked with "
                                + names.apply(PostgresVariable.SSLMODE)
                                + " "
                                + sslMode
                                + ": set that to verify-full");
            }
            if ((certificate == null) != (key == null)) {
                throw new IllegalArgumentException(
                        names.apply(PostgresVariable.SSLCERT)
                                + " and "
                                + names.apply(PostgresVariable.SSLKEY)
                                + " belong together: set both or none");
            }
            if (certificate != null && sslMode == SslMode.DISABLE) {
                throw new IllegalArgumentException(
                        names.apply(PostgresVariable.SSLCERT)
                                + " is set, but there is no TLS with "
                                + names.apply(PostgresVariable.SSLMODE)
                                + " disable");
            }
            return new PostgresSettings(this, servers, poolOfThat());
        }

        private Pool poolOfThat() {
            int most = poolNumber(PostgresVariable.POOL_SIZE, 1, 1_000);
            return new Pool(
                    poolNumber(PostgresVariable.POOL_MIN_SIZE, 0, most),
                    most,
                    Duration.ofMillis(
                            poolNumber(PostgresVariable.CONNECTION_TIMEOUT_MS, 250, 600_000)),
                    Duration.ofMillis(
                            poolNumber(PostgresVariable.IDLE_TIMEOUT_MS, 10_000, 86_400_000)));
        }

        private int poolNumber(PostgresVariable variable, int least, int most) {
            return number(variable, pool.get(variable), least, most);
        }

        private int number(PostgresVariable variable, String value, int least, int most) {
            if (value.matches("-?[0-9]{1,9}")) {
                int number = Integer.parseInt(value);
                if (number >= least && number <= most) {
                    return number;
                }
            }
            throw new IllegalArgumentException(
                    names.apply(variable)
                            + " must be a whole number from "
                            + least
                            + " to "
                            + most
                            + ", not '"
                            + value
                            + "'");
        }

        private <T> T checked(PostgresVariable variable, Supplier<T> value) {
            try {
                return value.get();
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(names.apply(variable) + " " + e.getMessage());
            }
        }

        private void requireText(PostgresVariable variable, String value) {
            if (value == null || value.isBlank()) {
                throw new IllegalArgumentException(names.apply(variable) + " must be set");
            }
        }
    }
}
