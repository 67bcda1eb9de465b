package io.ponix.sessions.message;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ponix.sessions.EventType;
import io.ponix.sessions.MeterValue;
import io.ponix.sessions.SessionEvent;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StationMessageReaderTest {

    private static final Instant RECEIVED = Instant.parse("2026-12-01T10:00:00Z");

    @Test
    void allOfASessionThatIsSaidIsUnderstood() {
        assertThat(
                        message(
                                "{'station': 'CP-1', 'type': 'updated', 'id': 7, 'seq': 4294967296, 'offline': true,"
                                        + " 'time': '2026-12-01T11:00:00.5+01:00', 'token': 'card', 'reason': 'EVDisconnected',"
                                        + " 'connector': 2, 'meter_values': [{'value': '1.50', 'unit': 'kWh', 'multiplier': 3,"
                                        + " 'measurand': 'Energy.Active.Import.Register', 'context': 'Sample.Clock',"
                                        + " 'location': 'Inlet', 'phase': 'L1'}, {'time': '2026-12-01T09:59:00Z', 'value': 5}]}"))
                .isEqualTo(
                        new StationMessages.Addressed(
                                "CP-1",
                                new StationMessage.OfSession(
                                        "7",
                                        new SessionEvent(
                                                EventType.UPDATED,
                                                RECEIVED.plusMillis(500),
                                                OptionalLong.of(4_294_967_296L),
                                                true,
                                                "card",
                                                "EVDisconnected",
                                                "2",
                                                List.of(
                                                        new MeterValue(
                                                                RECEIVED.plusMillis(500),
                                                                MeterValue.IMPORT_REGISTER,
                                                                MeterValue.CLOCK,
                                                                "Inlet",
                                                                "L1",
                                                                new BigDecimal("1.5"),
                                                                "kWh",
                                                                3),
                                                        MeterValue.register(
                                                                RECEIVED.minusSeconds(60),
                                                                MeterValue.PERIODIC,
                                                                5))))));
    }

    @Test
    void whatIsNotSaidIsAsTheProtocolHasIt() {
        assertThat(message("{'type': 'ended', 'id': 'tx'}"))
                .isEqualTo(
                        new StationMessages.Addressed(
                                "",
                                new StationMessage.OfSession(
                                        "tx",
                                        new SessionEvent(
                                                EventType.ENDED,
                                                RECEIVED,
                                                OptionalLong.empty(),
                                                false,
                                                "",
                                                "",
                                                "",
                                                List.of()))));
    }

    /** A protobuf Struct has no other numbers. */
    @Test
    void integersMayComeAsDoubles() {
        assertThat(
                        message(
                                "{'type': 'ended', 'id': 42.0, 'seq': 9007199254740992.0, 'connector': 1e0,"
                                        + " 'meter_values': [{'value': 1.0, 'multiplier': 3.0}]}"))
                .isEqualTo(
                        message(
                                "{'type': 'ended', 'id': '42', 'seq': 9007199254740992, 'connector': '1',"
                                        + " 'meter_values': [{'value': 1, 'multiplier': 3}]}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-12-01T10:00:00Z",
                "2026-12-01t10:00:00z",
                "2026-12-01T10:00:00",
                "2026-12-01T10:00:00.000",
                "2026-12-01T11:30:00+01:30",
                "2026-12-01T11:30:00+0130",
                "2026-12-01T09:00:00-01"
            })
    void timesAreUnderstoodAsStationsWriteThem(String time) {
        assertThat(message("{'type': 'released', 'time': '" + time + "'}").message())
                .isEqualTo(new StationMessage.Release(RECEIVED, ""));
    }

    @Test
    void theOtherMessagesAreUnderstood() {
        assertThat(message("{'type': 'started', 'message_id': 'm'}").message())
                .isInstanceOfSatisfying(
                        StationMessage.StartRequest.class,
                        start -> assertThat(start.messageId()).isEqualTo("m"));
        assertThat(message("{'type': 'answered', 'message_id': 'm', 'id': 5}").message())
                .isEqualTo(new StationMessage.StartAnswer("m", "5"));
        assertThat(message("{'type': 'released', 'connector': '1'}").message())
                .isEqualTo(new StationMessage.Release(RECEIVED, "1"));
        assertThat(message("{'type': 'measured', 'meter_values': [{'value': 1}]}").message())
                .isEqualTo(
                        new StationMessage.Reading(
                                "",
                                List.of(MeterValue.register(RECEIVED, MeterValue.PERIODIC, 1))));
    }

    @Test
    void oneThatIsNotUnderstoodTakesNoOtherWithIt() {
        StationMessages read =
                read(
                        "[{'type': 'ended', 'id': 'a'}, {'type': 'ended', 'time': 'noon', 'id': 'b'},"
                                + " {'type': 'ended', 'id': 'c'}]");
        assertThat(read.messages())
                .extracting(each -> ((StationMessage.OfSession) each.message()).sessionId())
                .containsExactly("a", "c");
        assertThat(read.refused()).isEqualTo(1);
        assertThat(read.refusals())
                .containsExactly("session[1].time is 'noon', no time of RFC 3339");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 | session is no object",
                "{} | session.type is '', none of answered, ended, measured, released, started, updated",
                "{'type': 'begun'} | session.type is 'begun', none of answered, ended, measured, released, started, updated",
                "{'type': 'ended'} | session.id is missing",
                "{'type': 'started'} | session.id is missing",
                "{'type': 'answered', 'id': 'a'} | session.message_id is missing",
                "{'type': 'answered', 'message_id': 'a'} | session.id is missing",
                "{'type': 'ended', 'id': 1.5} | session.id is no text",
                "{'type': 'ended', 'id': {}} | session.id is no text",
                "{'type': 'ended', 'id': true} | session.id is no text",
                "{'type': 'ended', 'id': 1e300} | session.id is no text",
                "{'type': 'ended', 'id': 'a', 'seq': 1.5} | session.seq is no integer from 0 to 2^63 - 1",
                "{'type': 'ended', 'id': 'a', 'seq': '1'} | session.seq is no integer from 0 to 2^63 - 1",
                "{'type': 'ended', 'id': 'a\\u0000'} | session.id has a character that is none",
                "{'type': 'ended', 'id': 'a\\ud800'} | session.id has a character that is none",
                "{'type': 'ended', 'id': 'a', 'seq': -1} | session.seq is no integer from 0 to 2^63 - 1",
                "{'type': 'ended', 'id': 'a', 'seq': 9223372036854775808} | session.seq is no integer from 0 to 2^63 - 1",
                "{'type': 'ended', 'id': 'a', 'offline': 'yes'} | session.offline is neither true nor false",
                "{'type': 'ended', 'id': 'a', 'time': '1800-01-01T00:00:00Z'} | session.time is 1800-01-01T00:00:00Z, not between 1900 and 2262",
                "{'type': 'ended', 'id': 'a', 'time': '+1000000-01-01T00:00:00Z'} | session.time is +1000000-01-01T00:00:00Z, not between 1900 and 2262",
                "{'type': 'ended', 'id': 'a', 'time': 5} | session.time is '5', no time of RFC 3339",
                "{'type': 'ended', 'id': 'a', 'meter_values': 5} | session.meter_values is no list",
                "{'type': 'ended', 'id': 'a', 'meter_values': [5]} | session.meter_values[0] is no object",
                "{'type': 'ended', 'id': 'a', 'meter_values': [{'value': 1, 'multiplier': 1.5}]} | session.meter_values[0].multiplier is no integer of 32 bits",
            })
    void whatIsWrongIsSaid(String json, String refusal) {
        StationMessages read = read(json);
        assertThat(read.messages()).isEmpty();
        assertThat(read.refusals()).containsExactly(refusal);
    }

    @Test
    void whatIsTooLongOrTooManyIsRefused() {
        String id = "i".repeat(StationMessageReader.LONGEST_TEXT);
        assertThat(read("{'type': 'ended', 'id': '" + id + "'}").refused()).isZero();
        assertThat(read("{'type': 'ended', 'id': '" + id + "i'}").refusals())
                .containsExactly("session.id has 256 characters, more than 255");
        assertThat(read("{'type': 'ended', 'id': 'a', 'time': '" + id + "'}").refusals().get(0))
                .isEqualTo("session.time is '" + "i".repeat(40) + "…', no time of RFC 3339");
        String many = list("{'value': 1}", StationMessageReader.MOST_VALUES);
        assertThat(read("{'type': 'ended', 'id': 'a', 'meter_values': " + many + "}").refused())
                .isZero();
        assertThat(
                        read("{'type': 'ended', 'id': 'a', 'meter_values': "
                                        + list("{}", StationMessageReader.MOST_VALUES + 1)
                                        + "}")
                                .refusals())
                .containsExactly(
                        "session.meter_values has 100001 values, of which there are 100000 at most");
        StationMessages messages = read(list("{}", StationMessageReader.MOST_MESSAGES + 1));
        assertThat(messages.refused()).isEqualTo(1_001);
        assertThat(messages.refusals())
                .containsExactly("session has 1001 messages, of which there are 1000 at most");
        assertThat(read(list("{}", StationMessageReader.MOST_MESSAGES)).refusals())
                .hasSize(StationMessages.MOST_REFUSALS);
    }

    /** Its message says what else it says. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "'NaN'",
                "'Infinity'",
                "''",
                "'twelve'",
                "null",
                "true",
                "1e999",
                "'1e15'",
                "'1e999999999'"
            })
    void aValueThatIsNoNumberIsLeftOutAndCounted(String value) {
        StationMessages read =
                read(
                        "{'type': 'ended', 'id': 'a', 'meter_values': [{'value': "
                                + value
                                + "}, {'value': -5}]}");
        assertThat(read.unusableValues()).isEqualTo(1);
        assertThat(read.messages())
                .singleElement()
                .extracting(each -> ((StationMessage.OfSession) each.message()).event())
                .satisfies(
                        event ->
                                assertThat(event.meterValues())
                                        .extracting(MeterValue::value)
                                        .containsExactly(new BigDecimal("-5")));
    }

    private static String list(String each, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> each)
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static StationMessages.Addressed message(String json) {
        StationMessages read = read(json);
        assertThat(read.refusals()).isEmpty();
        assertThat(read.messages()).hasSize(1);
        return read.messages().get(0);
    }

    private static StationMessages read(String json) {
        try {
            return StationMessageReader.read(
                    new ObjectMapper().readTree(json.replace('\'', '"')), RECEIVED);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(json, e);
        }
    }
}
