package io.ponix.bridge.registry;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ponix.client.deviceservice.ApiKey;
import io.ponix.client.deviceservice.DeviceServiceAddress;
import io.ponix.client.deviceservice.DeviceServiceChannel;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayServiceGrpc;
import io.ponix.proto.gateway.v1.GatewayStatus;
import io.ponix.proto.gateway.v1.ListGatewaysRequest;
import io.ponix.proto.gateway.v1.ListGatewaysResponse;
import io.ponix.proto.gateway.v1.UpdateGatewayRequest;
import io.ponix.proto.organization.v1.ListOrganizationsRequest;
import io.ponix.proto.organization.v1.ListOrganizationsResponse;
import io.ponix.proto.organization.v1.Organization;
import io.ponix.proto.organization.v1.OrganizationServiceGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The gateways that the device service knows. */
public final class GatewayDirectory implements AutoCloseable {

    private static final int PAGE_SIZE = 1_000;
    private static final long DEADLINE_SECONDS = 15;
    private static final long WRITTEN_WITHIN_SECONDS = 5;

    private final ManagedChannel channel;

    /**
     * @param address where the device service is
     * @param key what it is shown, if it asks for one
     */
    public GatewayDirectory(DeviceServiceAddress address, Optional<ApiKey> key) {
        channel = DeviceServiceChannel.open(address, key);
    }

    /**
     * What there is.
     *
     * @param requests how many it took to ask
     */
    public record Listing(List<Gateway> gateways, int requests) {}

    /**
     * All gateways of all organizations that are not deleted.
     *
     * @throws StatusRuntimeException when the service does not answer
     */
    public Listing list() {
        List<Gateway> gateways = new ArrayList<>();
        int requests = 0;
        ListOrganizationsRequest.Builder request =
                ListOrganizationsRequest.newBuilder().setPageSize(PAGE_SIZE);
        ListOrganizationsResponse page;
        do {
            page =
                    OrganizationServiceGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                            .listOrganizations(request.build());
            requests++;
            for (Organization organization : page.getOrganizationsList()) {
                requests += addGateways(organization.getId(), gateways);
            }
            request.setPageToken(page.getNextPageToken());
        } while (!page.getNextPageToken().isEmpty());
        return new Listing(gateways, requests);
    }

    /** Adds the gateways of an organization and returns how many requests it took. */
    private int addGateways(String organizationId, List<Gateway> gateways) {
        ListGatewaysRequest.Builder request =
                ListGatewaysRequest.newBuilder()
                        .setOrganizationId(organizationId)
                        .setPageSize(PAGE_SIZE);
        int requests = 0;
        ListGatewaysResponse page;
        do {
            page =
                    GatewayServiceGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                            .listGateways(request.build());
            requests++;
            gateways.addAll(page.getGatewaysList());
            request.setPageToken(page.getNextPageToken());
        } while (!page.getNextPageToken().isEmpty());
        return requests;
    }

    /**
     * Says how a gateway is. One that is deleted is left alone.
     *
     * @throws StatusRuntimeException when the service does not answer, or refuses it
     */
    void write(String gatewayId, GatewayStatus status, String reason) {
        try {
            GatewayServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(WRITTEN_WITHIN_SECONDS, TimeUnit.SECONDS)
                    .updateGateway(
                            UpdateGatewayRequest.newBuilder()
                                    .setGatewayId(gatewayId)
                                    .setStatus(status)
                                    .setStatusReason(reason)
                                    .build());
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.NOT_FOUND) {
                throw e;
            }
        }
    }

    /** The way to the service. */
    ManagedChannel channel() {
        return channel;
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
