package io.ponix.cli.registry;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ponix.cli.program.CommandException;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceResponse;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import io.ponix.proto.end_device.v1.ListEndDevicesResponse;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.gateway.v1.CreateGatewayKeyRequest;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayKeyRequest;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayKey;
import io.ponix.proto.gateway.v1.GatewayServiceGrpc;
import io.ponix.proto.gateway.v1.GetGatewayRequest;
import io.ponix.proto.gateway.v1.ListGatewaysRequest;
import io.ponix.proto.gateway.v1.ListGatewaysResponse;
import io.ponix.proto.gateway.v1.UpdateGatewayRequest;
import io.ponix.proto.history.v1.CreateSnapshotRequest;
import io.ponix.proto.history.v1.GetAtRequest;
import io.ponix.proto.history.v1.HistoryServiceGrpc;
import io.ponix.proto.history.v1.ResourceType;
import io.ponix.proto.history.v1.RestoreRequest;
import io.ponix.proto.history.v1.RestoreSnapshotRequest;
import io.ponix.proto.history.v1.SnapshotServiceGrpc;
import io.ponix.proto.organization.v1.CreateOrganizationRequest;
import io.ponix.proto.organization.v1.GetOrganizationRequest;
import io.ponix.proto.organization.v1.OrganizationServiceGrpc;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** Registers organizations and devices with the device service over gRPC. */
public final class DeviceRegistry implements AutoCloseable {

    private static final int CALLS_IN_FLIGHT = 32;
    private static final int PAGE_SIZE = 1_000;
    private static final int DEADLINE_SECONDS = 30;
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration PAUSE_BEFORE_REPEAT = Duration.ofMillis(200);

    private final ManagedChannel channel;

    /**
     * @param channel to the device service; closed with this
     */
    public DeviceRegistry(ManagedChannel channel) {
        this.channel = channel;
    }

    /** Creates an organization unless its id is taken; waits as {@link #create} does. */
    public void ensureOrganization(String id, String name) {
        CreateOrganizationRequest request =
                CreateOrganizationRequest.newBuilder().setOrganizationId(id).setName(name).build();
        persistently(
                "create the organization " + id,
                () -> {
                    try {
                        organizationCalls().createOrganization(request);
                    } catch (StatusRuntimeException e) {
                        if (e.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
                            throw e;
                        }
                    }
                    return id;
                });
    }

    /**
     * Creates a gateway unless there is one of that name; has it lead to that broker. Waits as
     * {@link #create} does.
     */
    public Gateway ensureGateway(String organizationId, String name, String brokerUrl) {
        EMQXGatewayConfig config = EMQXGatewayConfig.newBuilder().setBrokerUrl(brokerUrl).build();
        CreateGatewayRequest creation =
                CreateGatewayRequest.newBuilder()
                        .setOrganizationId(organizationId)
                        .setName(name)
                        .setEmqxConfig(config)
                        .setRequestId(requestId())
                        .build();
        return persistently(
                "register the gateway of the MQTT broker",
                () -> {
                    Optional<Gateway> existing =
                            gateways(organizationId).stream()
                                    .filter(gateway -> gateway.getName().equals(name))
                                    .findFirst();
                    if (existing.isEmpty()) {
                        return gatewayCalls().createGateway(creation).getGateway();
                    }
                    if (existing.get().getEmqxConfig().getBrokerUrl().equals(brokerUrl)) {
                        return existing.get();
                    }
                    return gatewayCalls()
                            .updateGateway(
                                    UpdateGatewayRequest.newBuilder()
                                            .setGatewayId(existing.get().getGatewayId())
                                            .setEmqxConfig(
                                                    existing.get().getEmqxConfig().toBuilder()
                                                            .setBrokerUrl(brokerUrl))
                                            .build())
                            .getGateway();
                });
    }

    /**
     * Creates a key of a gateway, in place of those of that name, unless there is one with that
     * secret. Waits as {@link #create} does.
     *
     * @return the secret of the key that there is now
     */
    public String ensureKey(Gateway gateway, String name, Optional<String> secret) {
        if (secret.isPresent()
                && gateway.getKeysList().stream()
                        .anyMatch(key -> key.getSha256().equals(sha256(secret.get())))) {
            return secret.get();
        }
        return persistently(
                "make a key of the gateway",
                () -> {
                    // Anew at each repetition: a call without an answer may have been done.
                    for (GatewayKey key : keys(gateway.getGatewayId())) {
                        if (key.getName().equals(name)) {
                            delete(gateway.getGatewayId(), key.getKeyId());
                        }
                    }
                    return gatewayCalls()
                            .createGatewayKey(
                                    CreateGatewayKeyRequest.newBuilder()
                                            .setGatewayId(gateway.getGatewayId())
                                            .setName(name)
                                            .build())
                            .getSecret();
                });
    }

    private void delete(String gatewayId, String keyId) {
        try {
            gatewayCalls()
                    .deleteGatewayKey(
                            DeleteGatewayKeyRequest.newBuilder()
                                    .setGatewayId(gatewayId)
                                    .setKeyId(keyId)
                                    .build());
        } catch (StatusRuntimeException e) {
            // By the call before, of which there was no answer.
            if (e.getStatus().getCode() != Status.Code.NOT_FOUND) {
                throw e;
            }
        }
    }

