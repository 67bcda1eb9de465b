package io.ponix.deviceservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import com.google.rpc.RetryInfo;
import io.grpc.Attributes;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.ponix.proto.organization.v1.ListOrganizationsRequest;
import io.ponix.proto.organization.v1.OrganizationServiceGrpc;
import io.ponix.proto.transform.v1.EvaluateRequest;
import io.ponix.proto.transform.v1.EvaluateResponse;
import io.ponix.proto.transform.v1.TransformServiceGrpc;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much, and how slowly, a caller may ask. */
class CallLimitsITCase {

    private static final int PER_SECOND = 20;

    /** About as long as the budget lets it, which is processor time. */
    private static final String LONG =
            "{\"a\": [0,1,2,3,4,5,6,7,8,9].all(a, [0,1,2,3,4,5,6,7,8,9].all(b,"
                    + " [0,1,2,3,4,5,6,7,8,9].all(c, [0,1,2,3,4,5,6,7,8,9].all(d,"
                    + " [0,1,2,3,4,5,6,7,8,9].all(e, [0,1,2,3,4,5,6,7,8,9].all(f,"
                    + " [0,1,2,3,4,5,6,7,8,9].all(g, a + b >= 0)))))))}";

    @TempDir private static Path home;

    private static ServiceUnderTest service;

    @BeforeAll
    static void start() {
        service =
                ServiceUnderTest.start(
                        home,
                        Map.of(
                                "PONIX_GRPC_REQUESTS_PER_SECOND", String.valueOf(PER_SECOND),
                                "PONIX_GRPC_CONCURRENT_EVALUATIONS", "1",
                                "PONIX_GRPC_IDLE_TIMEOUT_MS", "1000",
                                "PONIX_POSTGRES_STATEMENT_TIMEOUT_MS", "1000",
                                "PONIX_TRANSFORM_MAX_ITERATIONS", "2000000000",
                                "PONIX_TRANSFORM_MAX_WORK", "2000000000",
                                "PONIX_TRANSFORM_MAX_DURATION", "3 s"));
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void aCallerOfTooManyCallsIsToldWhenToCallAgain() throws Exception {
        StatusRuntimeException refusal = callUntilRefused();
        assertThat(refusal.getStatus().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
        assertThat(refusal.getStatus().getDescription())
                .contains("More than 20 calls a second", "PONIX_GRPC_REQUESTS_PER_SECOND");
        RetryInfo retry = detail(refusal, RetryInfo.class);
        assertThat(Durations.toMillis(retry.getRetryDelay())).isBetween(0L, 1_000L / PER_SECOND);

        HttpResponse<String> answer = postUntilRefused();
        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.body()).contains("RESOURCE_EXHAUSTED", "calls a second");

        // Others are not held up.
        ManagedChannel other =
                NettyChannelBuilder.forAddress("127.0.0.1", service.service().grpcPort())
                        .localSocketPicker(
                                new NettyChannelBuilder.LocalSocketPicker() {
                                    @Override
                                    public SocketAddress createSocketAddress(
                                            SocketAddress remote, Attributes attributes) {
                                        return new InetSocketAddress("127.0.0.2", 0);
                                    }
                                })
                        .usePlaintext()
                        .build();
        try {
            callUntilRefused();
            OrganizationServiceGrpc.newBlockingStub(other)
                    .listOrganizations(ListOrganizationsRequest.getDefaultInstance());
        } finally {
            other.shutdownNow();
        }

        // And who waits is answered.
        await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(500))
                .ignoreExceptions()
                .untilAsserted(this::list);
    }

