package io.ponix.cli.stack;

import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.ponix.cli.CommandException;
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
        try {
            return Nats.connect(
                    new Options.Builder()
                            .server(url)
                            .connectionName("ponix " + purpose)
                            .connectionTimeout(Duration.ofSeconds(5))
                            // What goes wrong is thrown, and told by the command.
                            .errorListener(new ErrorListener() {})
                            .build());
        } catch (IOException e) {
            throw new CommandException(
                    "NATS does not answer at " + url + "; is the stack up? ./ponix status", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }
}
