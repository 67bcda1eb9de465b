package io.ponix.deviceservice.request;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which fields a request to update something changes ({@code update_mask}, as AIP-134 has it): to
 * what they are in the request, which clears one that is empty or absent there. Without a mask
 * those that are given.
 */
public final class UpdateMask {

    private static final String NAME = "update_mask";
    private static final String ALL = "*";
    private static final String ONE_LABEL = DescriptionChange.LABELS + ".";

    private final Optional<Set<String>> fields;

    private UpdateMask(Optional<Set<String>> fields) {
        this.fields = fields;
    }

    /**
     * The mask of a request.
     *
     * @param changeable the fields that can be changed
     * @throws RequestException INVALID_ARGUMENT when it names another
     */
    public static UpdateMask of(Message request, List<String> changeable) {
        FieldDescriptor field = request.getDescriptorForType().findFieldByName(NAME);
        List<String> paths = ((FieldMask) request.getField(field)).getPathsList();
        if (paths.isEmpty()) {
            return new UpdateMask(Optional.empty());
        }
        Set<String> fields = new TreeSet<>();
        for (String path : paths) {
            if (path.equals(ALL)) {
                fields.addAll(changeable);
            } else if (changeable.contains(path)
                    || changeable.contains(DescriptionChange.LABELS)
                            && path.startsWith(ONE_LABEL)
                            && LabelRules.isKey(path.substring(ONE_LABEL.length()))) {
                fields.add(path);
            } else {
                throw refused(
                        NAME,
                        "update_mask has '"
                                + path
                                + "', which is no field to change: there are "
                                + String.join(", ", changeable)
                                + ", and * for all of them"
                                + (changeable.contains(DescriptionChange.LABELS)
                                        ? "; labels.KEY is the label of that key"
                                        : ""));
            }
        }
        return new UpdateMask(Optional.of(fields));
    }

    /**
     * Whether a field is changed.
     *
     * @param isGiven whether it is where there is no mask
     */
    public boolean changes(String field, boolean isGiven) {
        return fields.map(masked -> masked.contains(field)).orElse(isGiven);
    }

    /** The keys of the labels that are changed one by one: none where all of them are. */
    List<String> labels() {
        return changes(DescriptionChange.LABELS, false)
                ? List.of()
                : fields.orElse(Set.of()).stream()
                        .filter(path -> path.startsWith(ONE_LABEL))
                        .map(path -> path.substring(ONE_LABEL.length()))
                        .toList();
    }

    /**
     * Makes sure that a field is not cleared that cannot be.
     *
     * @param isEmpty whether the request has nothing for it
     * @param message what to say if so
     * @throws RequestException INVALID_ARGUMENT when the mask clears it
     */
    public void requireNotCleared(String field, boolean isEmpty, String message) {
        if (isEmpty && fields.isPresent() && fields.get().contains(field)) {
            throw refused(field, message);
        }
    }

    private static RequestException refused(String field, String message) {
        return RequestException.invalidArgument(field, message);
    }
}
