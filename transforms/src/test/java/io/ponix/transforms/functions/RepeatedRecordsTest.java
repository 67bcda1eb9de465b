package io.ponix.transforms.functions;

import static io.ponix.transforms.functions.Expressions.json;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Payloads of devices that send several readings at once. */
class RepeatedRecordsTest {

    @Test
    void recordsOfOneSizeWithTheSameTag() throws Exception {
        // Milesight WT201
        assertThat(
                        json(
                                """
                                input.tlv_list(2, {0x20ce: 8}).map(r, r.value).map(v, {
                                  "occurred_at": timestamp(v.u32le(0)),
                                  "fan": ["auto", "on", "circulate"][v.bits(4, 0, 2)],
                                  "system": v.bit(4, 4) ? "on" : "off",
                                  "celsius": double(v.bits(4, 5, 11) - 1000) / 10.0,
                                  "mode": ["heat", "em heat", "cool", "auto"][v.bits(6, 0, 2)],
                                  "target": double(v.bits(6, 5, 11) - 1000) / 10.0})""",
                                "20ce5c470a65d09ec09120ce7b843865c6a516b9"))
                .isEqualTo(
                        "[{\"occurred_at\":\"2023-09-20T01:14:04Z\",\"fan\":\"auto\",\"system\":\"on\","
                                + "\"celsius\":27.0,\"mode\":\"heat\",\"target\":16.6},"
                                + "{\"occurred_at\":\"2023-10-25T02:59:07Z\",\"fan\":\"circulate\","
                                + "\"system\":\"off\",\"celsius\":32.6,\"mode\":\"cool\",\"target\":48.0}]");
    }

    @Test
    void recordsOfTwoSizesWithTheSameTag() throws Exception {
        // Milesight VS360
        assertThat(
                        json(
                                """
                                input.tlv_list(2, tag, at, {0x20ce: input.u8(at + 4) == 1 ? 13 : 9}[?tag])
                                  .map(r, r.value).map(v, {
                                    "occurred_at": timestamp(v.u32le(0)),
                                    "in": v.u16le(5),
                                    "out": v.u16le(7),
                                    ?"total_in": size(v) > 9 ? optional.of(v.u16le(9)) : optional.none(),
                                    ?"total_out": size(v) > 9 ? optional.of(v.u16le(11)) : optional.none()})""",
                                "20ce7b3af164000b00040020ceff3df16401070002001d000800"))
                .isEqualTo(
                        "[{\"occurred_at\":\"2023-09-01T01:12:27Z\",\"in\":11,\"out\":4},"
                                + "{\"occurred_at\":\"2023-09-01T01:27:27Z\",\"in\":7,\"out\":2,"
                                + "\"total_in\":29,\"total_out\":8}]");
    }

    @Test
    void readingsWithATimeEach() throws Exception {
        // Laird RS1xx
        assertThat(
                        json(
                                """
                                lists.range(input.u8(2)).map(i, 3 + 8 * i).map(at, {
                                  "occurred_at": timestamp("2000-01-01T00:00:00Z")
                                    + duration(string(input.u32be(at)) + "s"),
                                  "humidity": double(100 * input.u8(at + 5) + input.u8(at + 4)) / 100.0,
                                  "celsius": double(100 * input.u8(at + 7) + input.u8(at + 6)) / 100.0})""",
                                "040102000000002a3d4c6b000000002a3d4c6b"))
                .isEqualTo(
                        "[{\"occurred_at\":\"2000-01-01T00:00:00Z\",\"humidity\":61.42,\"celsius\":107.76},"
                                + "{\"occurred_at\":\"2000-01-01T00:00:00Z\",\"humidity\":61.42,"
                                + "\"celsius\":107.76}]");
    }

    @Test
    void recordsOfAMeterWhosePlaceDependsOnItsFirmware() throws Exception {
        // HydroDigit, by radio: the records begin after the header.
        assertThat(
                        json(
                                """
                                cel.bind(r, mbus_decode(input.slice(15, size(input))), {
                                  "m3": r.filter(x, x.quantity == "volume")[0].value,
                                  "at": r.filter(x, x.quantity == "date_time")[0].value})""",
                                "4c44b4097856341217067ab00000000c1322910000046d063341330f8f00000000000000000000003203"
                                        + "008c0300000000000000490000810000df00002f0100950100fc0100580200d0020000"))
                .isEqualTo("{\"m3\":9.122,\"at\":\"2026-03-01T19:06:00Z\"}");
        // Qalcosonic
        assertThat(
                        json(
                                "mbus_decode(input).transformMapEntry(i, r, {r.quantity: r.value})",
                                "046d0f0a323c34fd17000000000424d109a301"))
                .isEqualTo(
                        "{\"date_time\":\"2025-12-18T10:15:00Z\",\"error_flags\":0,\"operating_time\":27462097}");
    }
}
