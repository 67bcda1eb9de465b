package io.ponix.embedded.nats;

import io.ponix.client.nats.NatsSettings;
import java.util.Map;
import java.util.TreeMap;

/**
 * A user of NATS that a program has.
 *
 * @param name what it logs in as
 * @param password and with
 * @param inboxPrefix how the subjects begin on which it may be answered; {@code _INBOX} for who may
 *     do everything
 */
public record NatsProgramUser(String name, String password, String inboxPrefix) {

    /** How it reaches a server. */
    public NatsSettings at(String url) {
        return NatsSettings.builder()
                .servers(url)
                .userAndPassword(name, password)
                .inboxPrefix(inboxPrefix)
                .build();
    }

    /** What the program is given in its environment, beside the server's address. */
    public Map<String, String> environment() {
        return new TreeMap<>(
                Map.of(
                        "PONIX_NATS_USERNAME",
                        name,
                        "PONIX_NATS_PASSWORD",
                        password,
                        "PONIX_NATS_INBOX_PREFIX",
                        inboxPrefix));
    }
}
