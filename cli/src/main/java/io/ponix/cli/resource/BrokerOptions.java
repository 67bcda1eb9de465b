package io.ponix.cli.resource;

import com.google.protobuf.util.Durations;
import io.ponix.cli.program.DurationText;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.MqttVersion;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The MQTT broker of a gateway. What is not given stays as it is. */
final class BrokerOptions {

    @Option(
            names = "--broker-url",
            paramLabel = "URL",
            description =
                    "Where its MQTT broker is: mqtt://HOST[:PORT], with TLS mqtts://. Without a password: credentials are"
                            + " given to the bridge.")
    private String url;

    @Option(
            names = "--topic-filter",
            paramLabel = "FILTER",
            description = "What the bridge subscribes to. Default, and '': ORGANIZATION/+.")
    private String topicFilter;

    @Option(
            names = "--subscription-group",
            paramLabel = "NAME",
            description =
                    "Bridges share the messages by this group, which the broker has to have. Default, and '': one bridge"
                            + " at a time is connected.")
    private String subscriptionGroup;

    @Option(
            names = "--credential",
            paramLabel = "NAME",
            description =
                    "The entry of the bridge's own file that it logs in with. Default, and '': none.")
    private String credential;

    @Option(
            names = "--mqtt-version",
            paramLabel = "VERSION",
            converter = VersionConverter.class,
            description = "5 or 3.1.1. Default: 5.")
    private MqttVersion version;

    @Option(
            names = "--session-expiry",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description =
                    "How long the broker is asked to keep what is sent while no bridge is connected, such as 15m, 2h or 7d."
                            + " Default: 1d.")
    private Duration sessionExpiry;

    boolean areGiven() {
        return url != null
                || topicFilter != null
                || subscriptionGroup != null
                || credential != null
                || version != null
                || sessionExpiry != null;
    }

    /** What a broker's settings become. */
    EMQXGatewayConfig on(EMQXGatewayConfig before) {
        EMQXGatewayConfig.Builder config = before.toBuilder();
        if (url != null) {
            config.setBrokerUrl(url);
        }
        if (topicFilter != null) {
            config.setTopicFilter(topicFilter);
        }
        if (subscriptionGroup != null) {
            config.setSubscriptionGroup(subscriptionGroup);
        }
        if (credential != null) {
            config.setCredential(credential);
        }
        if (version != null) {
            config.setMqttVersion(version);
        }
        if (sessionExpiry != null) {
            config.setSessionExpiry(Durations.fromSeconds(sessionExpiry.toSeconds()));
        }
        return config.build();
    }

    private static final class VersionConverter implements ITypeConverter<MqttVersion> {
        @Override
        public MqttVersion convert(String text) {
            return switch (text) {
                case "5" -> MqttVersion.MQTT_VERSION_5;
                case "3.1.1" -> MqttVersion.MQTT_VERSION_3_1_1;
                default ->
                        throw new TypeConversionException("'" + text + "' is neither 5 nor 3.1.1");
            };
        }
    }

    private static final class DurationConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            return DurationText.parse(text)
                    .orElseThrow(
                            () ->
                                    new TypeConversionException(
                                            "'" + text + "' is no duration (90s, 15m, 2h, 7d)"));
        }
    }
}
