package io.ponix.jobs.sessions;

import java.util.Arrays;
import java.util.List;

/**
 * What charging stations were seen to send, and what other systems made of it, each at a station of
 * its own, with what is right.
 */
public final class SessionInputs {

    /**
     * @param station whose messages they are
     * @param messages under the key "session" of an envelope each, with ' for "
     * @param sessions that come of them
     * @param readings meter values of no session
     */
    public record Input(
            String station, List<String> messages, List<Expected> sessions, int readings) {

        @Override
        public String toString() {
            return station;
        }
    }

    /**
     * @param energy in Wh; null: not known
     * @param flags in alphabetical order
     */
    public record Expected(
            String station,
            String session,
            String state,
            String energy,
            String token,
            List<String> flags,
            int events,
            int duplicates,
            int values) {}

    private SessionInputs() {}

    public static List<Input> all() {
        return List.of(
                ended("begin-of-zero", "83", 3, 3, "BEGIN_VALUE_IMPLAUSIBLE")
                        .of(
                                started(0, "'offline':true,", register(0, "Transaction.Begin", 0)),
                                updated(1, 10, register(10, "Sample.Periodic", 909_948)),
                                ended(2, 60, register(60, "Transaction.End", 910_031))),
                ongoing("no-energy", "500", 5, 4)
                        .of(
                                started(0, "", register(0, "Transaction.Begin", 1_000)),
                                updated(1, 10, register(10, "Sample.Periodic", 1_500)),
                                updated(2, 15, "{'measurand':'Voltage','value':'230','unit':'V'}"),
                                updated(3, 20, register(20, "Sample.Clock", 9_000)),
                                updated(4, 25)),
                ended("phases", "120", 2, 6)
                        .of(
                                started(
                                        0,
                                        "",
                                        phase(0, "L1", 1),
                                        phase(0, "L2", 2),
                                        phase(0, "L3", 3)),
                                ended(
                                        1,
                                        30,
                                        phase(30, "L1", 21),
                                        phase(30, "L2", 42),
                                        phase(30, "L3", 63))),
                ended("kilowatt-hours", "100000", 3, 3)
                        .of(
                                started(0, "", kilowattHours(0, 100)),
                                updated(1, 30, kilowattHours(30, 150)),
                                ended(2, 60, kilowattHours(60, 200))),
                ended("updated-after-ended", "2000", 3, 3)
                        .of(
                                started(0, "", register(0, "Transaction.Begin", 1_000)),
                                ended(2, 60, register(60, "Transaction.End", 3_000)),
                                updated(1, 30, register(30, "Sample.Periodic", 2_000))),
                ended("started-last", "2000", 3, 3)
                        .of(
                                ended(2, 60, register(60, "Transaction.End", 3_000)),
                                updated(1, 30, register(30, "Sample.Periodic", 2_000)),
                                started(0, "", register(0, "Transaction.Begin", 1_000))),
                ended("same-id-a", "1000", 2, 2)
                        .of(
                                started(0, "", register(0, "Transaction.Begin", 1_000)),
                                ended(1, 60, register(60, "Transaction.End", 2_000))),
                ended("same-id-b", "3000", 2, 2)
                        .of(
                                started(0, "", register(0, "Transaction.Begin", 1_000)),
                                ended(1, 60, register(60, "Transaction.End", 4_000))),
                twice(),
                new Input(
                        "of-no-session",
                        List.of(
                                "{'type':'measured','connector':1,'meter_values':["
                                        + register(0, "Sample.Clock", 1_000)
                                        + "]}"),
                        List.of(),
                        1),
                ended("stop-below-start", null, 2, 2, "STOP_BELOW_START")
                        .of(
                                started(0, "", register(0, "Transaction.Begin", 5_000)),
                                ended(1, 60, register(60, "Transaction.End", 4_000))),
                new Building(
                                "unknown-id",
                                "ended",
                                null,
                                "",
                                1,
                                1,
                                "BEGIN_VALUE_MISSING",
                                "START_MISSING")
                        .of(ended(1, 60, register(60, "Transaction.End", 4_000))),
                ended("no-stop", "1000", 2, 2, "CLOSED_BY_IMPLICATION")
                        .of(
                                started(0, "", register(0, "Transaction.Begin", 1_000)),
                                updated(1, 30, register(30, "Sample.Periodic", 2_000)),
                                "{'type':'released','connector':'1','time':'" + at(40) + "'}"),
                ended("values-after-stop", "1010", 3, 3, "VALUES_AFTER_END")
                        .of(
                                started(0, "", register(0, "Transaction.Begin", 1_000)),
                                ended(1, 60, register(60, "Sample.Periodic", 2_000)),
                                updated(2, 61, register(61, "Transaction.End", 2_010))),
                ended("defaults", "2000.25", 2, 2)
                        .of(
                                started(0, "", "{'value':1.5,'unit':'kWh','multiplier':1}"),
                                ended(1, 60, "{'value':'17000.25'}")),
                ended("stopped-twice", "1000", 3, 3)
                        .of(
                                started(0, "", register(0, "Transaction.Begin", 1_000)),
                                ended(1, 60, register(60, "Transaction.End", 2_000)),
                                ended(2, 75, register(75, "Transaction.End", 2_000))),
                ended("no-begin", null, 2, 1, "BEGIN_VALUE_MISSING")
                        .of(started(0, ""), ended(1, 60, register(60, "Transaction.End", 3_000))),
                ended("late-begin", "2000", 3, 2)
                        .of(
                                started(0, ""),
                                ended(2, 60, register(60, "Transaction.End", 3_000)),
                                updated(1, 31, register(0, "Transaction.Begin", 1_000))),
                ofOneSix());
    }

