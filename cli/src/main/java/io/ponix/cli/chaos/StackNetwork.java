package io.ponix.cli.chaos;

import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackServer;
import io.ponix.embedded.ServerAddresses;
import io.ponix.embedded.clickhouse.ClickHouseAddress;
import io.ponix.embedded.nats.NatsAddress;
import io.ponix.embedded.network.NetworkProxy;
import io.ponix.embedded.postgres.PostgresAddress;
import java.net.URI;
import java.util.EnumMap;
import java.util.Map;

/**
 * The network between the job and its servers. The job is submitted with its addresses; the load
 * and the audit, which are to see what the servers have, go around it.
 */
final class StackNetwork implements AutoCloseable {

    private static final String HOST = "127.0.0.1";

    private final Map<StackServer, NetworkProxy> proxies = new EnumMap<>(StackServer.class);
    private final StackAddresses addresses;

    /**
     * @param servers where the servers themselves answer; they are to keep their ports
     */
    StackNetwork(StackAddresses servers) {
        URI nats = URI.create(servers.nats().url());
        PostgresAddress postgres = servers.postgres();
        ClickHouseAddress clickHouse = servers.clickHouse();
        URI clickHouseUrl = URI.create(clickHouse.url());
        proxies.put(StackServer.NATS, NetworkProxy.to(nats.getHost(), nats.getPort()));
        proxies.put(StackServer.POSTGRES, NetworkProxy.to(postgres.host(), postgres.port()));
        proxies.put(
                StackServer.CLICKHOUSE,
                NetworkProxy.to(clickHouseUrl.getHost(), clickHouseUrl.getPort()));
        addresses =
                servers.at(
                        new ServerAddresses(
                                new NatsAddress(
                                        "nats://" + HOST + ":" + to(StackServer.NATS).port()),
                                new PostgresAddress(
                                        HOST,
                                        to(StackServer.POSTGRES).port(),
                                        postgres.database(),
                                        postgres.username(),
                                        postgres.password()),
                                new ClickHouseAddress(
                                        "http://" + HOST + ":" + to(StackServer.CLICKHOUSE).port(),
                                        clickHouse.database(),
                                        clickHouse.username(),
                                        clickHouse.password())));
    }

    /** The network to a server: to NATS, Postgres or ClickHouse. */
    NetworkProxy to(StackServer server) {
        return proxies.get(server);
    }

    /** The stack's addresses as the job is to have them. */
    StackAddresses addresses() {
        return addresses;
    }

    @Override
    public void close() {
        proxies.values().forEach(NetworkProxy::close);
    }
}
