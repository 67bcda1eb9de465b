package io.ponix.cli.registry;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.registry.Pages.Page;
import io.ponix.proto.end_device.v1.BatchCreateEndDevicesRequest;
import io.ponix.proto.end_device.v1.BatchUpdateEndDevicesRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import io.ponix.proto.end_device.v1.ListEndDevicesResponse;
import io.ponix.proto.organization.v1.GetOrganizationRequest;
import io.ponix.proto.organization.v1.OrganizationServiceGrpc;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/** The devices of the device service, as a person works with many of them. */
public final class EndDevices {

    private final DeviceServiceCalls calls;

    /** The devices of a service. */
    public EndDevices(DeviceServiceCalls calls) {
        this.calls = calls;
    }

    /** What came of an import, in devices. */
    public record Imported(int created, int changed, int unchanged, int refused) {}

    /**
     * The devices that a request asks for, of all its pages.
     *
     * @throws CommandException when the service does not answer, or refuses; also while they are
     *     read
     */
    public Iterator<EndDevice> list(ListEndDevicesRequest request) {
        return new Pages<>(
                token -> {
                    ListEndDevicesResponse page =
                            calls.call(
                                    EndDeviceServiceGrpc::newBlockingStub,
                                    service ->
                                            service.listEndDevices(
                                                    request.toBuilder()
                                                            .setPageSize(Pages.SIZE)
                                                            .setPageToken(token)
                                                            .build()));
                    return new Page<>(page.getEndDevicesList(), page.getNextPageToken());
                });
    }

    /**
     * Makes the devices of an organization those of a CSV file; see {@link DeviceImport}.
     *
     * @param found is given how many devices the file has
     * @param refusals is given a line for each device that the service refuses
     * @param progress is given how many devices are done
     * @throws CommandException when the file cannot be read, there is no such organization, or the
     *     service does not answer
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
                DeviceServiceCalls.told(
                        () -> {
                            requireOrganization(organization);
                            return new DeviceImport(this, organization, refusals, progress)
                                    .run(records);
                        });
        return new Imported(
                result.created(), result.changed(), result.unchanged(), result.refused());
    }

    /** Without it each of its devices would be refused. */
    private void requireOrganization(String id) {
        try {
            calls.stub(OrganizationServiceGrpc::newBlockingStub)
                    .getOrganization(
                            GetOrganizationRequest.newBuilder().setOrganizationId(id).build());
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
                throw new CommandException("there is no organization " + id, e);
            }
            throw e;
        }
    }

    /** Writes devices as the CSV that {@link #importFrom} reads. */
    public static void export(Iterator<EndDevice> devices, Appendable out) throws IOException {
        Iterable<EndDevice> all = () -> devices;
        DeviceFile.write(all, out);
    }

    void create(BatchCreateEndDevicesRequest request) {
        calls.stub(EndDeviceServiceGrpc::newBlockingStub).batchCreateEndDevices(request);
    }

    void update(BatchUpdateEndDevicesRequest request) {
        calls.stub(EndDeviceServiceGrpc::newBlockingStub).batchUpdateEndDevices(request);
    }
}
