package io.ponix.jobs.envelope.devices;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Names a transform, or the contracts of a definition, by its text: the first 16 bytes of the
 * SHA-256 of its UTF-8. Devices and definitions hold the key, and each distinct text is kept and
 * compiled once.
 *
 * @param high the first eight bytes
 * @param low the next eight bytes
 */
public record TransformKey(long high, long low) {

    /** The key of a transform's text. */
    public static TransformKey of(String text) {
        return hash(text);
    }

    /**
     * The key of the {@link DefinitionText} of a definition. A transform has another key even if
     * its text is the same: Postgres stores no text with a NUL character.
     */
    public static TransformKey ofContracts(String text) {
        return hash('\0' + text);
    }

    private static TransformKey hash(String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            ByteBuffer hash = ByteBuffer.wrap(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
            return new TransformKey(hash.getLong(), hash.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    @Override
    public int hashCode() {
        return Long.hashCode(low);
    }
}
