package io.ponix.embedded.clickhouse.server.engine;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.ponix.embedded.clickhouse.server.access.AccessStatements;
import io.ponix.embedded.clickhouse.server.access.AccessUser;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The ClickHouse engine of libchdb on one data directory; at most one in a process.
 *
 * <p>Sessions are independent of each other: each has its own settings and its own current
 * database, and several may run statements at the same time.
 */
public final class ClickHouseEngine implements AutoCloseable {

    /** In the data directory: what the engine cannot tell its caller. */
    private static final String LOG_FILE = "engine.log";

    private static final String CONFIGURATION_FILE = "engine-config.xml";
    private static final String USERS_FILE = "engine-users.xml";
    private static final String DATA_FOLDER = "clickhouse";

    /** Of tables and databases whose data are in the data directory, or in memory. */
    private static final List<String> OWN_ENGINES =
            List.of(
                    "MergeTree",
                    "ReplacingMergeTree",
                    "SummingMergeTree",
                    "AggregatingMergeTree",
                    "CollapsingMergeTree",
                    "VersionedCollapsingMergeTree",
                    "CoalescingMergeTree",
                    "Memory",
                    "Null",
                    "Log",
                    "TinyLog",
                    "StripeLog",
                    "Set",
                    "Join",
                    "Buffer",
                    "Merge",
                    "Atomic");

    /** They name a file or a server, which no right is needed for. */
    private static final List<String> READ_ONLY_SETTINGS =
            List.of(
                    "format_avro_schema_registry_url",
                    "format_schema",
                    "format_template_resultset",
                    "format_template_row",
                    "input_format_record_errors_file_path",
                    "output_format_schema");

    private static final String LOCK_FILE = "server.lock";

    /** What is beyond the rights of other users; where there are any, it is a role like theirs. */
    private static final String UNLIMITED_ROLE = "unlimited";

    private final ChdbApi chdb;
    private final String[] connectArguments;
    private final Path logFile;
    private final FileChannel lock;
    private final Pointer keepAlive;
    private final boolean hasRoles;
    private final String version;
    private final String timezone;

    private ClickHouseEngine(
            ChdbApi chdb,
            String[] connectArguments,
            Path logFile,
            FileChannel lock,
            AccessStatements access)
            throws IOException {
        this.chdb = chdb;
        this.logFile = logFile;
        this.connectArguments = connectArguments;
        this.lock = lock;
        this.hasRoles = !access.roles().isEmpty();
        // The engine lives as long as a connection is open: this one is never used otherwise.
        this.keepAlive = connect();
        try (EngineSession session = openSession()) {
            String[] facts = session.queryText("SELECT version(), timezone()").split("\t");
            version = facts[0];
            timezone = facts[1];
        } catch (EngineException e) {
            throw new IOException("ClickHouse does not answer: " + e.getMessage(), e);
        }
    }

    /**
     * Loads the library and opens the data directory, which is created where there is none.
     *
     * @param access whom sessions may be for beside who may do everything
     * @throws IOException when the directory is in use by another server, cannot be written, or the
     *     engine refuses it
     */
    public static ClickHouseEngine open(Path library, Path dataDirectory, AccessStatements access)
            throws IOException {
        Files.createDirectories(dataDirectory);
        Path directory = dataDirectory.toRealPath();
        FileChannel lock = lock(directory);
        try {
            // Without a configuration of its own the engine takes any config.xml it finds in the
            // working directory, the home directory or /etc.
            Path configuration = directory.resolve(CONFIGURATION_FILE);
            Files.writeString(configuration, configuration(directory), StandardCharsets.UTF_8);
            Files.writeString(directory.resolve(USERS_FILE), users(access), StandardCharsets.UTF_8);
            shadowFileFunction(directory.resolve(DATA_FOLDER));
            ChdbApi chdb =
                    Native.load(
                            library.toAbsolutePath().toString(),
                            ChdbApi.class,
                            Map.of(Library.OPTION_STRING_ENCODING, "UTF-8"));
            String[] arguments = {
                "clickhouse",
                "--path=" + directory.resolve(DATA_FOLDER),
                "--config-file=" + configuration,
                "--log-level=warning"
            };
            return new ClickHouseEngine(chdb, arguments, directory.resolve(LOG_FILE), lock, access);
        } catch (IOException | RuntimeException | Error e) {
            lock.close();
            throw e;
        }
    }

