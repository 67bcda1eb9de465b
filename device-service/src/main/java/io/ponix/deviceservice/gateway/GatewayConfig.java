package io.ponix.deviceservice.gateway;

import com.google.protobuf.util.Durations;
import com.google.rpc.BadRequest;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.MqttVersion;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * The condition under which a config is stored: a bridge that reads it can use it. The contract
 * says it at the fields; it is not a rule of protovalidate there, as the job, which announces
 * gateways, is to do without that library.
 */
final class GatewayConfig {

    private static final Duration SHORTEST_EXPIRY = Duration.ofMinutes(1);
    private static final Duration LONGEST_EXPIRY = Duration.ofDays(30);
    private static final int LONGEST_FILTER = 1024;

    private static final Pattern GROUP = Pattern.compile("[^\\s/+#$]{0,64}");
    private static final Pattern CREDENTIAL = Pattern.compile("[A-Za-z0-9_-]{0,64}");
    private static final Pattern FILTER =
            Pattern.compile("((\\+|[^+#/]*)/)*+([+#]|[^+#/]*)", Pattern.DOTALL);

    private GatewayConfig() {}

    /**
     * Makes sure that a bridge can use the config.
     *
     * @throws RequestException INVALID_ARGUMENT when it cannot
     */
    static void require(EMQXGatewayConfig config) {
        BrokerUrl.require(config.getBrokerUrl());
        require(
                GROUP.matcher(config.getSubscriptionGroup()).matches(),
                "subscription_group",
                "Gateway subscription group has at most 64 characters, none of them a space, '/',"
                        + " '+', '#' or '$'");
        require(
                CREDENTIAL.matcher(config.getCredential()).matches(),
                "credential",
                "Gateway credential is a name of at most 64 letters, digits, '-' and '_': never a"
                        + " secret itself");
        require(
                config.getMqttVersion() != MqttVersion.UNRECOGNIZED,
                "mqtt_version",
                "Gateway MQTT version must be MQTT_VERSION_5 or MQTT_VERSION_3_1_1, or left out");
        if (config.hasSessionExpiry()) {
            require(
                    Durations.isValid(config.getSessionExpiry())
                            && config.getSessionExpiry().getSeconds() >= SHORTEST_EXPIRY.toSeconds()
                            && config.getSessionExpiry().getSeconds() <= LONGEST_EXPIRY.toSeconds(),
                    "session_expiry",
                    "Gateway session expiry must be "
                            + SHORTEST_EXPIRY.toSeconds()
                            + "s to "
                            + LONGEST_EXPIRY.toSeconds()
                            + "s, or left out");
        }
        String filter = config.getTopicFilter();
        require(
                filter.length() <= LONGEST_FILTER
                        && !filter.startsWith("$")
                        && FILTER.matcher(filter).matches(),
                "topic_filter",
                "Gateway topic filter must be an MQTT topic filter of at most "
                        + LONGEST_FILTER
                        + " characters that does not begin with '$'");
    }

    private static void require(boolean holds, String field, String message) {
        if (!holds) {
            throw RequestException.invalidArgument(
                    message,
                    BadRequest.newBuilder()
                            .addFieldViolations(
                                    BadRequest.FieldViolation.newBuilder()
                                            .setField("emqx_config." + field)
                                            .setDescription(message))
                            .build());
        }
    }
}
