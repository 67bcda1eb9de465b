package io.ponix.embedded.postgres;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.client.postgres.SslMode;
import io.ponix.embedded.install.CacheDirectory;
import io.ponix.embedded.process.CommandRunner;
import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.embedded.process.EmbeddedProcessBuilder;
import io.ponix.embedded.process.EmbeddedProcessException;
import io.ponix.embedded.process.Folders;
import io.ponix.embedded.process.HomeSecret;
import io.ponix.embedded.process.ProcessSpecification;
import io.ponix.environment.SecretValue;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A Postgres 18 server on 127.0.0.1 with logical decoding ({@code wal_level=logical}) and password
 * authentication; the user is a superuser and owns the database.
 *
 * <p>Data is in {@code <home>/postgres/data}; what was committed survives {@link #kill}. {@link
 * #stop} is Postgres's fast shutdown: sessions are ended, running transactions rolled back. A
 * replication slot that nobody reads keeps the write-ahead log from being removed: the data folder
 * grows until it is read or dropped.
 */
public final class EmbeddedPostgres extends EmbeddedProcess {

    /** The slot by which a {@linkplain #copyAsStandby standby} streams. */
    public static final String STANDBY_SLOT = "standby";

    private static final int CONNECT_TIMEOUT_MILLIS = 500;

    /**
     * Version 3.0 of the frontend/backend protocol (Postgres manual, "Message Formats",
     * StartupMessage).
     */
    private static final int PROTOCOL_VERSION = 196_608;

    /** SSLRequest: asks for TLS before anything else is said. */
    private static final int SSL_REQUEST = 80_877_103;

    /** Line of postmaster.pid that holds the state of the server (src/include/utils/pidfile.h). */
    private static final int POSTMASTER_STATUS_LINE = 7;

    /** Of homes without a password of their own. */
    private static final String FORMER_PASSWORD = "ponix";

    private final String database;
    private final String username;

    /** Null where the home has it. */
    private final String password;

    private final Path certificate;
    private final Path key;
    private final UnprivilegedUser runAs;

    private EmbeddedPostgres(Builder builder) {
        super(builder);
        this.database = builder.database;
        this.username = builder.username;
        this.password = builder.password;
        this.certificate = builder.certificate;
        this.key = builder.key;
        this.runAs = builder.runAs;
    }

    /** A builder; {@link Builder#home} is required. */
    public static Builder builder() {
        return new Builder();
    }

    /** Where it answers, as whom it is used, and the certificate that it shows. */
    public PostgresSettings address() {
        PostgresSettings.Builder address =
                PostgresSettings.builder()
                        .host(host())
                        .port(port())
                        .database(database)
                        .username(username)
                        .password(
                                password != null
                                        ? SecretValue.of(password)
                                        : secret().value("PONIX_POSTGRES_PASSWORD")
                                                .orElse(SecretValue.of(FORMER_PASSWORD)));
        if (certificate != null) {
            address.sslMode(SslMode.VERIFY_FULL).rootCertificate(certificate.toString());
        }
        return address.build();
    }

    /** {@code 127.0.0.1}. */
    public String host() {
        return "127.0.0.1";
    }

    /** Name of the database. */
    public String database() {
        return database;
    }

    /** Name of the superuser. */
    public String username() {
        return username;
    }

    /** Password of the superuser; where the home has it, once the server was started. */
    public String password() {
        return password != null ? password : secret().read().orElse(FORMER_PASSWORD);
    }

    private HomeSecret secret() {
        return new HomeSecret(dataFolder().resolveSibling("password"), dataFolder());
    }

    /** {@code jdbc:postgresql://127.0.0.1:<port>/<database>}, without user and password. */
    public String jdbcUrl() {
        return "jdbc:postgresql://" + host() + ":" + port() + "/" + database;
    }

    /**
     * Makes a standby of this server from a copy of its data. This server must have been started
     * before and must not run now; neither of the two is started. The standby streams from this one
     * by the physical slot {@value #STANDBY_SLOT}, which is to be created here ({@code
     * pg_create_physical_replication_slot}), and keeps copies of its failover slots. {@code
     * pg_promote()} makes a primary of it.
     *
     * @param standbyHome home of the standby, where no Postgres is yet
     * @param primaryPort the port on 127.0.0.1 by which the standby reaches this server
     * @throws EmbeddedProcessException if the data cannot be copied
     */
    public EmbeddedPostgres copyAsStandby(Path standbyHome, int primaryPort) {
        if (isRunning()) {
            throw new EmbeddedProcessException(this + " runs: stop it before its data is copied");
        }
        EmbeddedPostgres standby =
                builder()
                        .home(standbyHome)
                        .database(database)
                        .username(username)
                        .password(password())
                        .build();
        Path data = standby.dataFolder();
        try {
            Files.createDirectories(data.getParent());
            Folders.copy(dataFolder(), data);
            // Slots are of one server: a copy of them would keep the log for nobody.
            Folders.delete(data.resolve("pg_replslot"));
            Files.createDirectory(data.resolve("pg_replslot"));
            Files.createFile(data.resolve("standby.signal"));
            Files.writeString(
                    data.resolve("postgresql.auto.conf"),
                    String.format(
                            """
                            primary_conninfo = 'host=%s port=%d user=%s password=%s dbname=%s'
                            primary_slot_name = '%s'
                            hot_standby_feedback = on
                            sync_replication_slots = on
                            """,
                            host(), primaryPort, username, password(), database, STANDBY_SLOT),
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new EmbeddedProcessException(
                    "Cannot copy the data of " + this + " to " + data + ": " + e.getMessage(), e);
        }
        return standby;
    }

    @Override
    protected ProcessSpecification prepare(int port) throws IOException {
        Path programs = PostgresPrograms.locate(CacheDirectory.resolve(), this::forwardProgress);
        UnprivilegedUser user = user();
        Path folder = Files.createDirectories(home().resolve("postgres"));
        Path data = dataFolder();
        if (!Files.isDirectory(data)) {
            if (password == null) {
                secret().ensure();
            }
            progress("creating the Postgres database");
            initialize(programs, user, folder, data);
        }
        user.own(seen(data));
        removeStaleLock(seen(data));
        List<String> command =
                new ArrayList<>(
                        user.command(
                                List.of(
                                        programs.resolve("bin/postgres").toString(),
                                        "-D",
                                        data.toString(),
                                        "-c",
                                        "listen_addresses=127.0.0.1",
                                        "-c",
                                        "port=" + port,
                                        // A socket's path is limited to 107 bytes, which a home
                                        // deep in the
                                        // file system exceeds.
                                        "-c",
                                        "unix_socket_directories=",
                                        "-c",
                                        "wal_level=logical",
                                        "-c",
                                        "max_replication_slots=32",
                                        "-c",
                                        "max_wal_senders=32",
                                        "-c",
                                        "max_connections=200",
                                        // Else a line for every five minutes in which anything
                                        // was written.
                                        "-c",
                                        "log_checkpoints=off")));
        if (certificate != null) {
            command.addAll(tlsSettings(user, folder));
        }
        return new ProcessSpecification(command, Map.of(), folder);
    }

    /** Settings by which the server takes nobody in without TLS. */
    private List<String> tlsSettings(UnprivilegedUser user, Path folder) throws IOException {
        // The server refuses a key that others may read, or that is another's.
        Path ownKey = folder.resolve("server.key");
        Path ownCertificate = folder.resolve("server.crt");
        Path access = folder.resolve("pg_hba.conf");
        Files.copy(key, ownKey, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(ownKey, PosixFilePermissions.fromString("rw-------"));
        Files.copy(certificate, ownCertificate, StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(
                access,
                """
                hostssl all all 127.0.0.1/32 scram-sha-256
                hostssl replication all 127.0.0.1/32 scram-sha-256
                """);
        for (Path file : List.of(ownKey, ownCertificate, access)) {
            user.own(file);
        }
        return List.of(
                "-c",
                "ssl=on",
                "-c",
                "ssl_cert_file=" + ownCertificate,
                "-c",
                "ssl_key_file=" + ownKey,
                "-c",
                "hba_file=" + access);
    }

    private UnprivilegedUser user() {
        if (runAs != null) {
            return runAs;
        }
        // On a small disk everybody is root.
        return isOnSmallDisk() ? UnprivilegedUser.userNamespace() : UnprivilegedUser.determine();
    }

    @Override
    protected Path dataFolder() {
        return home().resolve("postgres").resolve("data");
    }

    private void initialize(Path programs, UnprivilegedUser user, Path folder, Path data)
            throws IOException {
        // Under another name until it is complete: a start that was killed half-way leaves nothing
        // that looks like a database.
        Path work = folder.resolve("data.new");
        Path passwordFile = folder.resolve("password.new");
        Folders.delete(work);
        Files.createDirectory(work);
        Files.deleteIfExists(passwordFile);
        Files.createFile(
                passwordFile,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(passwordFile, password() + "\n");
        try {
            user.own(work);
            user.own(passwordFile);
            runTool(
                    folder,
                    user.command(
                            List.of(
                                    programs.resolve("bin/initdb").toString(),
                                    "--pgdata=" + work,
                                    "--username=" + username,
                                    "--pwfile=" + passwordFile,
                                    "--auth=scram-sha-256",
                                    "--encoding=UTF8",
                                    "--locale=C",
                                    // The folder is synced by the first checkpoint of the server;
                                    // it is worth nothing before.
                                    "--no-sync",
                                    "--no-instructions")),
                    "");
            runTool(
                    folder,
                    user.command(
                            List.of(
                                    programs.resolve("bin/postgres").toString(),
                                    "--single",
                                    "-D",
                                    work.toString(),
                                    "postgres")),
                    "CREATE DATABASE \"" + database.replace("\"", "\"\"") + "\"\n");
        } finally {
            Files.deleteIfExists(passwordFile);
        }
        Files.move(work, data, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void runTool(Path folder, List<String> command, String input) {
        CommandRunner.Result result = CommandRunner.run(folder, command, Map.of(), input);
        // Postgres in single-user mode reports a failed statement, but exits with 0.
        if (!result.succeeded() || result.output().contains("ERROR:")) {
            throw new EmbeddedProcessException(
                    "Cannot create the Postgres database ("
                            + String.join(" ", command)
                            + ", exit code "
                            + result.exitCode()
                            + "):\n"
                            + result.output().strip().indent(2).stripTrailing());
        }
    }

    /**
     * Removes a lock file left by kill -9 whose pid some other program has by now; Postgres would
     * take that for itself and refuse to start. That our server does not run is known here.
     */
    private static void removeStaleLock(Path data) throws IOException {
        Path lock = data.resolve("postmaster.pid");
        if (!Files.exists(lock)) {
            return;
        }
        // A server changes into its data folder.
        Path workingDirectory = Path.of("/proc", Files.readAllLines(lock).get(0).trim(), "cwd");
        boolean held = Files.exists(workingDirectory) && Files.isSameFile(workingDirectory, data);
        if (!held) {
            Files.delete(lock);
        }
    }

    @Override
    protected String stopSignal() {
        // Fast shutdown; SIGTERM would wait for the clients to leave.
        return "INT";
    }

    @Override
    protected void checkServing(long pid, int port) throws IOException {
        // During crash recovery the server listens already but refuses sessions. Its own statement,
        // as pg_ctl uses it:
        List<String> status = Files.readAllLines(seen(dataFolder()).resolve("postmaster.pid"));
        if (status.size() <= POSTMASTER_STATUS_LINE
                || !status.get(0).trim().equals(Long.toString(pid))
                || !status.get(POSTMASTER_STATUS_LINE).trim().equals("ready")) {
            throw new IOException("its postmaster.pid does not say that it is ready");
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host(), port), CONNECT_TIMEOUT_MILLIS);
            socket.setSoTimeout(CONNECT_TIMEOUT_MILLIS);
            if (certificate != null) {
                checkTls(socket);
                return;
            }
            byte[] parameters =
                    ("user\0" + username + "\0database\0" + database + "\0\0")
                            .getBytes(StandardCharsets.UTF_8);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeInt(Integer.BYTES + Integer.BYTES + parameters.length);
            out.writeInt(PROTOCOL_VERSION);
            out.write(parameters);
            out.flush();
            int answer = new DataInputStream(socket.getInputStream()).read();
            if (answer != 'R') {
                throw new IOException(
                        "it does not ask for a password, but answers with message " + answer);
            }
        }
    }

    private static void checkTls(Socket socket) throws IOException {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeInt(Integer.BYTES + Integer.BYTES);
        out.writeInt(SSL_REQUEST);
        out.flush();
        int answer = socket.getInputStream().read();
        if (answer != 'S') {
            throw new IOException("it does not offer TLS, but answers " + answer);
        }
    }

    /** Builds an {@link EmbeddedPostgres}. */
    public static final class Builder extends EmbeddedProcessBuilder<Builder> {

        private String database = "ponix";
        private String username = "ponix";
        private String password = "ponix";
        private Path certificate;
        private Path key;
        private UnprivilegedUser runAs;

        private Builder() {
            super("postgres", "Postgres", "--postgres-port");
        }

        @Override
        protected Builder self() {
            return this;
        }

        /** Name of the database; default {@code ponix}. Counts when the data folder is created. */
        public Builder database(String name) {
            this.database = name;
            return this;
        }

        /** Name of the superuser; default {@code ponix}. Counts when the data folder is created. */
        public Builder username(String name) {
            this.username = name;
            return this;
        }

        /**
         * Password of the superuser; default {@code ponix}. Counts when the data folder is created.
         */
        public Builder password(String secret) {
            this.password = secret;
            return this;
        }

        /**
         * Has a random password for each home, which is in {@code <home>/postgres/password}; in a
         * home whose data are older than that it is {@code ponix}.
         */
        public Builder passwordOfTheHome() {
            this.password = null;
            return this;
        }

        /**
         * The server's certificate and its private key, each in PEM: nobody is let in without TLS.
         * By default there is none.
         */
        public Builder tls(Path certificateFile, Path keyFile) {
            this.certificate = certificateFile;
            this.key = keyFile;
            return this;
        }

        /** For tests of what root does; by default the way that works is found. */
        Builder runAs(UnprivilegedUser user) {
            this.runAs = user;
            return this;
        }

        /** Builds the server without starting it. */
        public EmbeddedPostgres build() {
            validatedHome();
            requireText("database", database);
            requireText("username", username);
            if (password != null) {
                requireText("password", password);
            }
            return new EmbeddedPostgres(this);
        }
    }
}
