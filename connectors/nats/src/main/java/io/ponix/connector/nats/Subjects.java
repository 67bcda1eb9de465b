package io.ponix.connector.nats;

import org.apache.flink.annotation.Internal;

/**
 * The algebra of NATS subjects: tokens separated by dots, {@code *} matches one token, a last
 * {@code >} matches one or more.
 *
 * @see <a href="https://docs.nats.io/nats-concepts/subjects">NATS: subject-based messaging</a>
 */
@Internal
public final class Subjects {

    private Subjects() {}

    /**
     * Checks that a text is a subject or a filter.
     *
     * @param property named in the error
     * @throws IllegalArgumentException if it is empty, has an empty token or white space, or a
     *     wildcard that is not a token of its own
     */
    public static void requireValidFilter(String subject, String property) {
        if (subject == null || subject.isEmpty()) {
            throw new IllegalArgumentException(property + ": a NATS subject must not be empty");
        }
        String[] tokens = tokens(subject);
        for (int i = 0; i < tokens.length; i++) {
            String token = tokens[i];
            boolean wildcardInside =
                    token.length() > 1 && (token.indexOf('*') >= 0 || token.indexOf('>') >= 0);
            boolean tailNotLast = token.equals(">") && i < tokens.length - 1;
            if (token.isEmpty()
                    || wildcardInside
                    || tailNotLast
                    || token.chars().anyMatch(c -> c <= ' ')) {
                throw new IllegalArgumentException(
                        property + ": '" + subject + "' is not a valid NATS subject or filter");
            }
        }
    }

    /** Whether every subject that {@code inner} matches is matched by {@code outer} too. */
    public static boolean covers(String outer, String inner) {
        String[] outerTokens = tokens(outer);
        String[] innerTokens = tokens(inner);
        for (int i = 0; i < outerTokens.length; i++) {
            if (i >= innerTokens.length) {
                return false;
            }
            if (outerTokens[i].equals(">")) {
                return true;
            }
            if (innerTokens[i].equals(">")) {
                return false;
            }
            if (!outerTokens[i].equals("*") && !outerTokens[i].equals(innerTokens[i])) {
                return false;
            }
        }
        return outerTokens.length == innerTokens.length;
    }

    /** Whether some subject is matched by both. */
    public static boolean overlap(String first, String second) {
        String[] firstTokens = tokens(first);
        String[] secondTokens = tokens(second);
        for (int i = 0; i < firstTokens.length && i < secondTokens.length; i++) {
            if (firstTokens[i].equals(">") || secondTokens[i].equals(">")) {
                return true;
            }
            boolean wildcard = firstTokens[i].equals("*") || secondTokens[i].equals("*");
            if (!wildcard && !firstTokens[i].equals(secondTokens[i])) {
                return false;
            }
        }
        return firstTokens.length == secondTokens.length;
    }

    private static String[] tokens(String subject) {
        return subject.split("\\.", -1);
    }
}
