package io.ponix.cli.resource;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Message;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is changed of what is said of something. */
final class DescriptionChangeOptions {

    @Option(
            names = "--description",
            paramLabel = "TEXT",
            description = DescriptionOptions.DESCRIPTION + " '': none.")
    private String description;

    @Mixin private LabelChangeOptions labels;

    /**
     * Has a request, one that has the fields, change it. Where labels are changed one by one, which
     * only a mask can say, the mask is of all that the request changes.
     *
     * @param request that has nothing yet but what it changes
     */
    void on(Message.Builder request) {
        if (description != null) {
            RequestIdOption.set(request, DescriptionOptions.FIELD, description);
        }
        Set<String> paths = labels.paths();
        if (paths.isEmpty()) {
            return;
        }
        Set<String> mask = new TreeSet<>(paths);
        for (FieldDescriptor field : request.getAllFields().keySet()) {
            if (field.getRealContainingOneof() == null) {
                mask.add(field.getName().replaceFirst("^clear_", ""));
            } else {
                // One of them takes the place of the others.
                field.getRealContainingOneof()
                        .getFields()
                        .forEach(each -> mask.add(each.getName()));
            }
        }
        labels.on(request);
        request.setField(
                request.getDescriptorForType().findFieldByName("update_mask"),
                FieldMask.newBuilder().addAllPaths(mask).build());
    }
}
