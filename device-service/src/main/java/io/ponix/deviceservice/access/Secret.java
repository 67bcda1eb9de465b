package io.ponix.deviceservice.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Secrets of keys: 256 random bits, as 43 letters, digits, {@code -} and {@code _}. What begins
 * with {@value #PREFIX} can be told by programs that look for secrets in what is published.
 */
public final class Secret {

    /** How every key begins. */
    public static final String PREFIX = "ponix_";

    private static final int BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Secret() {}

    /** Returns a secret that nobody has, without the prefix. */
    public static String next() {
        byte[] secret = new byte[BYTES];
        RANDOM.nextBytes(secret);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    }

    /** Returns what is stored of a secret. It is random enough to need neither salt nor rounds. */
    public static byte[] sha256(String secret) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(secret.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has this algorithm", e);
        }
    }

    static String sha256Hex(String secret) {
        return HexFormat.of().formatHex(sha256(secret));
    }

    /** Compares in a time that tells nothing of where the two differ. */
    static boolean isOf(String secret, String sha256Hex) {
        return MessageDigest.isEqual(
                sha256Hex(secret).getBytes(StandardCharsets.US_ASCII),
                sha256Hex.getBytes(StandardCharsets.US_ASCII));
    }
}
