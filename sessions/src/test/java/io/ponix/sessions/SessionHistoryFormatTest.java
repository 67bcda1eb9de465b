package io.ponix.sessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A history that was written and read is the same. */
class SessionHistoryFormatTest {

    /** What the first version wrote: it is read for ever. */
    private static final String OF_VERSION_1 =
            "010102188094adbec5680000000004434152440000000000013101000000d00f00001d456e657267792e416374"
                    + "6976652e496d706f72742e52656769737465720000115472616e73616374696f6e2e426567696e0000064f7574"
                    + "6c65740200000257681280bab703000202020201010000e601000013506f7765722e4163746976652e496d706f"
                    + "727400000f53616d706c652e506572696f646963060000024c310000026b57";

    static IntStream seeds() {
        return IntStream.range(0, 100);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatWasWrittenIsRead(int seed) throws IOException {
        Random random = new Random(seed);
        List<SessionEvent> events = SessionOrderTest.history(random);
        SessionHistory history = new SessionHistory();
        events.forEach(history::add);
        history.add(Sessions.offline(events.get(0)));
        SessionHistory read = read(written(history));
        assertThat(read.session()).isEqualTo(history.session());
        assertThat(read.size()).isEqualTo(history.size());
        assertThat(read.duplicates()).isEqualTo(history.duplicates()).isPositive();
        SessionEvent later =
                Sessions.ended(20, 30, Sessions.register(30, MeterValue.END, 1_000_000));
        read.add(later);
        history.add(later);
        assertThat(read.session()).isEqualTo(history.session());
    }

    @Test
    void whatIsAtTheLimitsIsRead() throws IOException {
        SessionHistory history = new SessionHistory();
        for (String number :
                List.of(
                        "0",
                        "-0.000000001",
                        "999999999999999.999999999",
                        "-999999999999999.999999999",
                        "9223372036.854775808")) {
            for (Instant time :
                    List.of(
                            Instant.parse("1900-01-02T00:00:00.000000001Z"),
                            Instant.parse("2262-01-01T00:00:00.999999999Z"))) {
                history.add(
                        new SessionEvent(
                                EventType.UPDATED,
                                time,
                                OptionalLong.of(Long.MAX_VALUE),
                                true,
                                "ключ \uD83D\uDD11",
                                "",
                                "",
                                List.of(
                                        new MeterValue(
                                                time,
                                                null,
                                                null,
                                                null,
                                                null,
                                                new BigDecimal(number),
                                                null,
                                                Integer.MIN_VALUE))));
            }
        }
        assertThat(read(written(history)).session()).isEqualTo(history.session());
    }

    @Test
    void aValueTakesLittle() throws IOException {
        SessionHistory history = new SessionHistory();
        for (int minute = 0; minute < 1_000; minute++) {
            history.add(
                    Sessions.updated(
                            minute,
                            minute,
                            Sessions.register(minute, MeterValue.PERIODIC, 1_000_000L + minute)));
        }
        assertThat(written(history).length / 1_000).isLessThan(20);
    }

    @Test
    void whatIsCutOffIsNotRead() throws IOException {
        SessionHistory history = new SessionHistory();
        SessionOrderTest.history(new Random(7)).forEach(history::add);
        byte[] whole = written(history);
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(part)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aLaterVersionIsNamed() throws IOException {
        byte[] later = written(new SessionHistory());
        later[0] = 9;
        assertThatThrownBy(() -> read(later))
                .isInstanceOf(IOException.class)
                .hasMessage("a session's history of the version 9: this program reads 1");
    }

    @Test
    void theFirstVersionIsRead() throws IOException {
        SessionHistory history = new SessionHistory();
        history.add(
                new SessionEvent(
                        EventType.STARTED,
                        Sessions.at(0),
                        OptionalLong.of(0),
                        true,
                        "CARD",
                        "",
                        "1",
                        List.of(Sessions.register(0, MeterValue.BEGIN, 1_000))));
        history.add(
                Sessions.ended(
                        1, 60, Sessions.value(60, "Power.Active.Import", "L1", "11.5", "kW")));
        history.add(
                Sessions.ended(
                        1, 60, Sessions.value(60, "Power.Active.Import", "L1", "11.5", "kW")));
        assertThat(read(HexFormat.of().parseHex(OF_VERSION_1)).session())
                .as(HexFormat.of().formatHex(written(history)))
                .isEqualTo(history.session());
    }

    private static byte[] written(SessionHistory history) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        history.writeTo(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private static SessionHistory read(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        SessionHistory history = SessionHistory.readFrom(in);
        assertThat(in.available()).isZero();
        return history;
    }
}
