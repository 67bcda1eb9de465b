package io.ponix.embedded.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** With a server that sends back what it gets. */
@Timeout(30)
class NetworkProxyTest {

    private static final int EIGHT_MEGABYTES = 8 << 20;

    private ServerSocket server;
    private NetworkProxy network;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread accepting = new Thread(this::serve);
        accepting.setDaemon(true);
        accepting.start();
        network = NetworkProxy.to("127.0.0.1", server.getLocalPort());
    }

    @AfterEach
    void stop() throws IOException {
        network.close();
        server.close();
    }

    @Test
    void bytesPassInBothDirectionsAndSoDoesTheEnd() throws Exception {
        try (Socket client = connect()) {
            Thread writing =
                    new Thread(
                            () -> {
                                try {
                                    client.getOutputStream().write(new byte[EIGHT_MEGABYTES]);
                                    client.shutdownOutput();
                                } catch (IOException e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            writing.start();

            assertThat(client.getInputStream().readAllBytes()).hasSize(EIGHT_MEGABYTES);
            writing.join();
        }
    }

    @Test
    void aResetEndsWhatIsOpenAndTheNextConnectionIsWell() throws Exception {
        try (Socket client = connect()) {
            assertThat(echo(client, 1)).isEqualTo(1);
            network.reset();
            assertThatThrownBy(() -> echo(client, 2))
                    .isInstanceOf(SocketException.class)
                    .hasMessageMatching("(?i).*(reset|broken pipe|aborted).*");
        }
        try (Socket client = connect()) {
            assertThat(echo(client, 3)).isEqualTo(3);
        }
    }

    @Test
    void aStallHoldsBytesBackUntilItIsOver() throws Exception {
        try (Socket before = connect()) {
            assertThat(echo(before, 1)).isEqualTo(1);
            network.stall();
            try (Socket during = connect()) {
                for (Socket client : new Socket[] {before, during}) {
                    client.setSoTimeout(300);
                    assertThatThrownBy(() -> echo(client, 2))
                            .isInstanceOf(SocketTimeoutException.class);
                }
                network.pass();
                for (Socket client : new Socket[] {before, during}) {
                    client.setSoTimeout(0);
                    assertThat(client.getInputStream().read()).isEqualTo(2);
                }
            }
        }
    }

    @Test
    void aStalledConnectionCanBeReset() throws Exception {
        try (Socket client = connect()) {
            // One that the proxy has not accepted yet would be none that a reset is about.
            assertThat(echo(client, 1)).isEqualTo(1);
            network.stall();
            client.getOutputStream().write(1);
            network.reset();
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketException.class);
        }
    }

    @Test
    void aDelayIsForEachWayAndDoesNotLimitTheRate() throws Exception {
        Duration delay = Duration.ofMillis(200);
        network.delay(delay);
        try (Socket client = connect()) {
            long started = System.nanoTime();
            assertThat(echo(client, 1)).isEqualTo(1);
            assertThat(Duration.ofNanos(System.nanoTime() - started))
                    .isGreaterThanOrEqualTo(delay.multipliedBy(2));

            started = System.nanoTime();
            byte[] megabyte = new byte[1 << 20];
            client.getOutputStream().write(megabyte);
            new DataInputStream(client.getInputStream()).readFully(megabyte);
            // Chunk after chunk they would have taken a minute.
            assertThat(Duration.ofNanos(System.nanoTime() - started))
                    .isBetween(delay.multipliedBy(2), Duration.ofSeconds(10));
        }
    }

    @Test
    void aServerThatIsAwayIsAReset() throws Exception {
        // A server socket that is closed while a thread is about to accept may accept one more.
        try (Socket notListening = new Socket()) {
            notListening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (NetworkProxy away = NetworkProxy.to("127.0.0.1", notListening.getLocalPort());
                    Socket client = new Socket(InetAddress.getLoopbackAddress(), away.port())) {
                assertThatThrownBy(() -> echo(client, 1)).isInstanceOf(IOException.class);
            }
        }
    }

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), network.port());
    }

    /** Sends a byte and returns the one that comes back. */
    private static int echo(Socket client, int value) throws IOException {
        client.getOutputStream().write(value);
        return client.getInputStream().read();
    }

    private void serve() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread echoing = new Thread(() -> echo(socket));
                echoing.setDaemon(true);
                echoing.start();
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void echo(Socket socket) {
        try (socket;
                InputStream in = socket.getInputStream()) {
            in.transferTo(socket.getOutputStream());
        } catch (IOException reset) {
            // That is what the test is about.
        }
    }
}
