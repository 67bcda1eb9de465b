package io.ponix.cli.stack;

import io.ponix.cli.program.CommandException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A server that the environment names, which may be away or misspelt. */
final class ExternalServer {

    private static final Duration CONNECTS_WITHIN = Duration.ofSeconds(3);

    /** As long as a stack's own part is given. */
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(5);

    /** Asks a Postgres server whether it speaks TLS, which it says to anybody: SSLRequest. */
    private static final byte[] SSL_REQUEST = {0, 0, 0, 8, 4, (byte) 210, 22, 47};

    private ExternalServer() {}

    /**
     * Looks whether one of the addresses answers, so that a command does not find out by a timeout
     * of whatever it does first, or never: for a server that hangs, the system accepts connections
     * all the same.
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
                requireAnswer(server, socket);
                return;
            } catch (IOException | URISyntaxException e) {
                problem = e.getMessage();
            }
        }
        throw new CommandException(
                "%s does not answer at %s, which %s names (%s)"
                        .formatted(server.title(), addresses, variable, problem));
    }

    /** Whatever it is: who is let in is seen by who needs to be. */
    private static void requireAnswer(StackServer server, Socket socket) throws IOException {
        socket.setSoTimeout((int) ANSWERS_WITHIN.toMillis());
        try {
            socket.getOutputStream().write(greeting(server));
            socket.getInputStream().read();
        } catch (SocketTimeoutException e) {
            throw new IOException(
                    "it takes connections, and has said nothing for "
                            + ANSWERS_WITHIN.toSeconds()
                            + " s",
                    e);
        } catch (SocketException e) {
            // It does not want to hear more of that.
        }
    }

    /** What a server says something to, also one that expects TLS. */
    private static byte[] greeting(StackServer server) {
        return switch (server) {
            case POSTGRES -> SSL_REQUEST;
            case CLICKHOUSE -> "GET /ping HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
            default -> new byte[0]; // NATS speaks first
        };
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