    private static Input twice() {
        String message = updated(1, 30, register(30, "Sample.Periodic", 2_000));
        return new Input(
                "twice",
                List.of(started(0, "", register(0, "Transaction.Begin", 1_000)), message, message),
                List.of(new Expected("twice", "tx", "ongoing", "1000", "CARD", List.of(), 2, 1, 2)),
                0);
    }

    /** The id comes with the answer, and once the answer comes first. */
    private static Input ofOneSix() {
        return new Input(
                "one-six",
                List.of(
                        "{'type':'started','message_id':'77','connector':1,'token':'CARD','time':'"
                                + at(0)
                                + "','meter_values':["
                                + register(0, "Transaction.Begin", 1_000)
                                + "]}",
                        "{'type':'answered','message_id':'77','id':42}",
                        "{'type':'ended','id':42,'time':'"
                                + at(60)
                                + "','meter_values':["
                                + register(60, "Transaction.End", 2_000)
                                + "]}",
                        "{'type':'answered','message_id':'78','id':43}",
                        "{'type':'started','message_id':'78','connector':2,'token':'OTHER','time':'"
                                + at(70)
                                + "'}"),
                List.of(
                        new Expected("one-six", "42", "ended", "1000", "CARD", List.of(), 2, 0, 2),
                        new Expected(
                                "one-six",
                                "43",
                                "ongoing",
                                null,
                                "OTHER",
                                List.of("BEGIN_VALUE_MISSING"),
                                1,
                                0,
                                0)),
                0);
    }

    private record Building(
            String station,
            String state,
            String energy,
            String token,
            int events,
            int values,
            String... flags) {

        Input of(String... messages) {
            return new Input(
                    station,
                    List.of(messages),
                    List.of(
                            new Expected(
                                    station,
                                    "tx",
                                    state,
                                    energy,
                                    token,
                                    Arrays.stream(flags).sorted().toList(),
                                    events,
                                    0,
                                    values)),
                    0);
        }
    }

    private static Building ended(
            String station, String energy, int events, int values, String... flags) {
        return new Building(station, "ended", energy, "CARD", events, values, flags);
    }

    private static Building ongoing(
            String station, String energy, int events, int values, String... flags) {
        return new Building(station, "ongoing", energy, "CARD", events, values, flags);
    }

    public static String started(int sequence, String more, String... values) {
        return "{'type':'started','id':'tx','seq':"
                + sequence
                + ",'token':'CARD','connector':'1',"
                + more
                + "'time':'"
                + at(0)
                + "','meter_values':["
                + String.join(",", values)
                + "]}";
    }

    public static String updated(int sequence, int minute, String... values) {
        return message("updated", sequence, minute, values);
    }

    public static String ended(int sequence, int minute, String... values) {
        return message("ended", sequence, minute, values);
    }

    private static String message(String type, int sequence, int minute, String... values) {
        return "{'type':'"
                + type
                + "','id':'tx','seq':"
                + sequence
                + ",'time':'"
                + at(minute)
                + "','meter_values':["
                + String.join(",", values)
                + "]}";
    }

    public static String register(int minute, String context, long wattHours) {
        return "{'time':'"
                + at(minute)
                + "','context':'"
                + context
                + "','value':"
                + wattHours
                + "}";
    }

    private static String kilowattHours(int minute, int value) {
        return "{'time':'" + at(minute) + "','value':" + value + ",'unit':'kWh'}";
    }

    private static String phase(int minute, String phase, int wattHours) {
        return "{'time':'" + at(minute) + "','phase':'" + phase + "','value':" + wattHours + "}";
    }

    public static String at(int minute) {
        return String.format("2026-12-01T%02d:%02d:00Z", 10 + minute / 60, minute % 60);
    }
}
