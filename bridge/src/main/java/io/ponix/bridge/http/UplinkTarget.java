package io.ponix.bridge.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a request goes.
 *
 * @param gatewayId as it is in the path
 * @param rest what follows {@code uplinks}, path and query as they were sent
 * @param device the device whose bytes the body is, if the path names one
 * @param fPort of these bytes; 0 where the query has none
 */
record UplinkTarget(String gatewayId, String rest, Optional<String> device, int fPort) {

    private static final String GATEWAYS = "/v1/gateways/";
    private static final String UPLINKS = "/uplinks";
    private static final String DEVICES = "/devices/";
    private static final String F_PORT = "f_port=";
    private static final int HIGHEST_F_PORT = 255;
    private static final Pattern F_PORT_DIGITS = Pattern.compile("[0-9]{1,3}");

    /** Whether the path is one of gateways at all. */
    static boolean isOne(String path) {
        return path.startsWith(GATEWAYS);
    }

    /**
     * Reads path and query as they were sent.
     *
     * @param query or null
     * @throws HttpProblem 404 for another path, 400 for one that is not well-formed
     */
    static UplinkTarget parse(String path, String query) throws HttpProblem {
        int slash = path.indexOf('/', GATEWAYS.length());
        if (!isOne(path) || slash < 0 || !path.startsWith(UPLINKS, slash)) {
            throw HttpProblem.notFound();
        }
        String gatewayId = path.substring(GATEWAYS.length(), slash);
        String rest = path.substring(slash + UPLINKS.length());
        if (!rest.isEmpty() && !rest.startsWith("/")) {
            throw HttpProblem.notFound();
        }
        Optional<String> device = Optional.empty();
        int fPort = 0;
        if (rest.startsWith(DEVICES)) {
            String name = rest.substring(DEVICES.length());
            if (name.isEmpty() || name.indexOf('/') >= 0) {
                throw HttpProblem.notFound();
            }
            device = Optional.of(decoded(name));
            fPort = fPort(query);
        }
        return new UplinkTarget(
                gatewayId, query == null ? rest : rest + "?" + query, device, fPort);
    }

    private static int fPort(String query) throws HttpProblem {
        if (query == null || query.isEmpty()) {
            return 0;
        }
        for (String parameter : query.split("&")) {
            if (!parameter.startsWith(F_PORT)) {
                throw HttpProblem.invalid(
                        "the query has " + parameter + "; a device's uplink has f_port only");
            }
        }
        String text = query.substring(F_PORT.length());
        if (F_PORT_DIGITS.matcher(text).matches() && Integer.parseInt(text) <= HIGHEST_F_PORT) {
            return Integer.parseInt(text);
        }
        throw HttpProblem.invalid("f_port must be 0 to " + HIGHEST_F_PORT + ", is " + text);
    }

    /** Undoes percent-encoding; {@code +} is itself in a path. */
    private static String decoded(String text) throws HttpProblem {
        byte[] bytes = new byte[text.length() * 3];
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            if (letter == '%') {
                int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
                int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    throw HttpProblem.invalid("the device is not percent-encoded: " + text);
                }
                bytes[length++] = (byte) (high * 16 + low);
                i += 2;
            } else {
                for (byte each : String.valueOf(letter).getBytes(StandardCharsets.UTF_8)) {
                    bytes[length++] = each;
                }
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw HttpProblem.invalid("the device is not UTF-8, percent-encoded: " + text);
        }
    }
}
