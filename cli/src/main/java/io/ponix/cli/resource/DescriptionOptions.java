package io.ponix.cli.resource;

import com.google.protobuf.Message;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is said of something that is created. */
final class DescriptionOptions {

    static final String FIELD = "description";
    static final String DESCRIPTION = "What it is, for people: at most 1,000 characters.";

    @Option(
            names = "--description",
            paramLabel = "TEXT",
            defaultValue = "",
            description = DESCRIPTION)
    private String description;

    @Mixin private LabelOptions labels;

    /** Has a request, one that has the fields, say it. */
    <B extends Message.Builder> B on(B request) {
        labels.on(request);
        return RequestIdOption.set(request, FIELD, description);
    }
}
