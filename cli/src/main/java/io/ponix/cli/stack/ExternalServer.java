package io.ponix.cli.stack;

import io.ponix.cli.program.CommandException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;

/** A server that the environment names, which may be away or misspelt. */
final class ExternalServer {

    private static final Duration CONNECTS_WITHIN = Duration.ofSeconds(3);

    private ExternalServer() {}

    /**
     * Looks whether something listens at one of the addresses, so that a command does not find out
     * by a timeout of whatever it does first.
     *
     * @param server which, for the message
     * @param variable the one that names it
     * @param addresses {@code [scheme://]host[:port]}, separated by commas
     * @param defaultPort where an address has none
     * @throws CommandException when nothing does
     */
    static void require(StackServer server, String variable, String addresses, int defaultPort) {
        String problem = "";
        for (String address : addresses.split(",")) {
            try (Socket socket = new Socket()) {
                socket.connect(
                        socketAddress(address.strip(), defaultPort),
                        (int) CONNECTS_WITHIN.toMillis());
                return;
            } catch (IOException | URISyntaxException e) {
                problem = e.getMessage();
            }
        }
        throw new CommandException(
                "%s does not answer at %s, which %s names (%s)"
                        .formatted(server.title(), addresses, variable, problem));
    }

    private static InetSocketAddress socketAddress(String address, int defaultPort)
            throws IOException, URISyntaxException {
        URI uri = new URI(address.contains("://") ? address : "tcp://" + address);
        if (uri.getHost() == null) {
            throw new IOException("there is no host in \"" + address + "\"");
        }
        int otherwise =
                switch (String.valueOf(uri.getScheme())) {
                    case "http" -> 80;
                    case "https" -> 443;
                    default -> defaultPort;
                };
        InetSocketAddress socketAddress =
                new InetSocketAddress(uri.getHost(), uri.getPort() < 0 ? otherwise : uri.getPort());
        if (socketAddress.isUnresolved()) {
            throw new IOException("the name " + uri.getHost() + " is not known");
        }
        return socketAddress;
    }
}
