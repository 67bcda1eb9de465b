package io.ponix.bridge.mqtt;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a broker is.
 *
 * @param host a name, or an address without brackets
 * @param port 1883 where none is given, with TLS 8883
 * @param tls whether TLS is spoken
 */
public record BrokerAddress(String host, int port, boolean tls) {

    private static final int PORT = 1883;
    private static final int TLS_PORT = 8883;

    private static final Pattern URL =
            Pattern.compile(
                    "(?<scheme>(?i:mqtts?|tcp|ssl))://(\\[(?<v6>[^\\]]+)\\]|(?<host>[^:/\\[\\]]+))(:(?<port>[0-9]{1,5}))?(/.*)?");

    /**
     * Reads {@code mqtt://HOST[:PORT]}, or {@code tcp://}, and with TLS {@code mqtts://} or {@code
     * ssl://}.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static BrokerAddress parse(String url) {
        Matcher matcher = URL.matcher(url);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "the broker's URL must be mqtt://HOST[:PORT], or begin with mqtts://, tcp:// or"
                            + " ssl://");
        }
        String scheme = matcher.group("scheme").toLowerCase(Locale.ROOT);
        boolean tls = scheme.equals("mqtts") || scheme.equals("ssl");
        String port = matcher.group("port");
        String host = matcher.group("v6") != null ? matcher.group("v6") : matcher.group("host");
        return new BrokerAddress(
                host.toLowerCase(Locale.ROOT),
                port == null ? (tls ? TLS_PORT : PORT) : Integer.parseInt(port),
                tls);
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
