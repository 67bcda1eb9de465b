package io.ponix.cli.resource;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.ponix.cli.program.CommandException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/** What something is found by. */
final class LabelOptions {

    static final String FIELD = "labels";

    @Option(
            names = "--label",
            paramLabel = "KEY=VALUE",
            description =
                    "A label, by which people and programs find it; may be given several times. Others that there are stay.")
    private List<String> labels = List.of();

    /**
     * The labels that are given.
     *
     * @throws CommandException for one that is none, or is given twice
     */
    SortedMap<String, String> given() {
        return parsed(labels);
    }

    static SortedMap<String, String> parsed(List<String> labels) {
        SortedMap<String, String> given = new TreeMap<>();
        for (String label : labels) {
            int is = label.indexOf('=');
            if (is < 1) {
                throw CommandException.calledWrongly("--label: '" + label + "' is not KEY=VALUE");
            }
            if (given.put(label.substring(0, is), label.substring(is + 1)) != null) {
                throw CommandException.calledWrongly(
                        "--label " + label.substring(0, is) + " is given twice: which is meant?");
            }
        }
        return given;
    }

    /** Has a request, one that has the field, have them. */
    void on(Message.Builder request) {
        FieldDescriptor field = request.getDescriptorForType().findFieldByName(FIELD);
        for (Map.Entry<String, String> label : given().entrySet()) {
            Message.Builder entry = request.newBuilderForField(field);
            entry.setField(entry.getDescriptorForType().findFieldByName("key"), label.getKey());
            entry.setField(entry.getDescriptorForType().findFieldByName("value"), label.getValue());
            request.addRepeatedField(field, entry.build());
        }
    }
}
