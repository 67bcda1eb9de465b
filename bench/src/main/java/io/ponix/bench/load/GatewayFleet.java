package io.ponix.bench.load;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.Timestamp;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.registry.DeviceRegistry;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.terminal.ProgressLine;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayServiceGrpc;
import io.ponix.proto.gateway.v1.GatewayStatus;
import io.ponix.proto.gateway.v1.ListGatewaysRequest;
import io.ponix.proto.gateway.v1.ListGatewaysResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/** Many gateways of an organization of their own, to which nobody sends anything. */
public final class GatewayFleet implements AutoCloseable {

    private static final String ORGANIZATION = "org-gateways";
    private static final int CALLS_IN_FLIGHT = 32;
    private static final int PAGE_SIZE = 1_000;
    private static final int DEADLINE_SECONDS = 60;

    private final ManagedChannel channel;
    private final ProgressLine progress;
    private int created;

    /**
     * @param addresses of the stack whose device service knows them
     */
    public GatewayFleet(StackAddresses addresses, ProgressLine progress) {
        this.progress = progress;
        try (DeviceRegistry registry = new DeviceRegistry(addresses.deviceService())) {
            registry.ensureOrganization(ORGANIZATION, "Gateways of a benchmark");
        }
        channel = addresses.deviceService();
    }

    /**
     * How gateways are.
     *
     * @param failing those whose status says why it is not
     * @param updatedAt when each was changed last, by its id
     */
    public record State(long failing, Map<String, Timestamp> updatedAt) {

        /** How many of them another state has changed, or has not. */
        public long changedIn(State later) {
            return updatedAt.entrySet().stream()
                    .filter(each -> !each.getValue().equals(later.updatedAt().get(each.getKey())))
                    .count();
        }
    }

    /**
     * Adds gateways.
     *
     * @param brokerUrls where the broker of each is, by its number among these
     */
    public void add(int count, IntFunction<String> brokerUrls) {
        GatewayServiceGrpc.GatewayServiceFutureStub gateways =
                GatewayServiceGrpc.newFutureStub(channel);
        Deque<ListenableFuture<?>> calls = new ArrayDeque<>();
        for (int each = 0; each < count; each++) {
            if (calls.size() == CALLS_IN_FLIGHT) {
                await(calls.remove());
            }
            created++;
            calls.add(
                    gateways.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                            .createGateway(
                                    CreateGatewayRequest.newBuilder()
                                            .setOrganizationId(ORGANIZATION)
                                            .setName("Gateway " + created)
                                            .setEmqxConfig(
                                                    EMQXGatewayConfig.newBuilder()
                                                            .setBrokerUrl(brokerUrls.apply(each)))
                                            .build()));
            progress.show("registered %,d gateways".formatted(created));
        }
        while (!calls.isEmpty()) {
            await(calls.remove());
        }
    }

    private static void await(ListenableFuture<?> call) {
        try {
            call.get();
        } catch (ExecutionException e) {
            throw refused(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    private static CommandException refused(Throwable cause) {
        return new CommandException(
                "the device service did not do what was asked of gateways: " + cause.getMessage(),
                cause);
    }

    /** How all of them are. */
    public State state() {
        Map<String, Timestamp> updatedAt = new HashMap<>();
        long failing = 0;
        for (Gateway gateway : list()) {
            updatedAt.put(gateway.getGatewayId(), gateway.getUpdatedAt());
            failing += gateway.getStatus() == GatewayStatus.GATEWAY_STATUS_ERROR ? 1 : 0;
        }
        return new State(failing, updatedAt);
    }

    private List<Gateway> list() {
        List<Gateway> gateways = new ArrayList<>();
        ListGatewaysRequest.Builder request =
                ListGatewaysRequest.newBuilder()
                        .setOrganizationId(ORGANIZATION)
                        .setPageSize(PAGE_SIZE);
        ListGatewaysResponse page;
        try {
            do {
                page =
                        GatewayServiceGrpc.newBlockingStub(channel)
                                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                                .listGateways(request.build());
                gateways.addAll(page.getGatewaysList());
                request.setPageToken(page.getNextPageToken());
            } while (!page.getNextPageToken().isEmpty());
        } catch (StatusRuntimeException e) {
            throw refused(e);
        }
        return gateways;
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
