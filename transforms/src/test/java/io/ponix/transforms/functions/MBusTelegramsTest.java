package io.ponix.transforms.functions;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import io.ponix.transforms.budget.WorkMeter;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Telegrams of real meters, against what another implementation reads in them. */
class MBusTelegramsTest {

    @BeforeEach
    void startBudget() {
        WorkMeter.start(10_000_000, Duration.ofSeconds(2));
    }

    static List<JsonNode> telegrams() throws IOException {
        try (InputStream in = MBusTelegramsTest.class.getResourceAsStream("mbus-telegrams.json")) {
            List<JsonNode> telegrams = new ArrayList<>();
            new ObjectMapper().readTree(in).get("telegrams").forEach(telegrams::add);
            return telegrams;
        }
    }

    @Test
    void thereAreTelegramsOfManyMeters() throws IOException {
        assertThat(telegrams()).hasSizeGreaterThan(60);
    }

    @ParameterizedTest
    @MethodSource("telegrams")
    void readsWhatIsInThem(JsonNode telegram) {
        List<Object> records =
                MBusReader.read(
                        CelByteString.of(HexFormat.of().parseHex(telegram.get("hex").textValue())));

        List<String> read = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < telegram.get("records").size(); i++) {
            JsonNode other = telegram.get("records").get(i);
            Map<?, ?> known = i < records.size() ? (Map<?, ?>) records.get(i) : Map.of();
            expected.add(line(other));
            read.add(line(known, other));
        }
        assertThat(read).isEqualTo(expected);
        assertThat(records).hasSize(telegram.get("records").size());
    }

    private static String line(JsonNode other) {
        return String.join(
                " | ",
                other.get(0).textValue(),
                other.get(1).textValue(),
                other.get(2).textValue(),
                other.get(3).textValue(),
                other.get(4) + " " + other.get(5) + " " + other.get(6));
    }

    private static String line(Map<?, ?> known, JsonNode other) {
        return String.join(
                " | ",
                String.valueOf(known.get("quantity")),
                String.valueOf(known.get("unit")),
                text(known.get("value"), other.get(2).textValue()),
                String.valueOf(known.get("function")),
                known.get("storage") + " " + known.get("tariff") + " " + known.get("subunit"));
    }

    /** In the words of the other where it means the same. */
    private static String text(Object value, String other) {
        if (value == NullValue.NULL_VALUE) {
            return "";
        } else if (value instanceof Number) {
            try {
                // To every digit that the other prints.
                BigDecimal same = new BigDecimal(other);
                return new BigDecimal(((Number) value).doubleValue())
                                        .setScale(same.scale(), RoundingMode.HALF_EVEN)
                                        .compareTo(same)
                                == 0
                        ? other
                        : value.toString();
            } catch (NumberFormatException e) {
                return value.toString();
            }
        } else if (value instanceof CelByteString) {
            return HexFormat.ofDelimiter(" ")
                    .withUpperCase()
                    .formatHex(((CelByteString) value).toByteArray());
        } else if (value instanceof Instant) {
            String time = value.toString();
            return other.length() == 10 ? time.substring(0, 10) : time;
        }
        return String.valueOf(value)
                        .strip()
                        .toUpperCase(Locale.ROOT)
                        .equals(other.strip().toUpperCase(Locale.ROOT))
                ? other
                : String.valueOf(value);
    }
}