    private List<GatewayKey> keys(String gatewayId) {
        return gatewayCalls()
                .getGateway(GetGatewayRequest.newBuilder().setGatewayId(gatewayId).build())
                .getGateway()
                .getKeysList();
    }

    private static ByteString sha256(String secret) {
        try {
            return ByteString.copyFrom(
                    MessageDigest.getInstance("SHA-256")
                            .digest(secret.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has this algorithm", e);
        }
    }

    /**
     * Looks whether an organization is there.
     *
     * @throws CommandException when it is not
     */
    public void requireOrganization(String id) {
        try {
            OrganizationServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                    .getOrganization(
                            GetOrganizationRequest.newBuilder().setOrganizationId(id).build());
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
                throw new CommandException(
                        "there is no organization "
                                + id
                                + "; name another with --organization, or add --create-organization",
                        e);
            }
            throw refused("find the organization " + id, e.getStatus());
        }
    }

    /**
     * The devices of an organization with the names given, in that order; those that do not exist
     * are created.
     *
     * @param transforms the transform of each device, by its name
     * @param created told the number of devices ready so far
     */
    public List<RegisteredDevice> ensureDevices(
            String organizationId, Map<String, String> transforms, IntConsumer created) {
        Map<String, EndDevice> existing = new HashMap<>();
        try {
            devices(organizationId).forEach(device -> existing.put(device.getName(), device));
        } catch (StatusRuntimeException e) {
            throw refused("list the devices of " + organizationId, e.getStatus());
        }
        EndDeviceServiceGrpc.EndDeviceServiceFutureStub devices =
                EndDeviceServiceGrpc.newFutureStub(channel);
        List<RegisteredDevice> registered = new ArrayList<>(transforms.size());
        Deque<ListenableFuture<CreateEndDeviceResponse>> calls = new ArrayDeque<>();
        for (Map.Entry<String, String> wanted : transforms.entrySet()) {
            EndDevice device = existing.get(wanted.getKey());
            if (device != null && device.getPayloadConversion().equals(wanted.getValue())) {
                registered.add(new RegisteredDevice(device.getDeviceId(), organizationId));
                continue;
            }
            if (calls.size() == CALLS_IN_FLIGHT) {
                registered.add(await(calls.remove()));
                created.accept(registered.size());
            }
            calls.add(
                    devices.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                            .createEndDevice(
                                    CreateEndDeviceRequest.newBuilder()
                                            .setOrganizationId(organizationId)
                                            .setName(wanted.getKey())
                                            .setPayloadConversion(wanted.getValue())
                                            .build()));
        }
        while (!calls.isEmpty()) {
            registered.add(await(calls.remove()));
            created.accept(registered.size());
        }
        return registered;
    }

    private List<Gateway> gateways(String organizationId) {
        List<Gateway> gateways = new ArrayList<>();
        ListGatewaysRequest.Builder request =
                ListGatewaysRequest.newBuilder()
                        .setOrganizationId(organizationId)
                        .setPageSize(PAGE_SIZE);
        ListGatewaysResponse page;
        do {
            page = gatewayCalls().listGateways(request.build());
            gateways.addAll(page.getGatewaysList());
            request.setPageToken(page.getNextPageToken());
        } while (!page.getNextPageToken().isEmpty());
        return gateways;
    }

    private List<EndDevice> devices(String organizationId) {
        List<EndDevice> devices = new ArrayList<>();
        ListEndDevicesRequest.Builder request =
                ListEndDevicesRequest.newBuilder()
                        .setOrganizationId(organizationId)
                        .setPageSize(PAGE_SIZE);
        ListEndDevicesResponse page;
        do {
            page =
                    EndDeviceServiceGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                            .listEndDevices(request.build());
            devices.addAll(page.getEndDevicesList());
            request.setPageToken(page.getNextPageToken());
        } while (!page.getNextPageToken().isEmpty());
        return devices;
    }

    /** Creates a device, once; waits while the service or its database is away. */
    public RegisteredDevice create(String organizationId, String name, String transform) {
        CreateEndDeviceRequest request =
                CreateEndDeviceRequest.newBuilder()
                        .setOrganizationId(organizationId)
                        .setName(name)
                        .setPayloadConversion(transform)
                        .setRequestId(requestId())
                        .build();
        EndDevice device =
                persistently("create a device", () -> deviceCalls().createEndDevice(request))
                        .getEndDevice();
        return new RegisteredDevice(device.getDeviceId(), device.getOrganizationId());
    }

    /**
     * Gives a device another transform; waits while the service or its database is away.
     *
     * @return the version of the device from then on
     */
    public long updateTransform(String deviceId, String transform) {
        UpdateEndDeviceRequest request =
                UpdateEndDeviceRequest.newBuilder()
                        .setDeviceId(deviceId)
                        .setPayloadConversion(transform)
                        .setRequestId(requestId())
                        .build();
        return Long.parseLong(
                persistently(
                                "update the device " + deviceId,
                                () -> deviceCalls().updateEndDevice(request))
                        .getEndDevice()
                        .getEtag());
    }

    /** Deletes a device, once; waits while the service or its database is away. */
    public void delete(String deviceId) {
        DeleteEndDeviceRequest request =
                DeleteEndDeviceRequest.newBuilder()
                        .setDeviceId(deviceId)
                        .setRequestId(requestId())
                        .build();
        persistently("delete the device " + deviceId, () -> deviceCalls().deleteEndDevice(request));
    }

    /** The transform that a device had at a version; waits as the others do. */
    public String transformAt(String deviceId, long version) {
        GetAtRequest request =
                GetAtRequest.newBuilder()
                        .setResourceType(ResourceType.RESOURCE_TYPE_END_DEVICE)
                        .setResourceId(deviceId)
                        .setVersion(version)
                        .build();
        return persistently(
                        "look at the device %s at version %d".formatted(deviceId, version),
                        () -> historyCalls().getAt(request))
                .getResource()
                .getEndDevice()
                .getPayloadConversion();
    }

    /**
     * Makes a device what it was at a version, once; waits as the others do.
     *
     * @return the version of the device from then on
     */
    public long restore(String deviceId, long version) {
        RestoreRequest request =
                RestoreRequest.newBuilder()
                        .setResourceType(ResourceType.RESOURCE_TYPE_END_DEVICE)
                        .setResourceId(deviceId)
                        .setVersion(version)
                        .setRequestId(requestId())
                        .build();
        return persistently(
                        "restore the device %s at version %d".formatted(deviceId, version),
                        () -> historyCalls().restore(request))
                .getResource()
                .getVersion();
    }

    /**
     * Keeps what an organization has, once; waits as the others do.
     *
     * @return the id of the snapshot
     */
    public String createSnapshot(String organizationId) {
        CreateSnapshotRequest request =
                CreateSnapshotRequest.newBuilder()
                        .setOrganizationId(organizationId)
                        .setRequestId(requestId())
                        .build();
        return persistently(
                        "make a snapshot of " + organizationId,
                        () -> snapshotCalls().createSnapshot(request))
                .getSnapshot()
                .getSnapshotId();
    }

    /**
     * Makes everything in a snapshot what it was, once; waits as the others do.
     *
     * @return the versions from then on of what was changed, by its id
     */
    public Map<String, Long> restoreSnapshot(String snapshotId) {
        RestoreSnapshotRequest request =
                RestoreSnapshotRequest.newBuilder()
                        .setSnapshotId(snapshotId)
                        .setRequestId(requestId())
                        .build();
        Map<String, Long> versions = new HashMap<>();
        persistently(
                        "restore the snapshot " + snapshotId,
                        () -> snapshotCalls().restoreSnapshot(request))
                .getResourcesList()
                .forEach(
                        resource ->
                                versions.put(
                                        resource.getResourceId(), resource.getResourceVersion()));
        return versions;
    }

    private static String requestId() {
        return UUID.randomUUID().toString();
    }

    private OrganizationServiceGrpc.OrganizationServiceBlockingStub organizationCalls() {
        return OrganizationServiceGrpc.newBlockingStub(channel)
                .withWaitForReady()
                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    private GatewayServiceGrpc.GatewayServiceBlockingStub gatewayCalls() {
        return GatewayServiceGrpc.newBlockingStub(channel)
                .withWaitForReady()
                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    private EndDeviceServiceGrpc.EndDeviceServiceBlockingStub deviceCalls() {
        return EndDeviceServiceGrpc.newBlockingStub(channel)
                .withWaitForReady()
                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    private HistoryServiceGrpc.HistoryServiceBlockingStub historyCalls() {
        return HistoryServiceGrpc.newBlockingStub(channel)
                .withWaitForReady()
                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    private SnapshotServiceGrpc.SnapshotServiceBlockingStub snapshotCalls() {
        return SnapshotServiceGrpc.newBlockingStub(channel)
                .withWaitForReady()
                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    /** Calls until there is an answer: the same request, so that it happens once. */
    private static <T> T persistently(String what, Supplier<T> call) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return call.get();
            } catch (StatusRuntimeException e) {
                boolean mayPass =
                        switch (e.getStatus().getCode()) {
                            case UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED, ABORTED ->
                                    true;
                            default -> false;
                        };
                if (!mayPass || System.nanoTime() > deadline) {
                    throw refused(what, e.getStatus());
                }
            }
            try {
                Thread.sleep(PAUSE_BEFORE_REPEAT.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CommandException("interrupted", e);
            }
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private static RegisteredDevice await(ListenableFuture<CreateEndDeviceResponse> call) {
        try {
            EndDevice device = call.get().getEndDevice();
            return new RegisteredDevice(device.getDeviceId(), device.getOrganizationId());
        } catch (ExecutionException e) {
            throw refused("create a device", Status.fromThrowable(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    private static CommandException refused(String what, Status status) {
        return new CommandException(
                "the device service did not "
                        + what
                        + ": "
                        + status.getCode()
                        + (status.getDescription() == null ? "" : " " + status.getDescription()));
    }
}
