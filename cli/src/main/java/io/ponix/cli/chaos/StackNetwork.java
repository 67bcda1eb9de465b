package io.ponix.cli.chaos;

import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackServer;
import io.ponix.embedded.network.NetworkProxy;
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
        URI nats = URI.create(servers.natsUrl());
        URI clickHouse = URI.create(servers.clickHouseUrl());
        proxies.put(StackServer.NATS, NetworkProxy.to(nats.getHost(), nats.getPort()));
        proxies.put(
                StackServer.POSTGRES,
                NetworkProxy.to(servers.postgresHost(), servers.postgresPort()));
        proxies.put(
                StackServer.CLICKHOUSE,
                NetworkProxy.to(clickHouse.getHost(), clickHouse.getPort()));
        addresses =
                servers.at(
                        "nats://" + HOST + ":" + to(StackServer.NATS).port(),
                        HOST,
                        to(StackServer.POSTGRES).port(),
                        "http://" + HOST + ":" + to(StackServer.CLICKHOUSE).port());
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
