package io.ponix.transforms.functions;

import static io.ponix.transforms.functions.Expressions.error;
import static io.ponix.transforms.functions.Expressions.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecompressionFunctionsTest {
    private static final String GZIP =
            "1f8b0800000000000203ab562a51b2523032d433d55150ca03328d6b0157e3bf3213000000";

    @Test
    void decompressesGzipAndDeflateWithAndWithoutFrame() throws Exception {
        assertThat(json("json_decode(gunzip(input))", GZIP)).isEqualTo("{\"t\":21.5,\"n\":3}");
        byte[] text = "level level level".getBytes(StandardCharsets.UTF_8);
        for (boolean bare : new boolean[] {true, false}) {
            for (int level = 0; level <= 9; level++) {
                assertThat(json("string(inflate(input))", deflated(text, level, bare)))
                        .isEqualTo("\"level level level\"");
                assertThat(json("size(inflate(input))", deflated(new byte[0], level, bare)))
                        .isEqualTo("0");
            }
        }
    }

    @Test
    void decompressesEveryKindOfMember() throws Exception {
        String empty = "1f8b08000000000000ff030000000000" + "00000000";
        assertThat(json("size(gunzip(input))", empty)).isEqualTo("0");
        assertThat(json("string(gunzip(input))", gzip("on")).concat("x")).isEqualTo("\"on\"x");
        byte[] both = concatenated(gzip("on"), gzip("off"));
        assertThat(json("string(gunzip(input))", both)).isEqualTo("\"onoff\"");
        // Extra field, name and comment between the header and the data.
        byte[] plain = gzip("on");
        plain[3] = 0x1c;
        byte[] named =
                concatenated(
                        Arrays.copyOf(plain, 10),
                        new byte[] {3, 0, 1, 2, 3, 'n', 0, 'c', 'c', 0},
                        Arrays.copyOfRange(plain, 10, plain.length));
        assertThat(json("string(gunzip(input))", named)).isEqualTo("\"on\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gunzip(input)|''|gunzip: the data ends inside of what begins at offset 0",
                "gunzip(input)|1f8b08|gunzip: the data ends inside of what begins at offset 0",
                "gunzip(input)|7b2274223a32312e357d|gunzip: no gzip, which begins with 1f8b, at offset 0",
                "gunzip(input)|1f8b07000000000000ff0300|gunzip: the compression method 7 is unknown at offset 0",
                "gunzip(input)|1f8b08e0000000000ff0300|gunzip: reserved flags of the header are set at offset 0",
                "gunzip(input)|1f8b0808000000000000616263|gunzip: the data ends inside of what begins at offset 0",
                "gunzip(input)|1f8b0804000000000000ffff61|gunzip: the data ends inside of what begins at offset 0",
                "gunzip(input)|1f8b08020000000000000000|gunzip: the checksum of the header is wrong at offset 0",
                "gunzip(input)|1f8b08000000000000ff0300000000000000000000|gunzip: the data ends inside of what begins at offset 20",
                "gunzip(input)|1f8b08000000000000ff03000100000000000000|gunzip: the checksum or the length of what came out is wrong at offset 12",
                "gunzip(input)|1f8b08000000000000ff03000000000001000000|gunzip: the checksum or the length of what came out is wrong at offset 12",
                "inflate(input)|''|inflate: the data ends inside of what begins at offset 0",
                "inflate(input)|ffff|inflate: invalid block type at offset",
                "inflate(input)|0300ff|inflate: more follows after the end at offset 2",
                "inflate(input)|78bb00000000|inflate: a dictionary is needed, which nobody has, at offset 0",
                "gunzip(input, 0)|''|gunzip: the limit of the output is 0, not 1 to 16777216 bytes",
                "inflate(input, 16777217)|''|inflate: the limit of the output is 16777217, not 1 to 16777216 bytes",
            })
    void refusesWhatIsDamaged(String expression, String payload, String message) {
        String even = payload.length() % 2 == 0 ? payload : payload + "0";
        assertThat(error(expression, even)).startsWith(message);
    }

    @Test
    void whatComesOutIsLimitedAndPaidFor() throws Exception {
        byte[] bomb = deflated(new byte[9_000_000], 9, true);
        assertThat(bomb).hasSizeLessThan(10_000);
        assertThat(error("inflate(input)", bomb))
                .isEqualTo(
                        "inflate: more than 1048576 bytes come out, the limit; inflate(bytes, limit)"
                                + " sets another");
        assertThat(json("size(inflate(input, 16))", deflated(new byte[16], 9, true)))
                .isEqualTo("16");
        assertThat(error("size(inflate(input, 15))", deflated(new byte[16], 9, true)))
                .startsWith("inflate: more than 15 bytes come out");
        assertThat(json("size(inflate(input, 4000000))", deflated(new byte[4_000_000], 9, true)))
                .isEqualTo("4000000");
        assertThat(error("size(inflate(input, 16000000))", bomb)).contains("functionWork");
        assertThat(
                        error(
                                "lists.range(9000).map(i, size(gunzip(input + b''))).size()",
                                gzipOf(new byte[100_000])))
                .contains("functionWork");
    }

    /** Each takes its time to begin, however little comes out. */
    @Test
    void membersWithoutContentArePaidFor() {
        byte[] member = HexFormat.of().parseHex("1f8b08000000000000ff03000000000000000000");
        byte[] members = new byte[member.length * 50_000];
        for (int i = 0; i < members.length; i++) {
            members[i] = member[i % member.length];
        }
        assertThat(error("gunzip(input)", members)).contains("functionWork");
    }

    @Test
    void damagedDataIsReadOrRefused() throws Exception {
        SplittableRandom random = new SplittableRandom(11);
        byte[] whole = gzip("{\"temperature\": 21.5, \"humidity\": 47, \"battery\": 3.05}");
        for (int i = 0; i < 3_000; i++) {
            byte[] damaged = Arrays.copyOf(whole, random.nextInt(whole.length) + 1);
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            assertThat(MessagePackReaderTest.outcome("gunzip(input)", damaged))
                    .as(HexFormat.of().formatHex(damaged))
                    .matches("read|gunzip: .* at offset \\d+");
            assertThat(MessagePackReaderTest.outcome("inflate(input)", damaged))
                    .as(HexFormat.of().formatHex(damaged))
                    .matches("read|inflate: .* at offset \\d+|inflate: more than .*");
        }
    }

    private static byte[] deflated(byte[] content, int level, boolean bare) {
        Deflater deflater = new Deflater(level, bare);
        deflater.setInput(content);
        deflater.finish();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] chunk = new byte[8192];
        while (!deflater.finished()) {
            out.write(chunk, 0, deflater.deflate(chunk));
        }
        deflater.end();
        return out.toByteArray();
    }

    private static byte[] gzip(String text) throws IOException {
        return gzipOf(text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] gzipOf(byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        }
        return out.toByteArray();
    }

    private static byte[] concatenated(byte[]... parts) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.write(part);
        }
        return out.toByteArray();
    }
}
