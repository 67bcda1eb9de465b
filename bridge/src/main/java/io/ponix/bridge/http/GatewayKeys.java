package io.ponix.bridge.http;

import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
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

    private static Optional<String> key(HttpFields headers) {
        String key = headers.get(API_KEY);
        String authorization = headers.get(HttpHeader.AUTHORIZATION);
        if (key == null
                && authorization != null
                && authorization.toLowerCase(Locale.ROOT).startsWith(BEARER)) {
            key = authorization.substring(BEARER.length());
        }
        return Optional.ofNullable(key).map(String::strip).filter(text -> !text.isEmpty());
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
