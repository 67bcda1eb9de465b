package io.ponix.deviceservice.access;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An API key as its holder has it: {@code ponix_<id>_<secret>}.
 *
 * @param id of its row; letters and digits
 * @param secret never shown again
 */
record ApiKey(String id, String secret) {

    // The secret may be one that a person made (PONIX_FIRST_KEYS_FILE), but none that can be
    // guessed.
    private static final Pattern FORM =
            Pattern.compile(Secret.PREFIX + "([0-9A-Za-z]{1,64})_([0-9A-Za-z_-]{43,128})");

    /** A key that nobody has. */
    static ApiKey of(String id) {
        return new ApiKey(id, Secret.next());
    }

    /** Reads a key, or nothing of what is none. */
    static Optional<ApiKey> parse(String text) {
        Matcher form = FORM.matcher(text);
        return form.matches()
                ? Optional.of(new ApiKey(form.group(1), form.group(2)))
                : Optional.empty();
    }

    /** The whole key. */
    String text() {
        return Secret.PREFIX + id + "_" + secret;
    }

    /** Without the secret, so that a log has none. */
    @Override
    public String toString() {
        return Secret.PREFIX + id;
    }
}
