package io.ponix.deviceservice.gateway;

import io.ponix.deviceservice.request.RequestException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The condition under which a broker's URL is stored. It is answered to callers and announced to
 * bridges, so it must not hold a secret; for the same reason the refusals do not repeat it.
 */
final class BrokerUrl {

    private static final int LONGEST = 2048;

    private static final Pattern PARTS =
            Pattern.compile(
                    "(?i:mqtts?|tcp|ssl)://(?<authority>[^/?#]*)(?<path>/[^?#]*)?(?<rest>.*)");

    /**
     * A name, an IPv4 or a bracketed IPv6 address; names in container networks have underscores.
     */
    private static final Pattern HOST_AND_PORT =
            Pattern.compile("([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(:(?<port>[0-9]{1,5}))?");

    private static final int HIGHEST_PORT = 65_535;

    private BrokerUrl() {}

    /**
     * Makes sure that the URL names a broker and nothing else.
     *
     * @throws RequestException INVALID_ARGUMENT when it does not
     */
    static void require(String url) {
        Matcher parts = PARTS.matcher(url);
        if (!parts.matches()) {
            throw refused("must be mqtt://HOST[:PORT], or begin with mqtts://, tcp:// or ssl://");
        }
        if (parts.group("authority").contains("@") || !parts.group("rest").isEmpty()) {
            throw refused(
                    "must not hold a user name, a password or a query: it is shown in lists and"
                            + " announced to bridges. Give credentials to the bridge itself");
        }
        if (!namesAHost(parts.group("authority"))) {
            throw refused(
                    "must name a host, and a port of 1 to "
                            + HIGHEST_PORT
                            + " if it is not the usual one: mqtt://HOST[:PORT]");
        }
        String path = parts.group("path");
        if (path != null && !path.chars().allMatch(c -> c > ' ' && c <= '~')) {
            throw refused("must be of printable ASCII characters, without spaces");
        }
        if (url.length() > LONGEST) {
            throw refused("has at most " + LONGEST + " characters");
        }
    }

    private static boolean namesAHost(String authority) {
        Matcher matcher = HOST_AND_PORT.matcher(authority);
        if (!matcher.matches()) {
            return false;
        }
        String port = matcher.group("port");
        return port == null
                || Integer.parseInt(port) >= 1 && Integer.parseInt(port) <= HIGHEST_PORT;
    }

    private static RequestException refused(String why) {
        String message = "Gateway broker URL " + why;
        return RequestException.invalidArgument("emqx_config.broker_url", message);
    }
}
