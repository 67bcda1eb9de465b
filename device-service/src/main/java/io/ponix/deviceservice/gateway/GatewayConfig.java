package io.ponix.deviceservice.gateway;

import com.google.protobuf.util.Durations;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Enrolment;
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
    private static final int MOST_ENROLMENTS_PER_HOUR = 100_000;

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
                "emqx_config.subscription_group",
                "Gateway subscription group has at most 64 characters, none of them a space, '/',"
                        + " '+', '#' or '$'");
        require(
                CREDENTIAL.matcher(config.getCredential()).matches(),
                "emqx_config.credential",
                "Gateway credential is a name of at most 64 letters, digits, '-' and '_': never a"
                        + " secret itself");
        require(
                config.getMqttVersion() != MqttVersion.UNRECOGNIZED,
                "emqx_config.mqtt_version",
                "Gateway MQTT version must be MQTT_VERSION_5 or MQTT_VERSION_3_1_1, or left out");
        if (config.hasSessionExpiry()) {
            require(
                    Durations.isValid(config.getSessionExpiry())
                            && config.getSessionExpiry().getSeconds() >= SHORTEST_EXPIRY.toSeconds()
                            && config.getSessionExpiry().getSeconds() <= LONGEST_EXPIRY.toSeconds(),
                    "emqx_config.session_expiry",
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
                "emqx_config.topic_filter",
                "Gateway topic filter must be an MQTT topic filter of at most "
                        + LONGEST_FILTER
                        + " characters that does not begin with '$'");
    }

    /**
     * Makes sure that devices can be enrolled so.
     *
     * @throws RequestException INVALID_ARGUMENT when they cannot
     */
    static void require(Enrolment enrolment) {
        require(
                enrolment.getDevicesPerHour() >= 0
                        && enrolment.getDevicesPerHour() <= MOST_ENROLMENTS_PER_HOUR,
                "enrolment.devices_per_hour",
                "Gateway enrolment must be of 1 to "
                        + MOST_ENROLMENTS_PER_HOUR
                        + " devices per hour, or left out");
    }

    private static void require(boolean holds, String field, String message) {
        if (!holds) {
            throw RequestException.invalidArgument(field, message);
        }
    }
}
