package io.ponix.client.postgres;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Where one server listens. A database that is replicated is on several, of which one is the
 * primary.
 *
 * @param host name or address
 * @param port 1 to 65535
 */
@API(status = Status.EXPERIMENTAL)
public record PostgresServer(String host, int port) implements Serializable {

    /**
     * Reads hosts that are separated by commas. Each may be followed by a port of its own: {@code
     * a:5432,b:5433}. An IPv6 address with a port is written in brackets.
     *
     * @param defaultPort of hosts without one of their own
     * @return at least one
     * @throws IllegalArgumentException if a host is empty, or a port none; the message goes on
     *     after the name of the setting
     */
    public static List<PostgresServer> parse(String hosts, int defaultPort) {
        List<PostgresServer> servers = new ArrayList<>();
        for (String entry : hosts.split(",", -1)) {
            servers.add(parseOne(entry.strip(), hosts, defaultPort));
        }
        return servers;
    }

    private static PostgresServer parseOne(String entry, String hosts, int defaultPort) {
        int colon = entry.lastIndexOf(':');
        boolean address = entry.indexOf(':') < colon && !entry.contains("]:");
        String host = colon < 0 || address ? entry : entry.substring(0, colon);
        if (host.isBlank()) {
            throw new IllegalArgumentException(
                    "must be hosts separated by commas, but is '" + hosts + "'");
        }
        if (host.length() == entry.length()) {
            return new PostgresServer(host, defaultPort);
        }
        String port = entry.substring(colon + 1);
        if (!port.matches("[0-9]{1,5}") || !isPort(Integer.parseInt(port))) {
            throw new IllegalArgumentException(
                    "must have ports between 1 and 65535, but is '" + hosts + "'");
        }
        return new PostgresServer(host, Integer.parseInt(port));
    }

    private static boolean isPort(int port) {
        return port >= 1 && port <= 65_535;
    }

    /** {@code host:port/database}, as messages name it. */
    public static String address(List<PostgresServer> servers, String database) {
        return servers.stream().map(PostgresServer::toString).collect(Collectors.joining(","))
                + "/"
                + database;
    }

    /** {@code host:port}. */
    @Override
    public String toString() {
        return (host.indexOf(':') < 0 || host.startsWith("[") ? host : "[" + host + "]")
                + ":"
                + port;
    }
}
