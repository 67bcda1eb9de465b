package io.ponix.embedded.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.embedded.install.CacheDirectory;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedMqttBrokerITCase {

    private static final int ACCEPTED = 0;
    private static final int NOT_AUTHORIZED = 5;

    @TempDir private Path home;

    @Test
    void debiansPackageIsInstalledIntoTheCacheOnce() throws Exception {
        Path cache = CacheDirectory.resolve();
        MosquittoProgram mosquitto = MosquittoProgram.fromCache(cache, line -> {});

        assertThat(mosquitto.program()).isExecutable().startsWith(cache);
        List<String> progress = new ArrayList<>();
        assertThat(MosquittoProgram.fromCache(cache, progress::add)).isEqualTo(mosquitto);
        assertThat(progress).isEmpty();
    }

    @Test
    void aSessionSurvivesAKillAndThePortIsKept() throws Exception {
        try (EmbeddedMqttBroker broker = EmbeddedMqttBroker.builder().home(home).build()) {
            broker.start();
            int port = broker.port();
            assertThat(connect(broker, "meter", null, null)).containsExactly(0, ACCEPTED);
            // The session is kept as soon as the connection has ended.
            assertThat(connect(broker, "meter", null, null)).containsExactly(1, ACCEPTED);

            broker.stop();
            broker.start();
            broker.kill();
            assertThat(broker.isRunning()).isFalse();
            broker.start();

            assertThat(broker.port()).isEqualTo(port);
            assertThat(connect(broker, "meter", null, null)).containsExactly(1, ACCEPTED);
        }
    }

    @Test
    void withUsersNobodyElseIsLetIn() throws Exception {
        try (EmbeddedMqttBroker broker =
                EmbeddedMqttBroker.builder().home(home).user("north", "secret").build()) {
            broker.start();

            assertThat(connect(broker, "a", "north", "secret")).containsExactly(0, ACCEPTED);
            assertThat(connect(broker, "b", "north", "other")).containsExactly(0, NOT_AUTHORIZED);
            assertThat(connect(broker, "c", null, null)).containsExactly(0, NOT_AUTHORIZED);
        }
    }

    @Test
    void whoSendsMoreThanTheBridgeTakesIsNotToldThatItHasArrived() throws Exception {
        try (EmbeddedMqttBroker broker = EmbeddedMqttBroker.builder().home(home).build()) {
            broker.start();

            assertThat(answerToMessageOf(2_000_000, broker)).isEqualTo(0x40);
            assertThat(answerToMessageOf(10 << 20, broker)).isEqualTo(-1);
        }
    }

    /** The first byte of what a sender hears of a message of QoS 1; -1: the end. */
    private static int answerToMessageOf(int bytes, EmbeddedMqttBroker broker) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", broker.port())) {
            socket.setSoTimeout(10_000);
            OutputStream out = socket.getOutputStream();
            DataInputStream in = new DataInputStream(socket.getInputStream());
            out.write(new byte[] {0x10, 12, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 10, 0, 0});
            in.readFully(new byte[4]);
            byte[] head = {0, 1, 'a', 0, 1};
            int left = head.length + bytes;
            out.write(0x32);
            for (; left > 0x7f; left >>= 7) {
                out.write(left & 0x7f | 0x80);
            }
            out.write(left);
            out.write(head);
            try {
                out.write(new byte[bytes]);
                return in.read();
            } catch (SocketException ended) {
                return -1;
            }
        }
    }

    /** Connects by MQTT 3.1.1 with a session that stays; returns the flags and code answered. */
    private static int[] connect(
            EmbeddedMqttBroker broker, String client, String user, String password)
            throws IOException {
        byte[] identity = bytes(client);
        int flags = user == null ? 0 : 0xC0;
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(new byte[] {0, 4, 'M', 'Q', 'T', 'T', 4, (byte) flags, 0, 10});
        packet.write(identity);
        if (user != null) {
            packet.write(bytes(user));
            packet.write(bytes(password));
        }
        try (Socket socket = new Socket("127.0.0.1", broker.port())) {
            socket.setSoTimeout(5_000);
            OutputStream out = socket.getOutputStream();
            out.write(0x10);
            out.write(packet.size());
            out.write(packet.toByteArray());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            assertThat(in.readUnsignedByte()).isEqualTo(0x20);
            assertThat(in.readUnsignedByte()).isEqualTo(2);
            return new int[] {in.readUnsignedByte(), in.readUnsignedByte()};
        }
    }

    private static byte[] bytes(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        byte[] all = new byte[utf8.length + 2];
        all[1] = (byte) utf8.length;
        System.arraycopy(utf8, 0, all, 2, utf8.length);
        return all;
    }
}
