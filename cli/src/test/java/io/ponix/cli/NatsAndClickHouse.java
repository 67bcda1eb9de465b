package io.ponix.cli;

import io.ponix.cli.stack.StackAddresses;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.embedded.ServerAddresses;
import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import io.ponix.embedded.nats.EmbeddedNats;
import io.ponix.migrations.ClickHouseMigrations;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/** The part of a stack in which messages and rows are, with the table of rows and no stream. */
public final class NatsAndClickHouse implements AutoCloseable {

    private final EmbeddedNats nats;
    private final EmbeddedClickHouse clickHouse;

    private NatsAndClickHouse(EmbeddedNats nats, EmbeddedClickHouse clickHouse) {
        this.nats = nats;
        this.clickHouse = clickHouse;
    }

    public static NatsAndClickHouse start(Path home) throws Exception {
        return start(home, migrations -> migrations);
    }

    /**
     * @param settings of the table
     */
    public static NatsAndClickHouse start(
            Path home, UnaryOperator<ClickHouseMigrations.Builder> settings) throws Exception {
        NatsAndClickHouse servers =
                new NatsAndClickHouse(
                        EmbeddedNats.builder().home(home).build(),
                        EmbeddedClickHouse.builder().home(home).build());
        try {
            CompletableFuture.allOf(
                            CompletableFuture.runAsync(servers.nats::start),
                            CompletableFuture.runAsync(servers.clickHouse::start))
                    .join();
            settings.apply(
                            ClickHouseMigrations.builder()
                                    .settings(
                                            ClickHouseSettings.fromEnvironment(
                                                    servers.clickHouse.address().environment())))
                    .build()
                    .up();
            return servers;
        } catch (Exception | Error e) {
            servers.close();
            throw e;
        }
    }

    public String natsUrl() {
        return nats.url();
    }

    /** Where a command finds the two, and nothing else. */
    public StackAddresses addresses() {
        return StackAddresses.of(new ServerAddresses(nats.address(), null, clickHouse.address()));
    }

    @Override
    public void close() {
        nats.close();
        clickHouse.close();
    }
}
