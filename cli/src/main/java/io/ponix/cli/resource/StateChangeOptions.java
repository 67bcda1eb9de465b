package io.ponix.cli.resource;

import com.google.protobuf.Message;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What whoever changes something that is there may say of it. */
final class StateChangeOptions {

    @Mixin private ChangeOptions change;

    @Option(
            names = "--etag",
            paramLabel = "ETAG",
            description =
                    "Change only what you have seen: fails where its etag is another by now. Default: whatever there is.")
    private String etag;

    @Option(
            names = "--validate-only",
            description =
                    "Have it checked as the change is, show what would be, and change nothing.")
    private boolean validateOnly;

    /** What a person is told: what was done, or what would have been where nothing is changed. */
    String told(String done, String tried) {
        return validateOnly ? tried : done;
    }

    boolean hasRequestId() {
        return change.hasRequestId();
    }

    boolean hasEtag() {
        return etag != null;
    }

    /** Has a request, one that has the fields, say it. */
    <B extends Message.Builder> B on(B request) {
        if (etag != null) {
            RequestIdOption.set(request, "etag", etag);
        }
        RequestIdOption.set(request, "validate_only", validateOnly);
        return change.on(request);
    }
}
