package io.ponix.embedded.clickhouse;

import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.tls.TlsSettings;
import io.ponix.embedded.clickhouse.server.ChdbLibrary;
import io.ponix.embedded.clickhouse.server.ClickHouseServerCommand;
import io.ponix.embedded.install.ProjectFiles;
import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.embedded.process.EmbeddedProcessBuilder;
import io.ponix.embedded.process.EmbeddedProcessException;
import io.ponix.embedded.process.HomeSecret;
import io.ponix.embedded.process.HttpProbe;
import io.ponix.embedded.process.ProcessSpecification;
import io.ponix.environment.SecretValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The ClickHouse engine behind its HTTP interface on 127.0.0.1, in a JVM of its own, with password
 * authentication.
 *
 * <p>Data is in {@code <home>/clickhouse/data}. An insert that was answered survives {@link #kill}.
 */
public final class EmbeddedClickHouse extends EmbeddedProcess {

    /** Of homes without a password of their own. */
    private static final String FORMER_PASSWORD = "ponix";

    private final String database;
    private final String username;

    /** Null where the home has it. */
    private final String password;

    private final Path tls;
    private final String users;
    private final boolean usersOfTheHome;

    private EmbeddedClickHouse(Builder builder) {
        super(builder);
        this.database = builder.database;
        this.username = builder.username;
        this.password = builder.password;
        this.tls = builder.tls;
        this.users = builder.users;
        this.usersOfTheHome = builder.usersOfTheHome;
    }

    /** A builder; {@link Builder#home} is required. */
    public static Builder builder() {
        return new Builder();
    }

    /** Where it answers, and as whom it is used. */
    public ClickHouseSettings address() {
        return ClickHouseSettings.of(
                url(),
                database,
                username,
                password != null
                        ? SecretValue.of(password)
                        : secret().value("PONIX_CLICKHOUSE_PASSWORD")
                                .orElse(SecretValue.of(FORMER_PASSWORD)));
    }

    /**
     * Where it answers one of the users of the home.
     *
     * @param user of those in {@link ClickHouseProgramUsers}
     * @throws IllegalStateException where it has none
     */
    public ClickHouseSettings address(String user) {
        return programUsers().at(address(), user);
    }

    /**
     * What a program is given in its environment, beside the address, to be one of the users of the
     * home.
     *
     * @throws IllegalStateException where it has none
     */
    public Map<String, String> environment(String user) {
        return programUsers().environment(user);
    }

    private ClickHouseProgramUsers programUsers() {
        if (!usersOfTheHome) {
            throw new IllegalStateException("usersOfTheHome: there are none");
        }
        return ClickHouseProgramUsers.withPasswordsIn(dataFolder().resolveSibling("users"));
    }

    /** {@code http://127.0.0.1:<port>}, or {@code https} with TLS. */
    public String url() {
        return url(port());
    }

    /** Name of the database; it is created by the start. */
    public String database() {
        return database;
    }

    /** Name of the user. */
    public String username() {
        return username;
    }

    /** Password of the user; where the home has it, once the server was started. */
    public String password() {
        if (password != null) {
            return password;
        }
        return secret().read().orElse(FORMER_PASSWORD);
    }

    private HomeSecret secret() {
        return new HomeSecret(dataFolder().resolveSibling("password"), dataFolder());
    }

    @Override
    protected ProcessSpecification prepare(int port) throws IOException {
        Path folder = Files.createDirectories(home().resolve("clickhouse"));
        if (password == null) {
            secret().ensure();
        }
        if (!ChdbLibrary.ofEnvironment().isInstalled()) {
            forwardProgress(
                    "installing the ClickHouse engine (npm package "
                            + ChdbLibrary.PACKAGE
                            + ", 180 MB)");
        }
        Path usersFile = null;
        String statements = usersOfTheHome ? programUsers().statements() : users;
        if (!statements.isEmpty()) {
            usersFile = folder.resolve("users.sql");
            writeForTheOwner(usersFile, statements);
        }
        try {
            ClickHouseServerCommand command =
                    ClickHouseServerCommand.builder()
                            .jar(
                                    ProjectFiles.runnableCopy(
                                            ProjectFiles.require(
                                                    ClickHouseServerCommand.JAR,
                                                    "build it with mvn package"),
                                            home()))
                            .dataDirectory(dataFolder())
                            .tls(tls)
                            .users(usersFile)
                            .port(port)
                            .database(database)
                            .username(username)
                            .password(password())
                            .build();
            return new ProcessSpecification(command.arguments(), command.environment(), folder);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedProcessException(
                    "Interrupted while installing the ClickHouse engine", e);
        }
    }

    @Override
    protected Path dataFolder() {
        return home().resolve("clickhouse").resolve("data");
    }

    @Override
    protected void checkServing(long pid, int port) throws IOException {
        if (tls == null) {
            HttpProbe.get(url(port) + "/ping");
        } else {
            // Whoever else listens there has not our certificate.
            HttpProbe.get(
                    url(port) + "/ping",
                    TlsSettings.DEFAULT.withTruststore(tls.toString(), "").context());
        }
    }

    private String url(int port) {
        return (tls == null ? "http" : "https") + "://127.0.0.1:" + port;
    }

    /** Builds an {@link EmbeddedClickHouse}. */
    public static final class Builder extends EmbeddedProcessBuilder<Builder> {

        private String database = "ponix";
        private String username = "ponix";
        private String password = "ponix";
        private Path tls;
        private String users = "";
        private boolean usersOfTheHome;

        private Builder() {
            super("clickhouse", "ClickHouse", "--clickhouse-port");
        }

        @Override
        protected Builder self() {
            return this;
        }

        /** Name of the database; default {@code ponix}. */
        public Builder database(String name) {
            this.database = name;
            return this;
        }

        /** Name of the user; default {@code ponix}. */
        public Builder username(String name) {
            this.username = name;
            return this;
        }

        /** Password of the user; default {@code ponix}. */
        public Builder password(String secret) {
            this.password = secret;
            return this;
        }

        /**
         * Has a random password for each home, which is in {@code <home>/clickhouse/password}; in a
         * home whose data are older than that it is {@code ponix}.
         */
        public Builder passwordOfTheHome() {
            this.password = null;
            return this;
        }

        /**
         * Certificate and private key (PKCS #8 without a password) in one PEM file: HTTPS in place
         * of HTTP, the default.
         */
        public Builder tls(Path certificateAndKey) {
            this.tls = certificateAndKey;
            return this;
        }

        /**
         * SQL that makes further users: CREATE USER, ROLE, SETTINGS PROFILE and ROW POLICY, ALTER
         * USER … IDENTIFIED BY and GRANT. Default: none.
         */
        public Builder users(String statements) {
            this.users = statements;
            return this;
        }

        /**
         * Makes the {@linkplain ClickHouseProgramUsers users of the programs}, with random
         * passwords for each home, which are in {@code <home>/clickhouse/users}, in place of {@link
         * #users}. They are for the database {@code ponix}.
         */
        public Builder usersOfTheHome() {
            this.usersOfTheHome = true;
            return this;
        }

        /** Builds the server without starting it. */
        public EmbeddedClickHouse build() {
            validatedHome();
            requireText("database", database);
            requireText("username", username);
            if (password != null) {
                requireText("password", password);
            }
            return new EmbeddedClickHouse(this);
        }
    }
}
