package io.ponix.cli.resource;

import com.google.protobuf.Message;
import picocli.CommandLine.Option;

/** Which of a list are wanted, and in which order. */
final class ListOptions {

    @Option(
            names = "--filter",
            paramLabel = "CEL",
            defaultValue = "",
            description =
                    "Only those of which this holds, such as 'name.startsWith(\"pump\")': CEL over the fields of each. One that"
                            + " means nothing is refused with the fields that there are.")
    private String filter;

    @Option(
            names = "--order-by",
            paramLabel = "FIELDS",
            defaultValue = "",
            description =
                    "Fields of the filter, such as 'name desc, created_at'. Default: the newest first.")
    private String orderBy;

    @Option(
            names = "--show-deleted",
            description =
                    "Those that were deleted, too; with --filter 'deleted_at != null' no others.")
    private boolean showDeleted;

    /** Has a request, one that has the fields, say it. */
    <B extends Message.Builder> B on(B request) {
        request.setField(
                request.getDescriptorForType().findFieldByName("show_deleted"), showDeleted);
        return RequestIdOption.set(
                RequestIdOption.set(request, "filter", filter), "order_by", orderBy);
    }
}
