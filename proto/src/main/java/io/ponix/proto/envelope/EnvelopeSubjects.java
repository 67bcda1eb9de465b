package io.ponix.proto.envelope;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * The subjects that envelopes of a device are published on: {@code <stream>.<id>}, where the id,
 * the device's or its external one, is one token of the subject whatever it is. See
 * ponix/envelope/v1/envelope.proto for producers in other languages.
 */
public final class EnvelopeSubjects {

    /**
     * How the last tokens of subjects begin under which envelopes of dead letters are published
     * again. No id makes such a token: an envelope there would be taken for the replay of another.
     */
    public static final String REPLAY_PREFIX = "replay-";

    /**
     * The longest subject that can be published on, in characters: a NATS server ends the
     * connection of a client whose line of a message has more than 4,096 bytes, of which the
     * subject of the answer and sizes need some. Every id that EndDeviceService takes makes a
     * shorter one, unless the stream's name is very long.
     */
    public static final int MAX_LENGTH = 3_840;

    private static final char ESCAPE = '%';

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private EnvelopeSubjects() {}

    /** Where envelopes of the device with this id are published. */
    public static String of(String stream, String id) {
        return stream + "." + token(id);
    }

    /**
     * An id as one token of a subject. Different ids make different tokens. What a token cannot
     * hold, or not everywhere, is percent-encoded: all but printable ASCII, space, {@code .},
     * {@code *}, {@code >} and {@code %} itself.
     *
     * @return the same object for an id that is a token as it is
     */
    public static String token(String id) {
        if (id.isEmpty()) {
            return String.valueOf(ESCAPE);
        }
        if (isToken(id)) {
            return id;
        }
        StringBuilder token = new StringBuilder(id.length() + 16);
        for (byte each : id.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (each & 0xff);
            if (isKept(c) && !(token.isEmpty() && id.startsWith(REPLAY_PREFIX))) {
                token.append(c);
            } else {
                token.append(ESCAPE);
                HEX.toHexDigits(token, each);
            }
        }
        return token.toString();
    }

    /**
     * Whether an envelope on this subject, in a partition or not, may name its device so: the last
     * token is that of the id, or that of a {@linkplain #REPLAY_PREFIX replay}.
     *
     * @param id of the device
     */
    public static boolean allows(String subject, String id) {
        return lastTokenIs(subject, token(id)) || isReplay(subject);
    }

    /**
     * The same for what the senders of a device call it; {@linkplain ExternalId#normal spellings}
     * that mean the same are one.
     */
    public static boolean allowsExternal(String subject, String externalId) {
        return allows(subject, externalId)
                || ExternalId.normal(subject.substring(subject.lastIndexOf('.') + 1))
                        .equals(ExternalId.normal(externalId));
    }

    private static boolean isReplay(String subject) {
        return subject.startsWith(REPLAY_PREFIX, subject.lastIndexOf('.') + 1);
    }

    private static boolean lastTokenIs(String subject, String token) {
        int begin = subject.length() - token.length();
        return begin > 0 && subject.charAt(begin - 1) == '.' && subject.endsWith(token);
    }

    private static boolean isToken(String id) {
        for (int i = 0; i < id.length(); i++) {
            if (!isKept(id.charAt(i))) {
                return false;
            }
        }
        return !id.startsWith(REPLAY_PREFIX);
    }

    private static boolean isKept(char c) {
        return c > ' ' && c <= '~' && c != '.' && c != '*' && c != '>' && c != ESCAPE;
    }
}
