package io.ponix.connector.postgres.cdc;

import static org.awaitility.Awaitility.await;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.embedded.network.NetworkProxy;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;

/**
 * A primary and a standby that streams from it and keeps copies of its failover slots, with an
 * address that leads to one of the two. Set up as the operators' documentation says.
 */
public final class PostgresPair implements AutoCloseable {

    private final TestDatabase primary;
    private final TestDatabase standby;
    private final NetworkProxy replication;
    private final NetworkProxy address;
    private final TestDatabase moving;

    /**
     * Makes the two in folders below the given one, and starts the primary. Before the standby is
     * started too, nothing is published.
     */
    public PostgresPair(Path folder) throws SQLException {
        EmbeddedPostgres first = EmbeddedPostgres.builder().home(folder.resolve("primary")).build();
        first.start();
        replication = NetworkProxy.to(first.host(), first.port());
        address = NetworkProxy.to(first.host(), first.port());
        first.stop();
        EmbeddedPostgres second =
                first.copyAsStandby(folder.resolve("standby"), replication.port());
        first.start();
        primary = new TestDatabase(first, first::port);
        standby = new TestDatabase(second, second::port);
        moving = new TestDatabase(first, address::port);
        primary.execute(
                "SELECT pg_create_physical_replication_slot('"
                        + EmbeddedPostgres.STANDBY_SLOT
                        + "', true)",
                "ALTER SYSTEM SET synchronized_standby_slots = '"
                        + EmbeddedPostgres.STANDBY_SLOT
                        + "'",
                "SELECT pg_reload_conf()");
    }

    /**
     * Starts the standby. It looks at slots every 200 ms at first, and ever more rarely while
     * nothing happens to them.
     */
    public void startStandby() {
        standby.process().start();
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
    public PostgresSettings bothHosts() {
        EmbeddedPostgres first = standby.process();
        EmbeddedPostgres second = primary.process();
        return PostgresSettings.builder()
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
}
