package io.ponix.connector.postgres.cdc;

import static org.awaitility.Awaitility.await;

import io.ponix.embedded.EmbeddedPostgres;
import io.ponix.embedded.NetworkProxy;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.SQLException;
import java.time.Duration;

/**
 * A primary and a standby that streams from it and keeps copies of its failover slots, with an
 * address that leads to one of the two. Set up as the operators' documentation says.
 */
public final class PostgresPair implements AutoCloseable {

    private static final String STANDBY_SLOT = "standby";

    private final TestDatabase primary;
    private final TestDatabase standby;
    private final NetworkProxy replication;
    private final NetworkProxy address;
    private final TestDatabase moving;

    /**
     * Makes the two in folders below the given one, and starts the primary. Before the standby is
     * started too, nothing is published.
     */
    public PostgresPair(Path folder) throws IOException, SQLException {
        EmbeddedPostgres first = server(folder.resolve("primary"));
        EmbeddedPostgres second = server(folder.resolve("standby"));
        primary = new TestDatabase(first, first::port);
        standby = new TestDatabase(second, second::port);
        first.start();
        // A port of its own from now on; the address below would lead elsewhere otherwise.
        replication = NetworkProxy.to(first.host(), first.port());
        address = NetworkProxy.to(first.host(), first.port());
        moving = new TestDatabase(first, address::port);
        first.stop();
        copy(first.home().resolve("postgres/data"), second.home().resolve("postgres/data"));
        makeStandby(second.home().resolve("postgres/data"));
        first.start();
        primary.execute(
                "SELECT pg_create_physical_replication_slot('" + STANDBY_SLOT + "', true)",
                "ALTER SYSTEM SET synchronized_standby_slots = '" + STANDBY_SLOT + "'",
                "SELECT pg_reload_conf()");
    }

    /**
     * Starts the standby. It looks at slots every 200 ms at first, and ever more rarely while
     * nothing happens to them.
     */
    public void startStandby() {
        standby.process().start();
    }

    private static EmbeddedPostgres server(Path home) {
        return EmbeddedPostgres.builder().home(home).build();
    }

    private void makeStandby(Path data) throws IOException {
        Files.createFile(data.resolve("standby.signal"));
        EmbeddedPostgres server = primary.process();
        Files.writeString(
                data.resolve("postgresql.auto.conf"),
                String.format(
                        """
                        primary_conninfo = 'host=127.0.0.1 port=%d user=%s password=%s dbname=%s'
                        primary_slot_name = '%s'
                        hot_standby_feedback = on
                        sync_replication_slots = on
                        log_connections = on
                        """,
                        replication.port(),
                        server.username(),
                        server.password(),
                        server.database(),
                        STANDBY_SLOT),
                StandardOpenOption.APPEND);
    }

    /** The server that was the primary at first. */
    public TestDatabase primary() {
        return primary;
    }

    /** The server that was the standby at first. */
    public TestDatabase standby() {
        return standby;
    }

    /** Whichever of the two the address leads to; the primary at first. */
    public TestDatabase moving() {
        return moving;
    }

    /** How to reach whichever of the two is the primary, by their own addresses. */
    public PostgresConnectionConfig bothHosts() {
        EmbeddedPostgres first = standby.process();
        EmbeddedPostgres second = primary.process();
        return PostgresConnectionConfig.builder()
                .host(first.host() + ":" + first.port() + "," + second.host() + ":" + second.port())
                .database(first.database())
                .username(first.username())
                .password(first.password())
                .build();
    }

    /** The address, to disturb it. */
    public NetworkProxy address() {
        return address;
    }

    /** The network from the primary to the standby. */
    public NetworkProxy replication() {
        return replication;
    }

    /** Waits until the standby's copy of the slot would survive its promotion. */
    public void awaitCopyOf(String slot) {
        await().atMost(Duration.ofMinutes(2))
                .until(
                        () ->
                                "t"
                                        .equals(
                                                standby.query(
                                                        "SELECT synced AND NOT temporary FROM pg_replication_slots WHERE slot_name = '"
                                                                + slot
                                                                + "'")));
    }

    /** Has the address lead to the standby, whatever that is by then. */
    public void moveAddress() {
        address.moveTo(standby.process().host(), standby.process().port());
        address.pass();
    }

    /** Makes a primary of the standby. */
    public void promote() throws SQLException {
        standby.execute("SELECT pg_promote(true, 60)");
    }

    @Override
    public void close() {
        address.close();
        replication.close();
        standby.process().close();
        primary.process().close();
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Files.walkFileTree(
                from,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path folder, BasicFileAttributes attributes) throws IOException {
                        return visitFile(folder, attributes);
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.copy(
                                file,
                                to.resolve(from.relativize(file)),
                                StandardCopyOption.COPY_ATTRIBUTES);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
