package io.ponix.cli.registry;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.ponix.cli.program.CommandException;
import io.ponix.proto.end_device.v1.BatchCreateEndDevicesRequest;
import io.ponix.proto.end_device.v1.BatchUpdateEndDevicesRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc.EndDeviceServiceBlockingStub;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import io.ponix.proto.end_device.v1.ListEndDevicesResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The devices of the device service, as a person works with them. */
public final class EndDevices implements AutoCloseable {

    private static final int DEADLINE_SECONDS = 60;
    private static final int PAGE_SIZE = 1_000;

    private final ManagedChannel channel;

    /**
     * @param channel to the device service; closed with this
     */
    public EndDevices(ManagedChannel channel) {
        this.channel = channel;
    }

    /** What came of an import, in devices. */
    public record Imported(int created, int changed, int unchanged, int refused) {}

    /**
     * All devices of an organization, newest first.
     *
     * @param externalId of the only one; empty: all
     * @throws CommandException when the service does not answer, or refuses
     */
    public List<EndDevice> list(String organization, String externalId) {
        return told(() -> all(organization, externalId));
    }

    /**
     * Makes the devices of an organization those of a CSV file; see {@link DeviceImport}.
     *
     * @param found is given how many devices the file has
     * @param refusals is given a line for each device that the service refuses
     * @param progress is given how many devices are done
     * @throws CommandException when the file cannot be read, or the service does not answer
     */
    public Imported importFrom(
            Path file,
            String organization,
            Consumer<Integer> found,
            Consumer<String> refusals,
            Consumer<Integer> progress) {
        List<DeviceRecord> records = DeviceFile.read(file);
        found.accept(records.size());
        DeviceImport.Result result =
                told(() -> new DeviceImport(this, organization, refusals, progress).run(records));
        return new Imported(
                result.created(), result.changed(), result.unchanged(), result.refused());
    }

    /** Writes devices as the CSV that {@link #importFrom} reads. */
    public static void export(List<EndDevice> devices, Appendable out) throws IOException {
        DeviceFile.write(devices.stream().map(DeviceRecord::of).toList(), out);
    }

    List<EndDevice> all(String organization, String externalId) {
        List<EndDevice> devices = new ArrayList<>();
        ListEndDevicesRequest.Builder request =
                ListEndDevicesRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setExternalId(externalId)
                        .setPageSize(PAGE_SIZE);
        do {
            ListEndDevicesResponse page = service().listEndDevices(request.build());
            devices.addAll(page.getEndDevicesList());
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        return devices;
    }

    void create(BatchCreateEndDevicesRequest request) {
        service().batchCreateEndDevices(request);
    }

    void update(BatchUpdateEndDevicesRequest request) {
        service().batchUpdateEndDevices(request);
    }

    private EndDeviceServiceBlockingStub service() {
        return EndDeviceServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    private static <T> T told(Supplier<T> call) {
        try {
            return call.get();
        } catch (StatusRuntimeException e) {
            throw new CommandException(
                    switch (e.getStatus().getCode()) {
                        case UNAUTHENTICATED ->
                                "the device service wants a valid key; set PONIX_API_KEY, or"
                                        + " PONIX_API_KEY_FILE to a file that holds one";
                        case UNAVAILABLE ->
                                "the device service does not answer: "
                                        + e.getStatus().getDescription();
                        default -> "the device service refused: " + e.getStatus().getDescription();
                    },
                    e);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
