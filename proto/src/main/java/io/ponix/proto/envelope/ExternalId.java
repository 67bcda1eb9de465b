package io.ponix.proto.envelope;

/**
 * What the senders of a device call it, such as its DevEUI. Which spellings mean the same is said
 * here for all who store such names and all who look for one: the table holds the {@linkplain
 * #normal normal form}, and what is looked for is brought into it first, so that no two programs,
 * and no two indexes, can be of different opinions.
 */
public final class ExternalId {

    private ExternalId() {}

    /**
     * The form in which two names are equal if they mean the same device: in lower case where there
     * are hexadecimal digits only, which network servers write in either case; else as it is.
     *
     * @param name any text
     * @return the same object where nothing is to be changed
     */
    public static String normal(String name) {
        boolean hasUpperCase = false;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c >= 'A' && c <= 'F') {
                hasUpperCase = true;
            } else if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return name;
            }
        }
        return hasUpperCase ? lowerCase(name) : name;
    }

    /** Of ASCII, without a look at locales. */
    private static String lowerCase(String digits) {
        char[] lower = digits.toCharArray();
        for (int i = 0; i < lower.length; i++) {
            if (lower[i] >= 'A' && lower[i] <= 'F') {
                lower[i] += 'a' - 'A';
            }
        }
        return new String(lower);
    }
}
