package io.ponix.embedded.nats;

import java.util.Map;

/**
 * Where NATS answers.
 *
 * @param url {@code nats://host:port}, or several separated by commas
 */
public record NatsAddress(String url) {

    /** The PONIX_* settings with which the programs of Ponix find it. */
    public Map<String, String> environment() {
        return Map.of("PONIX_NATS_URL", url);
    }
}
