package io.ponix.bridge.mqtt;

import com.hivemq.client.mqtt.exceptions.ConnectionClosedException;
import com.hivemq.client.mqtt.exceptions.MqttDecodeException;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3ConnAckException;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3SubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Says in a line, for the owner of a gateway, why its broker cannot be used. */
final class FailureReason {

    private static final int LONGEST = 500;

    /** The alerts of a server about a client's certificate that is not there, or not trusted. */
    private static final String WANTS_CERTIFICATE =
            ".*eceived fatal alert: (certificate_required|bad_certificate|unknown_ca).*";

    private FailureReason() {}

    /** Whether the one that has the client id now would lose it again to an attempt at once. */
    static boolean isTakenOver(Throwable failure) {
        return failure instanceof Mqtt5DisconnectException end
                && end.getMqttMessage().getReasonCode()
                        == Mqtt5DisconnectReasonCode.SESSION_TAKEN_OVER;
    }

    /**
     * Whether the broker closed the connection without a word. Mosquitto, up to 2.0.11 at least,
     * does so also where another client takes the session over, by either version of MQTT.
     */
    static boolean isClosedByBroker(Throwable failure) {
        return failure instanceof ConnectionClosedException && failure.getCause() == null;
    }

    /** Whether the client ended the connection at a packet that it does not read. */
    private static boolean isTooLarge(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof MqttDecodeException
                    && String.valueOf(cause.getMessage())
                            .contains("exceeded maximum packet size")) {
                return true;
            }
        }
        return false;
    }

    private static String tooLarge(BrokerAddress broker) {
        return broker
                + " delivers a message of more than "
                + ClientSettings.LARGEST_PACKET
                + " bytes, again and again, and none behind it: set the gateway's mqtt_version to"
                + " MQTT_VERSION_5, by which the broker drops it, and limit what may be published"
                + " at the broker (mosquitto: max_packet_size)";
    }

    static String of(Throwable failure, BrokerAddress broker, String clientId) {
        String reason = isTooLarge(failure) ? tooLarge(broker) : reason(failure, broker, clientId);
        return reason.length() <= LONGEST ? reason : reason.substring(0, LONGEST) + "…";
    }

    private static String reason(Throwable failure, BrokerAddress broker, String clientId) {
        // Of one that never answered the client says that it broke the protocol.
        if (root(failure).contains("Timeout while waiting for CONNACK")) {
            return broker + " accepts the connection and does not answer as an MQTT broker";
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof Mqtt5ConnAckException refusal) {
                return refused(refusal.getMqttMessage().getReasonCode().name(), broker);
            }
            if (cause instanceof Mqtt3ConnAckException refusal) {
                return refused(refusal.getMqttMessage().getReturnCode().name(), broker);
            }
            if (cause instanceof Mqtt5SubAckException refusal) {
                return "the broker refuses the subscription: "
                        + refusal.getMqttMessage().getReasonCodes();
            }
            if (cause instanceof Mqtt3SubAckException) {
                return "the broker refuses the subscription";
            }
            if (cause instanceof Mqtt5DisconnectException end) {
                return switch (end.getMqttMessage().getReasonCode()) {
                    case SESSION_TAKEN_OVER ->
                            "another client connected with the bridge's client id, "
                                    + clientId
                                    + ": is a second bridge running with the same PONIX_BRIDGE_ID?";
                    default ->
                            "the broker ended the connection: "
                                    + end.getMqttMessage().getReasonCode();
                };
            }
            if (cause instanceof UnknownHostException) {
                return "unknown host " + broker.host();
            }
            if (cause instanceof NoRouteToHostException) {
                return "there is no route to " + broker;
            }
            if (cause instanceof SSLException) {
                if (root(cause).matches(WANTS_CERTIFICATE)) {
                    return "TLS with "
                            + broker
                            + " failed: it wants a certificate that it trusts (keystore of the"
                            + " gateway's credential): "
                            + root(cause);
                }
                return "TLS with "
                        + broker
                        + " failed: "
                        + root(cause)
                        + "; is its certificate for this host, and from an authority that the"
                        + " gateway's credential trusts (truststore)?";
            }
            if (cause instanceof ClosedChannelException && broker.tls()) {
                return broker
                        + " closed the connection before there was TLS: does it speak TLS on this"
                        + " port?";
            }
            if (cause instanceof ConnectException && isTimeout(cause)
                    || cause instanceof TimeoutException) {
                return broker + " does not answer";
            }
            if (cause instanceof ConnectException) {
                return "connection refused by " + broker;
            }
        }
        if (isClosedByBroker(failure)) {
            return broker
                    + " closed the connection, as it does when it ends, or when another client"
                    + " connects with the bridge's client id, "
                    + clientId
                    + ": is a second bridge running with the same PONIX_BRIDGE_ID?";
        }
        String message = root(failure);
        return failure instanceof ConnectionClosedException
                ? "the connection to " + broker + " was closed: " + message
                : message;
    }

    private static String refused(String code, BrokerAddress broker) {
        return switch (code) {
            case "NOT_AUTHORIZED", "BAD_USER_NAME_OR_PASSWORD" ->
                    "login refused by "
                            + broker
                            + ": see the gateway's credential, and its user and password in the"
                            + " bridge's file";
            case "UNSUPPORTED_PROTOCOL_VERSION" ->
                    broker + " does not speak this version of MQTT: set the gateway's mqtt_version";
            default -> broker + " refuses the connection: " + code;
        };
    }

    private static boolean isTimeout(Throwable cause) {
        return String.valueOf(cause.getMessage()).contains("timed out");
    }

    private static String root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.toString() : root.getMessage();
    }
}
