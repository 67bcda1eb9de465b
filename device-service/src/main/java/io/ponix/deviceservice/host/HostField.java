package io.ponix.deviceservice.host;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What there is to say of a host, in the order in which texts have it. */
enum HostField {
    IP_ADDRESS,
    HOSTNAME,
    ALIASES,
    COMMENT,
    TAGS,
    GATEWAY_ID,
    DEVICE_ID,
    LABELS;

    /** As messages and texts call it. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<HostField> of(String text) {
        return Arrays.stream(values()).filter(each -> each.text().equals(text)).findFirst();
    }

    /** All of them, as messages and texts call them. */
    static List<String> texts() {
        return Arrays.stream(values()).map(HostField::text).toList();
    }
}
