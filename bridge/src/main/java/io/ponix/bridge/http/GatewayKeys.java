package io.ponix.bridge.http;

import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/** Checks the key that a request has. */
final class GatewayKeys {

    private static final String API_KEY = "X-API-Key";
    private static final String BEARER = "bearer ";

    private GatewayKeys() {}

    /**
     * Makes sure that the request may post to the gateway. What is answered, and about how long it
     * takes, does not tell whether there is such a gateway.
     *
     * @throws HttpProblem 401
     */
    static Gateway require(Optional<Gateway> gateway, HttpFields headers) throws HttpProblem {
        byte[] hash = sha256(key(headers).orElseThrow(HttpProblem::unauthenticated));
        boolean matches = false;
        for (GatewayKey key : gateway.orElseGet(Gateway::getDefaultInstance).getKeysList()) {
            matches |= MessageDigest.isEqual(hash, key.getSha256().toByteArray());
        }
        if (!matches) {
            throw HttpProblem.unauthenticated();
        }
        return gateway.orElseThrow(HttpProblem::unauthenticated);
    }

    /**
     * None where there are two: whoever stands before the bridge may have looked at the other one.
     */
    private static Optional<String> key(HttpFields headers) {
        List<String> keys = new ArrayList<>(headers.getValuesList(API_KEY));
        for (String authorization : headers.getValuesList(HttpHeader.AUTHORIZATION)) {
            if (authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
                keys.add(authorization.substring(BEARER.length()));
            }
        }
        return keys.size() == 1
                ? Optional.of(keys.get(0).strip()).filter(text -> !text.isEmpty())
                : Optional.empty();
    }

    private static byte[] sha256(String key) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has this algorithm", e);
        }
    }
}
