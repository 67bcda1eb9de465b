package io.ponix.cli.resource;

import com.google.protobuf.Timestamp;
import io.ponix.cli.command.DeviceServiceOption;
import io.ponix.cli.registry.DeviceServiceCalls;
import io.ponix.proto.history.v1.DiffRequest;
import io.ponix.proto.history.v1.HistoryServiceGrpc;
import io.ponix.proto.history.v1.Resource;
import io.ponix.proto.history.v1.ResourceDifference;
import io.ponix.proto.history.v1.RestoreRequest;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code restore}: makes one of what is registered what it was after a change. */
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        description = {
            "Make one what it was after the change of a version.",
            "It shows what that changes; one that was deleted since is there again. It is one more change: what happened in between stays in the history, and can be restored in turn."
        })
final class RestoreCommand implements Runnable {

    /** To the history a time to come is now. */
    static final Timestamp NOW = Timestamp.newBuilder().setSeconds(32_472_144_000L).build();

    @ParentCommand private ResourceCommand resource;

    @Mixin private DeviceServiceOption service;

    @Option(
            names = "--version",
            paramLabel = "N",
            required = true,
            description = "After whose change, as in 'history'.")
    private long version;

    @Mixin private StateChangeOptions change;

    @Mixin private OutputOption output;

    @Parameters(paramLabel = "ID", description = ResourceCommand.ID)
    private String id;

    @Override
    public void run() {
        List<ResourceDifference> differences;
        Resource restored;
        try (DeviceServiceCalls calls = service.calls()) {
            differences = differences(calls);
            RestoreRequest.Builder request =
                    RestoreRequest.newBuilder()
                            .setResourceType(resource.type())
                            .setResourceId(id)
                            .setVersion(version);
            if (!differences.isEmpty() && !change.hasRequestId()) {
                // What is shown is what is done. By its own name a change is that of before, whose
                // etag nobody knows any more.
                request.setEtag(Long.toString(differences.get(0).getFromVersion()));
            }
            restored =
                    calls.call(
                                    HistoryServiceGrpc::newBlockingStub,
                                    history -> history.restore(change.on(request).build()))
                            .getResource();
        }
        output.print(done(differences, restored), restored);
    }

    private List<ResourceDifference> differences(DeviceServiceCalls calls) {
        return calls.call(
                        HistoryServiceGrpc::newBlockingStub,
                        history ->
                                history.diff(
                                        DiffRequest.newBuilder()
                                                .setResourceType(resource.type())
                                                .setResourceId(id)
                                                .setFromTime(NOW)
                                                .setToVersion(version)
                                                .build()))
                .getDifferencesList();
    }

    private String done(List<ResourceDifference> differences, Resource restored) {
        if (differences.isEmpty()) {
            return "The %s %s is as it was after the change of version %d already (etag %d)."
                    .formatted(resource.noun(), id, version, restored.getVersion());
        }
        StringBuilder text =
                new StringBuilder(
                        "%s the %s %s as it was after the change of version %d (etag %d):"
                                .formatted(
                                        change.told("Restored", "Would restore"),
                                        resource.noun(),
                                        id,
                                        version,
                                        restored.getVersion()));
        differences
                .get(0)
                .getFieldsList()
                .forEach(
                        field ->
                                ChangeText.of(field)
                                        .forEach(line -> text.append("\n  ").append(line)));
        return text.toString();
    }
}
