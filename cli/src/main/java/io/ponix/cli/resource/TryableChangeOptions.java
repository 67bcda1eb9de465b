package io.ponix.cli.resource;

import com.google.protobuf.Message;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What whoever changes something may say of it, where it may be tried first. */
final class TryableChangeOptions {

    @Mixin private ChangeOptions change;

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

    /** Has a request, one that has the fields, say it. */
    <B extends Message.Builder> B on(B request) {
        return change.on(RequestIdOption.set(request, "validate_only", validateOnly));
    }
}
