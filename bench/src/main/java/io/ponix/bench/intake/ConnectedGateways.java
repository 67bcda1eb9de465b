package io.ponix.bench.intake;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.ponix.cli.program.CommandException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;

/**
 * How many gateways a bridge is connected for, as it says itself: the registry calls a gateway
 * active that was never tried.
 */
final class ConnectedGateways {

    private static final String METRIC = "ponix_bridge_connected{";
    private static final String CONNECTED = " 1.0";

    private ConnectedGateways() {}

    /**
     * @param bridgeUrl {@code http://host:port}
     */
    static long of(String bridgeUrl) {
        URI metrics = URI.create(bridgeUrl + "/metrics");
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(metrics.toURL().openStream(), UTF_8))) {
            return lines.lines()
                    .filter(line -> line.startsWith(METRIC) && line.endsWith(CONNECTED))
                    .count();
        } catch (IOException e) {
            throw new CommandException(
                    "the bridge's metrics cannot be read at " + metrics + ": " + e.getMessage(), e);
        }
    }
}
