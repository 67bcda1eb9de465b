package io.ponix.deviceservice.listing;

import io.ponix.deviceservice.request.RequestException;
import io.ponix.registry.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * By what a list is put in order. Elements that are the same in all of it are in the order of their
 * ids, in the direction of the last field.
 */
record ListOrder(List<By> fields) {

    /** One field, and its direction. */
    record By(ListField field, boolean isDescending) {

        String direction() {
            return isDescending ? " DESC" : "";
        }

        String beyond() {
            return isDescending ? " < " : " > ";
        }
    }

    private static final String DESCENDING = "desc";
    private static final String ASCENDING = "asc";

    /**
     * Reads the order that a caller asks for: {@code name desc, created_at}.
     *
     * @throws RequestException INVALID_ARGUMENT when it is none
     */
    static ListOrder parse(String text, ListFields known) {
        if (text.isBlank()) {
            return known.order();
        }
        List<By> order = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            String[] words = part.strip().split("\\s+");
            ListField field =
                    known.find(words[0])
                            .filter(each -> each.kind() != ListField.Kind.LABELS)
                            .orElseThrow(
                                    () ->
                                            refused(
                                                    "There is no field '"
                                                            + words[0]
                                                            + "' to order by: there are "
                                                            + known.ordered()));
            if (order.stream().anyMatch(by -> by.field().equals(field))) {
                throw refused("The field " + field.name() + " is in order_by twice");
            }
            order.add(new By(field, isDescending(part, words)));
        }
        return new ListOrder(List.copyOf(order));
    }

    private static boolean isDescending(String part, String[] words) {
        String direction = words.length == 1 ? ASCENDING : words[1].toLowerCase(Locale.ROOT);
        if (words.length > 2 || !direction.equals(DESCENDING) && !direction.equals(ASCENDING)) {
            throw refused(
                    "'"
                            + part.strip()
                            + "' is no part of an order: write a field, and 'desc' behind it to begin"
                            + " with its last, such as 'name desc, created_at'");
        }
        return direction.equals(DESCENDING);
    }

    private static RequestException refused(String message) {
        return RequestException.invalidArgument("order_by", message);
    }

    /** Begins with ORDER BY. */
    String sql(Column id) {
        return " ORDER BY "
                + fields.stream()
                        .map(by -> by.field().ordered() + by.direction())
                        .collect(Collectors.joining(", "))
                + ", "
                + id
                + last().direction();
    }

    /** The direction of ids. */
    By last() {
        return fields.get(fields.size() - 1);
    }
}
