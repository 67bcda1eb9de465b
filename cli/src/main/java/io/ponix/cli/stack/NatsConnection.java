package io.ponix.cli.stack;

import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.ponix.cli.program.CommandException;
import io.ponix.client.nats.HeaderGuard;
import java.io.IOException;
import java.time.Duration;

/** Connects commands to NATS. */
public final class NatsConnection {

    private NatsConnection() {}

    /**
     * Connects to a server.
     *
     * @param purpose what the server's monitoring shows
     * @throws CommandException when it does not answer
     */
    public static Connection open(String url, String purpose) {
        return connect(url, options(url, purpose));
    }

    /**
     * As {@link #open}; once connected, it comes back whenever and for as long as the server is
     * away.
     */
    public static Connection openPersistent(String url, String purpose) {
        return connect(
                url,
                options(url, purpose)
                        .maxReconnects(-1)
                        .reconnectWait(Duration.ofMillis(200))
                        // A server that hangs is found out in seconds, not minutes.
                        .pingInterval(Duration.ofSeconds(5)));
    }

    private static Options.Builder options(String url, String purpose) {
        return new Options.Builder()
                .servers(url.split(","))
                .connectionName("ponix " + purpose)
                .connectionTimeout(Duration.ofSeconds(5))
                // Commands read what anybody has published.
                .dataPortType(HeaderGuard.class.getName())
                // What goes wrong is thrown, and told by the command.
                .errorListener(new ErrorListener() {});
    }

    private static Connection connect(String url, Options.Builder options) {
        try {
            return Nats.connect(options.build());
        } catch (IOException e) {
            throw new CommandException(
                    "NATS does not answer at "
                            + url
                            + "; ./ponix status tells what runs, PONIX_NATS_URL names another",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }
}