    private static FileChannel lock(Path directory) throws IOException {
        // The operating system drops the lock with the process, however that ends.
        FileChannel channel =
                FileChannel.open(
                        directory.resolve(LOCK_FILE),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        FileLock taken = channel.tryLock();
        if (taken == null) {
            channel.close();
            throw new IOException(
                    "The data directory "
                            + directory
                            + " is in use by another ClickHouse server: stop that one, or choose"
                            + " another --data-dir.");
        }
        return channel;
    }

    private static String configuration(Path directory) {
        return "<clickhouse><logger><log>"
                + escaped(directory.resolve(LOG_FILE).toString())
                + "</log><size>10M</size><count>2</count>"
                + "<levels>"
                + silence("executeQuery")
                + silence("ThreadStatus")
                + silence("BackgroundSchedulePool/BgSchPool")
                + silence("BackgroundSchedulePool/BgStrmSchPool")
                + "</levels>"
                + "</logger>"
                + "<users_config>"
                + escaped(directory.resolve(USERS_FILE).toString())
                + "</users_config>"
                + "<access_control_improvements><table_engines_require_grant>true"
                + "</table_engines_require_grant></access_control_improvements></clickhouse>\n";
    }

    /**
     * The engine's only user, whose sessions all requests have. What the server's other users may
     * do is in roles, one of which a session has then: the right to everything must be in one, too.
     */
    private static String users(AccessStatements access) {
        boolean hasRoles = !access.roles().isEmpty();
        String grants =
                !hasRoles
                        ? unlimitedGrants()
                        : "<query>GRANT "
                                + Stream.concat(Stream.of(UNLIMITED_ROLE), access.roles().stream())
                                        .map(role -> "`" + role + "`")
                                        .collect(Collectors.joining(", "))
                                + "</query>";
        return "<clickhouse><profiles><default>"
                + "<constraints>"
                + READ_ONLY_SETTINGS.stream()
                        .map(setting -> "<" + setting + "><readonly/></" + setting + ">")
                        .collect(Collectors.joining())
                + "</constraints></default>"
                + access.profilesXml()
                + "</profiles><quotas><default/></quotas>"
                + (hasRoles
                        ? "<roles><"
                                + UNLIMITED_ROLE
                                + "><grants>"
                                + unlimitedGrants()
                                + "</grants></"
                                + UNLIMITED_ROLE
                                + ">"
                                + access.rolesXml()
                                + "</roles>"
                        : "")
                + "<users><default><password/><networks><ip>::/0</ip></networks>"
                + "<profile>default</profile><quota>default</quota>"
                + (hasRoles ? "<databases>" + access.databasesXml() + "</databases>" : "")
                + "<grants>"
                + grants
                + "</grants></default></users></clickhouse>\n";
    }

    /**
     * Everything but what reads or writes files of this machine, or asks other machines. Without
     * this the engine allows that, too.
     */
    private static String unlimitedGrants() {
        return "<query>GRANT ALL ON *.*</query>"
                + "<query>REVOKE SOURCES ON *.*</query>"
                // They name servers, for functions that no right is needed for.
                + "<query>REVOKE NAMED COLLECTION ADMIN ON *</query>"
                // What is instead of file() stays.
                + "<query>REVOKE CREATE FUNCTION, DROP FUNCTION ON *.*</query>"
                // They have sources of their own kind.
                + "<query>REVOKE CREATE DICTIONARY ON *.*</query>"
                // What such a view reads nobody needs a right for.
                + "<query>REVOKE ALLOW SQL SECURITY NONE ON *.*</query>"
                // To a file, or to S3.
                + "<query>REVOKE BACKUP ON *.*</query>"
                // Engines that read what is elsewhere are granted apart from sources.
                + "<query>REVOKE TABLE ENGINE ON *</query>"
                + OWN_ENGINES.stream()
                        .map(engine -> "<query>GRANT TABLE ENGINE ON " + engine + "</query>")
                        .collect(Collectors.joining());
    }

    /**
     * The engine has no right for the function {@code file} (the table function of that name has
     * one), and reads with it any file of this machine. A function of SQL that is there when the
     * engine starts goes before its own one, however a statement calls it; {@code CREATE FUNCTION}
     * would refuse the name.
     */
    private static void shadowFileFunction(Path dataFolder) throws IOException {
        Path folder = Files.createDirectories(dataFolder.resolve("user_defined"));
        Files.writeString(
                folder.resolve("function_file.sql"),
                "CREATE FUNCTION file AS path -> toString(throwIf(1, 'file() is not allowed: the"
                        + " files of this machine are not for the users of the server'))\n",
                StandardCharsets.UTF_8);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }

    /**
     * Keeps out of the log what fills it and says nothing: failed queries with their stack traces,
     * of which the client is told; what libchdb says at the end of every streamed insert of its own
     * worker thread (which has two ThreadStatus, one within the other); schedules.
     */
    private static String silence(String logger) {
        return "<logger><name>" + logger + "</name><level>none</level></logger>";
    }

    /** A session that may do everything, with default settings, in the database {@code default}. */
    public EngineSession openSession() throws IOException, EngineException {
        return hasRoles
                ? openSession(List.of(UNLIMITED_ROLE), List.of(), Map.of())
                : new EngineSession(chdb, connect());
    }

    /** A session that may do what a user may, in the database {@code default}. */
    public EngineSession openSession(AccessUser user) throws IOException, EngineException {
        return openSession(user.roles(), user.profiles(), user.settings());
    }

    private EngineSession openSession(
            List<String> roles, List<String> profiles, Map<String, String> settings)
            throws IOException, EngineException {
        EngineSession session = new EngineSession(chdb, connect());
        try {
            session.queryText(
                    "SET ROLE "
                            + roles.stream()
                                    .map(role -> "`" + role + "`")
                                    .collect(Collectors.joining(", ")));
            for (String profile : profiles) {
                // The engine takes from a profile here how far settings may be changed, and not
                // the settings.
                session.queryText("SET profile = '" + profile + "'");
            }
            session.set(settings);
            return session;
        } catch (EngineException e) {
            session.close();
            throw e;
        }
    }

    /** Tells the query that writes to a pipe to end; it does so soon after, with an error. */
    public void kill(OutputPipe pipe) throws IOException {
        // The path is in that query alone, and not in this statement, which has it in two parts.
        try (EngineSession session = openSession()) {
            session.queryText(
                    "KILL QUERY WHERE position(query, concat('OUTFILE ''', '"
                            + pipe.writePath()
                            + "', ''' APPEND')) > 0 ASYNC");
        } catch (EngineException e) {
            throw new IOException("A query cannot be stopped: " + e.getMessage(), e);
        }
    }

    private Pointer connect() throws IOException {
        Pointer connection = chdb.chdb_connect(connectArguments.length, connectArguments);
        if (connection == null) {
            throw new IOException(
                    "The ClickHouse engine does not open its data; the reason is in "
                            + logFile
                            + ".");
        }
        return connection;
    }

    /** ClickHouse's version, for example {@code 26.7.2.1}. */
    public String version() {
        return version;
    }

    /** The engine's time zone, for example {@code Etc/UTC}. */
    public String timezone() {
        return timezone;
    }

    /** Closes the engine; every session must be closed before. */
    @Override
    public void close() throws IOException {
        chdb.chdb_close_conn(keepAlive);
        chdb.chdb_shutdown();
        lock.close();
    }
}
