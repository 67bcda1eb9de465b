package io.ponix.deviceservice.gateway;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * Makes the secrets of gateways' keys, of 256 random bits. They begin alike, so that a program that
 * looks for secrets in what is published knows one when it sees it.
 */
final class GatewaySecrets {

    private static final String PREFIX = "ponix_";
    private static final int BYTES = 32;

    private final SecureRandom random = new SecureRandom();

    /** A secret that nobody has: letters, digits, {@code -} and {@code _}. */
    String next() {
        byte[] secret = new byte[BYTES];
        random.nextBytes(secret);
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    }

    /** What is stored of a secret. */
    static byte[] sha256(String secret) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(secret.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has this algorithm", e);
        }
    }
}
