package io.ponix.connector.postgres.cdc;

import java.io.Serializable;
import java.util.ArrayList;

/**
 * Where one server listens.
 *
 * @param host name or address
 * @param port 1 to 65535
 */
public record PostgresServer(String host, int port) implements Serializable {

    /**
     * Reads hosts that are separated by commas.
     *
     * @param defaultPort of hosts without one of their own
     * @throws IllegalArgumentException naming the host that is empty, or whose port is none
     */
    static ArrayList<PostgresServer> parse(String hosts, int defaultPort) {
        ArrayList<PostgresServer> servers = new ArrayList<>();
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
                    "host must be hosts separated by commas, but is '" + hosts + "'");
        }
        if (host.length() == entry.length()) {
            return new PostgresServer(host, defaultPort);
        }
        String port = entry.substring(colon + 1);
        if (!port.matches("[0-9]{1,5}") || !isPort(Integer.parseInt(port))) {
            throw new IllegalArgumentException(
                    "host must have ports between 1 and 65535, but is '" + hosts + "'");
        }
        return new PostgresServer(host, Integer.parseInt(port));
    }

    static boolean isPort(int port) {
        return port >= 1 && port <= 65_535;
    }

    /** {@code host:port}. */
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
