package io.ponix.embedded.nats;

import io.ponix.client.nats.NatsSettings;
import io.ponix.environment.SecretValue;
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
public record NatsProgramUser(String name, SecretValue password, String inboxPrefix) {

    /** How it reaches a server. */
    public NatsSettings at(String url) {
        return reaching(url).build();
    }

    /** How it reaches a server, for who has more to say of that. */
    NatsSettings.Builder reaching(String url) {
        return NatsSettings.builder()
                .servers(url)
                .userAndPassword(name, password)
                .inboxPrefix(inboxPrefix);
    }

    /** What the program is given in its environment, beside the server's address. */
    public Map<String, String> environment() {
        Map<String, String> environment = new TreeMap<>();
        environment.put("PONIX_NATS_USERNAME", name);
        password.addTo(environment, "PONIX_NATS_PASSWORD");
        environment.put("PONIX_NATS_INBOX_PREFIX", inboxPrefix);
        return environment;
    }
}
