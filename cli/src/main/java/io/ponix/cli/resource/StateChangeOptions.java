package io.ponix.cli.resource;

import com.google.protobuf.Message;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What whoever changes something that is there may say of it. */
final class StateChangeOptions {

    @Mixin private TryableChangeOptions change;

    @Option(
            names = "--etag",
            paramLabel = "ETAG",
            description =
                    "Change only what you have seen: fails where its etag is another by now. Default: whatever there is.")
    private String etag;

    /** What a person is told: what was done, or what would have been where nothing is changed. */
    String told(String done, String tried) {
        return change.told(done, tried);
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
        return change.on(request);
    }
}
