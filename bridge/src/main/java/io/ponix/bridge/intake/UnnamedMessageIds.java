package io.ponix.bridge.intake;

import io.nats.client.NUID;
import java.util.concurrent.atomic.AtomicLong;

/** The ids by which JetStream tells messages from each other whose senders give them none. */
public final class UnnamedMessageIds {

    private final String prefix = NUID.nextGlobal();
    private final AtomicLong given = new AtomicLong();

    /** One that no other message has. */
    public String next(String gatewayId) {
        return gatewayId + ":" + prefix + "-" + given.incrementAndGet();
    }
}
