package io.ponix.deviceservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ListServiceResponse;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import io.ponix.proto.organization.v1.GetOrganizationRequest;
import io.ponix.proto.organization.v1.OrganizationServiceGrpc;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the server offers besides its methods. */
@ExtendWith(ServiceUnderTest.Shared.class)
class ServerITCase {

    private static final Pattern PACKAGE = Pattern.compile("(?m)^package ([\\w.]+);");
    private static final Pattern SERVICE = Pattern.compile("(?m)^service (\\w+)");

    private static ServiceUnderTest service;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
    }

    @Test
    void reflectionListsTheServicesAndKnowsTheirTypes() throws Exception {
        ServerReflectionResponse list =
                reflect(ServerReflectionRequest.newBuilder().setListServices("*").build());
        assertThat(list.getListServicesResponse())
                .extracting(ListServiceResponse::getServiceList)
                .satisfies(
                        services ->
                                assertThat(services)
                                        .extracting(ServiceResponse::getName)
                                        .contains("grpc.health.v1.Health")
                                        .containsAll(servicesOfTheContract()));

        ServerReflectionResponse file =
                reflect(
                        ServerReflectionRequest.newBuilder()
                                .setFileContainingSymbol("ponix.end_device.v1.EndDeviceService")
                                .build());
        assertThat(file.getFileDescriptorResponse().getFileDescriptorProtoCount()).isPositive();
    }

    /** The names of all services that the protos define. */
    private static List<String> servicesOfTheContract() throws IOException {
        Path protos = Path.of(System.getProperty("ponix.root"), "proto/src/main/proto");
        List<String> services = new ArrayList<>();
        try (Stream<Path> files = Files.walk(protos)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".proto")).toList()) {
                String proto = Files.readString(file);
                Matcher name = PACKAGE.matcher(proto);
                assertThat(name.find()).as("a package in %s", file).isTrue();
                SERVICE.matcher(proto)
                        .results()
                        .forEach(service -> services.add(name.group(1) + "." + service.group(1)));
            }
        }
        assertThat(services).contains("ponix.end_device.v1.EndDeviceService");
        return services;
    }

    @Test
    void reflectionAnswersByItsOlderNameToo() throws Exception {
        CompletableFuture<io.grpc.reflection.v1alpha.ServerReflectionResponse> answer =
                new CompletableFuture<>();
        StreamObserver<io.grpc.reflection.v1alpha.ServerReflectionRequest> requests =
                io.grpc.reflection.v1alpha.ServerReflectionGrpc.newStub(service.channel())
                        .serverReflectionInfo(firstOf(answer));
        requests.onNext(
                io.grpc.reflection.v1alpha.ServerReflectionRequest.newBuilder()
                        .setListServices("*")
                        .build());
        requests.onCompleted();

        assertThat(answer.get(30, TimeUnit.SECONDS).getListServicesResponse().getServiceList())
                .extracting(io.grpc.reflection.v1alpha.ServiceResponse::getName)
                .contains(
                        "ponix.end_device.v1.EndDeviceService",
                        "ponix.organization.v1.OrganizationService");
    }

    @Test
    void healthIsServing() {
        assertThat(
                        HealthGrpc.newBlockingStub(service.channel())
                                .check(HealthCheckRequest.getDefaultInstance())
                                .getStatus())
                .isEqualTo(ServingStatus.SERVING);
    }

    @Test
    void theMethodsAnswerInJson() throws Exception {
        HttpResponse<String> created =
                post(
                        "ponix.organization.v1.OrganizationService/CreateOrganization",
                        "{\"name\": \"Acme\", \"organization_id\": \"json-1\"}");
        assertThat(created.statusCode()).isEqualTo(200);
        assertThat(created.body()).contains("\"json-1\"").contains("ORGANIZATION_STATUS_ACTIVE");

        HttpResponse<String> refused =
                post(
                        "ponix.end_device.v1.EndDeviceService/CreateEndDevice",
                        "{\"organizationId\": \"json-1\", \"name\": \"x\", \"payloadConversion\": \"1 +\\n nope\"}");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body())
                .contains("INVALID_ARGUMENT")
                .contains("does not compile:\\n2:2 undeclared reference to 'nope'");
    }

    @Test
    void thePagesAnswer() throws Exception {
        post("ponix.organization.v1.OrganizationService/ListOrganizations", "{}");

        assertThat(get("/health").body()).isEqualTo("{\"healthy\":true}");
        assertThat(get("/docs/").body())
                .containsIgnoringCase("<html")
                .contains("<title>Ponix: methods</title>");
        assertThat(get("/docs/specification.json").body())
                .contains("ponix.end_device.v1.EndDeviceService")
                .as("what the protos say of a service, a method and a field")
                .contains(
                        "Manages organizations, the owners of devices.",
                        "Lists the devices of an organization, newest first.",
                        "The gateway that enrolled the device");
        assertThat(get("/metrics").body())
                .contains("ponix_grpc_requests_total")
                .contains("method=\"ListOrganizations\"")
                .contains("hikaricp_connections_max")
                .contains("jvm_memory_used_bytes");
    }

    @Test
    void bothPortsGiveTheSame() throws Exception {
        assertThat(service.service().grpcPort()).isNotEqualTo(service.service().httpPort());
        ManagedChannel channel =
                ManagedChannelBuilder.forAddress("127.0.0.1", service.service().httpPort())
                        .usePlaintext()
                        .build();
        try {
            String id = service.organization("Acme");
            assertThat(
                            OrganizationServiceGrpc.newBlockingStub(channel)
                                    .getOrganization(
                                            GetOrganizationRequest.newBuilder()
                                                    .setOrganizationId(id)
                                                    .build())
                                    .getOrganization()
                                    .getName())
                    .isEqualTo("Acme");
        } finally {
            channel.shutdownNow();
            await().atMost(Duration.ofSeconds(10)).until(channel::isTerminated);
        }
    }

    private static ServerReflectionResponse reflect(ServerReflectionRequest request)
            throws Exception {
        CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
        StreamObserver<ServerReflectionRequest> requests =
                ServerReflectionGrpc.newStub(service.channel())
                        .serverReflectionInfo(firstOf(answer));
        requests.onNext(request);
        requests.onCompleted();
        return answer.get(30, TimeUnit.SECONDS);
    }

    private static <T> StreamObserver<T> firstOf(CompletableFuture<T> answer) {
        return new StreamObserver<>() {
            @Override
            public void onNext(T response) {
                answer.complete(response);
            }

            @Override
            public void onError(Throwable failure) {
                answer.completeExceptionally(failure);
            }

            @Override
            public void onCompleted() {
                answer.completeExceptionally(new AssertionError("No answer"));
            }
        };
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(uri(path)).build());
    }

    private static HttpResponse<String> post(String method, String json)
            throws IOException, InterruptedException {
        return send(
                HttpRequest.newBuilder(uri("/" + method))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(json))
                        .build());
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + service.service().httpPort() + path);
    }

    private static HttpResponse<String> send(HttpRequest request)
            throws IOException, InterruptedException {
        return CleartextHttp.CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
