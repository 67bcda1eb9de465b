package io.ponix.deviceservice.history;

import io.ponix.proto.history.v1.ChangeType;
import java.util.Locale;

/** The column {@code event_type}: {@code created}, {@code changed} and so on. */
final class ChangeTypes {

    private static final String PREFIX = "CHANGE_TYPE_";

    static final String COMPACTED = text(ChangeType.CHANGE_TYPE_COMPACTED);

    private ChangeTypes() {}

    static String text(ChangeType type) {
        return type.name().substring(PREFIX.length()).toLowerCase(Locale.ROOT);
    }

    static ChangeType of(String text) {
        return ChangeType.valueOf(PREFIX + text.toUpperCase(Locale.ROOT));
    }
}
