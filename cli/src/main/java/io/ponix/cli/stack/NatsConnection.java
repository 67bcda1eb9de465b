package io.ponix.cli.stack;

import io.nats.client.Connection;
import io.ponix.cli.program.CommandException;
import io.ponix.client.nats.NatsAccessException;
import io.ponix.client.nats.NatsConnections;
import io.ponix.client.nats.NatsSettings;
import io.ponix.client.nats.NatsVariable;
import java.io.IOException;
import java.util.stream.Collectors;

/** Connects commands to NATS. */
public final class NatsConnection {

    private NatsConnection() {}

    /**
     * Connects to a server; once connected, it comes back whenever and for as long as the server is
     * away.
     *
     * @param purpose what the server's monitoring shows
     * @throws CommandException when it does not answer, or does not let the command in
     */
    public static Connection open(NatsSettings settings, String purpose) {
        try {
            return NatsConnections.open(settings, "ponix " + purpose);
        } catch (NatsAccessException e) {
            throw new CommandException(
                    e.getMessage()
                            + " (see "
                            + e.toBlame().stream()
                                    .map(NatsVariable::variable)
                                    .collect(Collectors.joining(", "))
                            + ")",
                    e);
        } catch (IOException e) {
            throw new CommandException(
                    "NATS does not answer at "
                            + settings.redactedServers()
                            + "; ./ponix status tells what runs, PONIX_NATS_URL names another",
                    e);
        }
    }
}
