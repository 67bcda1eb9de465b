package io.ponix.bridge.intake;

import io.nats.client.NUID;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The ids by which JetStream tells messages from each other. They begin with the gateway's, so that
 * what two gateways call the same is not.
 */
final class MessageIds {

    private final String prefix = NUID.nextGlobal();
    private final AtomicLong given = new AtomicLong();

    /** One that no other message has. */
    String next(String gatewayId) {
        return gatewayId + ":" + prefix + "-" + given.incrementAndGet();
    }

    /** One of a length that a header may have, whatever the sender calls the message. */
    static String of(String gatewayId, String... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part : parts) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                digest.update(Integer.toString(bytes.length).getBytes(StandardCharsets.US_ASCII));
                digest.update((byte) ':');
                digest.update(bytes);
            }
            return gatewayId + ":" + HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has this algorithm", e);
        }
    }
}