    @Test
    void oneMoreEvaluationAtOnceIsRefusedAndFindsRoomLater() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try {
            List<Future<EvaluateResponse>> calls = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                calls.add(executor.submit(() -> evaluate(LONG)));
            }
            List<Throwable> refused = new ArrayList<>();
            for (Future<EvaluateResponse> call : calls) {
                try {
                    call.get();
                } catch (ExecutionException e) {
                    refused.add(e.getCause());
                }
            }
            assertThat(refused).hasSize(1);
            StatusRuntimeException refusal = (StatusRuntimeException) refused.get(0);
            assertThat(refusal.getStatus().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
            assertThat(refusal.getStatus().getDescription())
                    .contains("evaluations", "PONIX_GRPC_CONCURRENT_EVALUATIONS");
            assertThat(detail(refusal, RetryInfo.class).getRetryDelay().getSeconds()).isEqualTo(1);
            await().atMost(Duration.ofSeconds(10))
                    .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
                    .untilAsserted(
                            () -> assertThat(evaluate("{\"a\": 1}").getJson()).contains("1"));
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void aConnectionThatSaysNothingIsClosed() throws Exception {
        assertThatItIsClosed("", false);
    }

    @Test
    void aConnectionThatHasBeenAnsweredIsClosed() throws Exception {
        assertThatItIsClosed("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", false);
    }

    /** Its name is not the service's: it is refused before the rest has come. */
    @Test
    void aConnectionThatIsRefusedIsClosedHoweverSlowTheRestComes() throws Exception {
        assertThatItIsClosed(
                "POST /ponix.organization.v1.OrganizationService/ListOrganizations"
                        + " HTTP/1.1\r\nHost: evil.example\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 1000\r\n\r\n",
                true);
    }

    @Test
    void aConnectionThatSaysOneCharacterAfterTheOtherIsClosed() throws Exception {
        assertThatItIsClosed("GET /health HTTP/1.1\r\nX: ", true);
        assertThatItIsClosed(
                "POST /ponix.organization.v1.OrganizationService/ListOrganizations"
                        + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 1000\r\n\r\n",
                true);
    }

    /** The answer is larger than what the sockets of both sides hold. */
    @Test
    void aConnectionThatDoesNotReadItsAnswersIsClosed() throws Exception {
        try (Connection connection = service.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "INSERT INTO organizations (id, name) SELECT 'large-' || i, repeat('n', 100000)"
                            + " FROM generate_series(1, 20) AS i");
        }
        String request =
                "POST /ponix.organization.v1.OrganizationService/ListOrganizations"
                        + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 2\r\n\r\n{}";
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(4_096);
            socket.connect(address());
            OutputStream out = socket.getOutputStream();
            out.write(request.repeat(4).getBytes(StandardCharsets.UTF_8));
            out.flush();
            // What the service has written it cannot take back; it says nothing more.
            awaitClosedByTheService(socket);
        }
    }

    private static InetSocketAddress address() {
        return new InetSocketAddress(
                InetAddress.getLoopbackAddress(), service.service().httpPort());
    }

    /** Says the text, and then a character every 100 ms for longer than it may. */
    private static void assertThatItIsClosed(String text, boolean goesOn) throws Exception {
        try (Socket socket = new Socket()) {
            socket.connect(address());
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
            Thread dribble =
                    new Thread(
                            () -> {
                                try {
                                    for (int i = 0; goesOn && i < 250; i++) {
                                        Thread.sleep(100);
                                        out.write('x');
                                        out.flush();
                                    }
                                } catch (IOException | InterruptedException e) {
                                    // The service has closed it, which the reader sees.
                                    return;
                                }
                            });
            dribble.start();
            long began = System.nanoTime();
            try {
                InputStream in = socket.getInputStream();
                while (in.read() >= 0) {
                    // What it answered before.
                    continue;
                }
            } catch (SocketTimeoutException e) {
                throw new AssertionError("The connection is still open", e);
            } catch (IOException reset) {
                assertThat(reset).hasMessageContaining("reset");
            } finally {
                dribble.interrupt();
                dribble.join();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isGreaterThan(Duration.ofMillis(900))
                    .isLessThan(Duration.ofSeconds(15));
        }
    }

    private static void awaitClosedByTheService(Socket socket) {
        String connection = ":" + socket.getLocalPort();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(connection).isNotIn(connectionsOfTheService()));
    }

    private static List<String> connectionsOfTheService() throws IOException {
        // Linux lists them as hexadecimal "address:port"; 01 is ESTABLISHED.
        List<String> peers = new ArrayList<>();
        for (String file : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
            for (String line : Files.readAllLines(Path.of(file))) {
                String[] parts = line.trim().split("\\s+");
                if (parts.length > 3
                        && parts[3].equals("01")
                        && port(parts[1]) == service.service().httpPort()) {
                    peers.add(":" + port(parts[2]));
                }
            }
        }
        return peers;
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1), 16);
    }

    private StatusRuntimeException callUntilRefused() {
        for (int call = 0; call < 1_000; call++) {
            try {
                list();
            } catch (StatusRuntimeException refusal) {
                return refusal;
            }
        }
        throw new AssertionError("None of 1,000 calls was refused");
    }

    private void list() {
        service.organizations().listOrganizations(ListOrganizationsRequest.getDefaultInstance());
    }

    private static HttpResponse<String> postUntilRefused() throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://127.0.0.1:"
                                                + service.service().httpPort()
                                                + "/ponix.organization.v1.OrganizationService"
                                                + "/ListOrganizations"))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{}"))
                        .build();
        HttpResponse<String> answer;
        int calls = 0;
        do {
            answer = CleartextHttp.CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
            calls++;
        } while (answer.statusCode() == 200 && calls < 1_000);
        return answer;
    }

    private static EvaluateResponse evaluate(String expression) {
        return TransformServiceGrpc.newBlockingStub(service.channel())
                .evaluate(EvaluateRequest.newBuilder().setExpression(expression).build());
    }

    private static <T extends Message> T detail(StatusRuntimeException refusal, Class<T> type)
            throws Exception {
        return StatusProto.fromThrowable(refusal).getDetails(0).unpack(type);
    }
}
