package io.ponix.proto.envelope;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The ids ({@code Nats-Msg-Id}) by which JetStream tells messages of gateways from each other,
 * within the duplicate window of a stream. They begin with the gateway's id, so that what two
 * gateways call the same is two messages.
 */
public final class MessageIds {

    private MessageIds() {}

    /**
     * The id of what a sender names, of a length that a header may have: the same for the same
     * parts.
     *
     * @param parts together tell the message from every other one of the gateway; those of an
     *     envelope are its {@linkplain GatewayMessage#device device} and the {@code message_id} of
     *     the gateway's intake
     */
    public static String of(String gatewayId, String... parts) {
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
