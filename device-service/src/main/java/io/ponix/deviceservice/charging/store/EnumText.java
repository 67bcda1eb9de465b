package io.ponix.deviceservice.charging.store;

/**
 * The values of an enum as the tables have them: without what all their names begin with.
 *
 * @param <E> the enum of a proto
 */
public final class EnumText<E extends Enum<E>> {

    private static final String UNSPECIFIED = "UNSPECIFIED";

    private final Class<E> type;
    private final String prefix;

    /**
     * The texts of an enum.
     *
     * @param prefix of all its names, with the last underscore
     */
    public EnumText(Class<E> type, String prefix) {
        this.type = type;
        this.prefix = prefix;
        Enum.valueOf(type, prefix + UNSPECIFIED);
    }

    /** The text of a value. */
    public String of(E value) {
        return value.name().substring(prefix.length());
    }

    /** The value of a text; unspecified where a later version of the service wrote it. */
    public E parse(String text) {
        try {
            return Enum.valueOf(type, prefix + text);
        } catch (IllegalArgumentException e) {
            return Enum.valueOf(type, prefix + UNSPECIFIED);
        }
    }
}
