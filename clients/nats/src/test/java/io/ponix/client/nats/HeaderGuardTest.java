package io.ponix.client.nats;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderGuardTest {

    private static final String GOOD = "NATS/1.0\r\nKey: value\r\nOther:\r\nTab: a\tb\r\n\r\n";

    @Test
    void whatTheLibraryReadsIsHandedOnByteForByteHoweverItArrives() throws IOException {
        String sent =
                "INFO {\"headers\":true}\r\nPING\r\n+OK\r\n"
                        + "MSG s.größe 1 12\r\nHMSG a 1 1 1\r\n"
                        + "MSG s 1 $JS.ACK.7 0\r\n\r\n"
                        + headers("s.x 1 $JS.ACK.7", GOOD, "payload\r\nMSG x 1 5\r\n")
                        + headers("s.x 1", GOOD, "")
                        + headers("_INBOX.abc 1", "NATS/1.0 503\r\n\r\n", "")
                        + headers("_INBOX.abc 1", "NATS/1.0 100 Idle Heartbeat\r\n\r\n", "")
                        + "MSG s 1 70000\r\n"
                        + "x".repeat(70_000)
                        + "\r\n-ERR 'Permissions Violation'\r\nPONG\r\n";
        for (int seed = 0; seed < 50; seed++) {
            assertThat(read(sent, new Random(seed))).isEqualTo(sent);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NATS/1.0\r\nKey: größe\r\n\r\n",
                "NATS/1.0\r\nSchlüssel: value\r\n\r\n",
                "NATS/1.0\r\nKey: a\u0000b\r\n\r\n",
                "NATS/1.0\r\nno colon\r\n\r\n",
                "NATS/1.0\r\n: no name\r\n\r\n",
                "NATS/1.0\r\nKey: one\r\n folded\r\n\r\n",
                "NATS/1.0\r\nKey: a\nb\r\n\r\n",
                "NATS/1.0\r\nKey: not ended\r\n",
                "NATS/1.0 404 No Messages\r\n\r\n",
                "NATS/9.9\r\nKey: value\r\n\r\n",
                "NATS/1.0\r\n\r\nmore\r\n",
                "no headers at all",
                "x",
                ""
            })
    void aMessageWhoseHeadersTheLibraryDoesNotReadIsHandedOnWithoutThem(String bad)
            throws IOException {
        String sent =
                headers("s.x 17 $JS.ACK.7", bad, "payload")
                        + headers("s.größe 17", bad, "")
                        + headers("s.x 17", GOOD, "next");
        String expected =
                "MSG s.x 17 $JS.ACK.7 7\r\npayload\r\nMSG s.größe 17 0\r\n\r\n"
                        + headers("s.x 17", GOOD, "next");
        for (int seed = 0; seed < 20; seed++) {
            assertThat(read(sent, new Random(seed))).isEqualTo(expected);
        }
    }

    @Test
    void aMessageWithoutSizesIsAnError() {
        assertThatThrownBy(() -> read("HMSG s 1 x y\r\n", new Random(1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("without sizes");
    }

    private static String headers(String line, String headers, String payload) {
        int size = headers.getBytes(UTF_8).length;
        return "HMSG %s %d %d\r\n%s%s\r\n"
                .formatted(line, size, size + payload.getBytes(UTF_8).length, headers, payload);
    }

    /** In pieces of any size, into room of any size. */
    private static String read(String sent, Random random) throws IOException {
        InputStream server =
                new ByteArrayInputStream(sent.getBytes(UTF_8)) {
                    @Override
                    public synchronized int read(byte[] target, int offset, int length) {
                        return super.read(
                                target, offset, Math.min(length, 1 + random.nextInt(200)));
                    }
                };
        HeaderGuard guard = new HeaderGuard(server);
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        while (true) {
            byte[] target = new byte[3 + random.nextInt(100)];
            int count = guard.read(target, 1, target.length - 2);
            if (count < 0) {
                return read.toString(UTF_8);
            }
            read.write(target, 1, count);
        }
    }
}
