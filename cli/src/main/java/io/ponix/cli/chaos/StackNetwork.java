package io.ponix.cli.chaos;

import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackServer;
import io.ponix.client.nats.NatsSettings;
import io.ponix.client.nats.NatsVariable;
import io.ponix.client.postgres.PostgresServer;
import io.ponix.client.postgres.PostgresSettings;
import io.ponix.client.postgres.PostgresVariable;
import io.ponix.embedded.ServerAddresses;
import io.ponix.embedded.network.NetworkProxy;
import java.net.URI;
import java.util.EnumMap;
import java.util.HashMap;
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
        URI nats = URI.create(servers.nats().servers().get(0));
        PostgresServer postgres = servers.postgres().servers().get(0);
        URI clickHouse = URI.create(servers.clickHouse().urls().get(0));
        proxies.put(StackServer.NATS, NetworkProxy.to(nats.getHost(), nats.getPort()));
        proxies.put(StackServer.POSTGRES, NetworkProxy.to(postgres.host(), postgres.port()));
        proxies.put(
                StackServer.CLICKHOUSE,
                NetworkProxy.to(clickHouse.getHost(), clickHouse.getPort()));
        addresses =
                servers.at(
                        new ServerAddresses(
                                at(through(nats, StackServer.NATS), servers.nats()),
                                at(to(StackServer.POSTGRES).port(), servers.postgres()),
                                servers.clickHouse()
                                        .at(through(clickHouse, StackServer.CLICKHOUSE))));
    }

    private String through(URI url, StackServer server) {
        return url.getScheme() + "://" + HOST + ":" + to(server).port();
    }

    private static PostgresSettings at(int port, PostgresSettings settings) {
        Map<String, String> environment = new HashMap<>(settings.environment());
        environment.put(PostgresVariable.HOST.variable(), HOST);
        environment.put(PostgresVariable.PORT.variable(), Integer.toString(port));
        return PostgresSettings.fromEnvironment(environment);
    }

    private static NatsSettings at(String url, NatsSettings settings) {
        Map<String, String> environment = new HashMap<>(settings.environment());
        environment.put(NatsVariable.URL.variable(), url);
        return NatsSettings.fromEnvironment(environment);
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
