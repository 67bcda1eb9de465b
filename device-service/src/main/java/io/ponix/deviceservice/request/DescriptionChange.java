package io.ponix.deviceservice.request;

import io.ponix.registry.Column;
import io.ponix.registry.Labels;
import io.ponix.registry.RowColumns;
import java.util.List;
import java.util.Map;

/** What a request changes of what is said of something: its description and its labels. */
public final class DescriptionChange {

    public static final String DESCRIPTION = "description";
    public static final String LABELS = "labels";

    private DescriptionChange() {}

    /** Adds what is changed of a description. */
    public static void ofText(
            UpdateMask mask, boolean isGiven, String description, Map<Column, Object> values) {
        if (mask.changes(DESCRIPTION, isGiven)) {
            values.put(RowColumns.DESCRIPTION, description);
        }
    }

    /**
     * Adds what is changed of labels: all of them where there are some, or the mask says so; those
     * of the keys that it names. There may be more than there may be of them after that, which is
     * to be looked at then ({@link LabelRules}).
     */
    public static void ofLabels(
            UpdateMask mask, Map<String, String> labels, Map<Column, Object> values) {
        List<String> keys = mask.labels();
        if (!keys.isEmpty()) {
            values.put(RowColumns.SOME_LABELS, Labels.change(keys, labels));
        } else if (mask.changes(LABELS, !labels.isEmpty())) {
            values.put(RowColumns.LABELS, Labels.document(labels));
        }
    }
}
