package io.ponix.intake;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * A message as it came in at a gateway: what an intake expression sees.
 *
 * <table>
 * <caption>Variables of an intake expression</caption>
 * <tr><td>{@code topic}</td><td>string</td></tr>
 * <tr><td>{@code payload}</td><td>bytes</td></tr>
 * <tr><td>{@code headers}</td><td>map(string, string)</td></tr>
 * <tr><td>{@code received_at}</td><td>timestamp</td></tr>
 * </table>
 *
 * @param topic of MQTT the topic it was published on; of HTTP what follows {@code uplinks} in the
 *     target of the request, path and query as they were sent, for instance {@code ?event=up}, and
 *     empty where nothing does
 * @param payload the whole message, which is not copied and must not change
 * @param headers of HTTP the headers, their names in lower case; of MQTT 5 the user properties, as
 *     they were sent. Of several with one name the first. Never credentials. Holds no null
 * @param receivedAt when the bridge had received it, in the years 1 to 9999
 */
public record IntakeMessage(
        String topic, byte[] payload, Map<String, String> headers, Instant receivedAt) {

    /** Refuses null. */
    public IntakeMessage {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(payload, "payload");
        Objects.requireNonNull(headers, "headers");
        Objects.requireNonNull(receivedAt, "receivedAt");
    }
}
