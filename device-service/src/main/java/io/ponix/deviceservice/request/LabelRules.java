package io.ponix.deviceservice.request;

import java.util.Map;
import java.util.regex.Pattern;

/** What labels have to be, as the protos say, where they come in by other ways than a field. */
public final class LabelRules {

    private static final int MOST = 64;
    private static final int LONGEST = 63;

    private static final Pattern KEY = Pattern.compile("[a-z0-9]([-a-z0-9_./]*[a-z0-9])?");
    private static final Pattern NOT_IN_VALUES = Pattern.compile("\\p{Cc}");

    private LabelRules() {}

    /**
     * Whether a label may have this key: 1 to 63 lower-case letters, digits, '-', '_', '.' and '/',
     * with a letter or a digit at both ends.
     */
    public static boolean isKey(String text) {
        return text.length() <= LONGEST && KEY.matcher(text).matches();
    }

    /**
     * Makes sure that something may have these labels.
     *
     * @throws RequestException INVALID_ARGUMENT when it may not
     */
    public static void require(Map<String, String> labels) {
        if (labels.size() > MOST) {
            throw refused(
                    "There would be "
                            + labels.size()
                            + " labels, and there are at most "
                            + MOST
                            + ": take some away");
        }
        labels.forEach(
                (key, value) -> {
                    if (!isKey(key)) {
                        throw refused(
                                "Keys of labels have 1 to "
                                        + LONGEST
                                        + " lower-case letters, digits, '-', '_', '.' and '/', with"
                                        + " a letter or a digit at both ends, such as site or"
                                        + " example.com/team");
                    }
                    if (value.codePointCount(0, value.length()) > LONGEST
                            || NOT_IN_VALUES.matcher(value).find()) {
                        throw refused(
                                "Values of labels have at most "
                                        + LONGEST
                                        + " characters, none of them a control character");
                    }
                });
    }

    private static RequestException refused(String message) {
        return RequestException.invalidArgument(DescriptionChange.LABELS, message);
    }
}
