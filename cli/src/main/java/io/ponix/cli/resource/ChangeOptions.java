package io.ponix.cli.resource;

import com.google.protobuf.Message;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What whoever changes something may say of it. */
final class ChangeOptions {

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            description = "Why, in a line for those who read the history.")
    private String reason = "";

    @Mixin private RequestIdOption requestId;

    boolean hasRequestId() {
        return requestId.isGiven();
    }

    /** Has a request, one that has the fields, say it. */
    <B extends Message.Builder> B on(B request) {
        return requestId.on(RequestIdOption.set(request, "reason", reason));
    }
}
