package io.ponix.sessions;

import static io.ponix.sessions.Sessions.at;
import static io.ponix.sessions.Sessions.ended;
import static io.ponix.sessions.Sessions.of;
import static io.ponix.sessions.Sessions.offline;
import static io.ponix.sessions.Sessions.register;
import static io.ponix.sessions.Sessions.started;
import static io.ponix.sessions.Sessions.updated;
import static io.ponix.sessions.Sessions.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What charging stations were seen to send, and what it comes to. */
class SessionInputsTest {

    @Test
    void energyIsWhatTheRegisterRoseBy() {
        Session session =
                of(
                        started(0, 0, register(0, MeterValue.BEGIN, 100_000)),
                        updated(1, 30, register(30, MeterValue.PERIODIC, 150_000)),
                        ended(2, 60, register(60, MeterValue.END, 200_000)));
        assertThat(session.isEnded()).isTrue();
        assertThat(session.isComplete()).isTrue();
        assertThat(session.start()).contains(at(0));
        assertThat(session.end()).contains(at(60));
        assertThat(session.energy()).contains(new BigDecimal("100000"));
        assertThat(session.firstRegister().orElseThrow()).isEqualByComparingTo("100000");
        assertThat(session.lastRegister().orElseThrow()).isEqualByComparingTo("200000");
        assertThat(session.reason()).isEqualTo("Local");
        assertThat(session.flags()).isEmpty();
    }

    @Test
    void aBeginValueOfZeroThatCannotBeIsNotCountedFrom() {
        Session session =
                of(
                        offline(started(0, 0, register(0, MeterValue.BEGIN, 0))),
                        updated(1, 10, register(10, MeterValue.PERIODIC, 909_948)),
                        ended(2, 60, register(60, MeterValue.END, 910_031)));
        assertEnergy(session, "83");
        assertThat(session.flags()).containsExactly(Flag.BEGIN_VALUE_IMPLAUSIBLE);
    }

    @Test
    void aNewMeterBeginsAtZero() {
        Session session =
                of(
                        offline(started(0, 0, register(0, MeterValue.BEGIN, 0))),
                        updated(1, 10, register(10, MeterValue.PERIODIC, 1_800)),
                        ended(2, 60, register(60, MeterValue.END, 11_000)));
        assertEnergy(session, "11000");
        assertThat(session.flags()).isEmpty();
    }

    @Test
    void whatIsNoEnergyOfTheSessionLeavesTheTotal() {
        SessionEvent[] events = {
            started(0, 0, register(0, MeterValue.BEGIN, 1_000)),
            updated(1, 10, register(10, MeterValue.PERIODIC, 1_500)),
            updated(2, 15, value(15, "Voltage", "", "230", "V")),
            updated(3, 20, register(20, MeterValue.CLOCK, 9_000)),
            updated(4, 25)
        };
        assertEnergy(of(events), "500");
    }

    @Test
    void phasesWithoutATotalAreAddedUp() {
        Session session =
                of(
                        started(
                                0,
                                0,
                                phase(0, "L1", 100),
                                phase(0, "L2", 200),
                                phase(0, "L3-N", 300)),
                        // Of one time, in two messages.
                        updated(1, 10, phase(10, "L1", 110), phase(10, "L2", 220)),
                        updated(2, 10, phase(10, "L3", 330)),
                        // Not all of them: nothing is known of that time.
                        updated(3, 20, phase(20, "L1", 120)),
                        ended(
                                4,
                                30,
                                phase(30, "L1", 120),
                                phase(30, "L2", 240),
                                phase(30, "L3", 360)));
        assertEnergy(session, "120");
    }

    @Test
    void aTotalIsNotAddedToItsPhases() {
        Session session =
                of(
                        started(0, 0, register(0, MeterValue.BEGIN, 600), phase(0, "L1", 200)),
                        ended(1, 30, register(30, MeterValue.END, 720), phase(30, "L1", 240)));
        assertEnergy(session, "120");
    }

    @Test
    void whatArrivesAfterTheEndDoesNotOpenItAgain() {
        SessionHistory history = new SessionHistory();
        history.add(started(0, 0, register(0, MeterValue.BEGIN, 1_000)));
        history.add(ended(2, 60, register(60, MeterValue.END, 3_000)));
        assertThat(history.session().flags()).containsExactly(Flag.GAPS);
        history.add(updated(1, 30, register(30, MeterValue.PERIODIC, 2_000)));

        Session session = history.session();
        assertThat(session.isEnded()).isTrue();
        assertThat(session.isComplete()).isTrue();
        assertThat(session.flags()).isEmpty();
        assertThat(session.meterValues())
                .extracting(RecordedValue::arrival)
                .containsExactly(0L, 2L, 1L);
        assertEnergy(session, "2000");
    }

    @Test
    void aStartThatComesLastFillsInWhatItSays() {
        SessionHistory history = new SessionHistory();
        history.add(ended(2, 60, register(60, MeterValue.END, 3_000)));
        history.add(updated(1, 30, register(30, MeterValue.PERIODIC, 2_000)));
        Session before = history.session();
        assertThat(before.flags()).contains(Flag.START_MISSING, Flag.BEGIN_VALUE_MISSING);
        assertThat(before.energy()).isEmpty();
        history.add(
                new SessionEvent(
                        EventType.STARTED,
                        at(0),
                        OptionalLong.of(0),
                        true,
                        "TOKEN",
                        "",
                        "1",
                        List.of(register(0, MeterValue.BEGIN, 1_000))));
        Session session = history.session();
        assertThat(session.start()).contains(at(0));
        assertThat(session.token()).isEqualTo("TOKEN");
        assertThat(session.connector()).isEqualTo("1");
        assertThat(session.flags()).isEmpty();
        assertEnergy(session, "2000");
    }

    @Test
    void aMessageThatComesAgainIsCountedOnce() {
        SessionHistory history = new SessionHistory();
        SessionEvent event = updated(1, 30, register(30, MeterValue.PERIODIC, 2_000));
        history.add(started(0, 0, register(0, MeterValue.BEGIN, 1_000)));
        assertThat(history.contains(event)).isFalse();
        assertThat(history.add(event)).isTrue();
        assertThat(history.contains(offline(event))).isTrue();
        assertThat(history.add(event)).isFalse();
        // Kept and sent again, as its answer was lost.
        assertThat(history.add(offline(event))).isFalse();
        assertThat(history.duplicates()).isEqualTo(2);
        assertThat(history.events()).isEqualTo(2);
        assertThat(history.session().meterValues()).hasSize(2);
        assertThat(history.session().events()).isEqualTo(2);
    }

    @Test
    void aStopBelowTheStartClosesAndTheEnergyIsNotKnown() {
        Session session =
                of(
                        started(0, 0, register(0, MeterValue.BEGIN, 5_000)),
                        updated(1, 30, register(30, MeterValue.PERIODIC, 6_000)),
                        ended(2, 60, register(60, MeterValue.END, 4_000)));
        assertThat(session.isEnded()).isTrue();
        assertThat(session.energy()).isEmpty();
        assertThat(session.flags()).containsExactly(Flag.STOP_BELOW_START);
    }

    @Test
    void aMeterThatIsReplacedGoesOnFromItsFirstValue() {
        Session session =
                of(
                        started(0, 0, register(0, MeterValue.BEGIN, 909_000)),
                        updated(1, 10, register(10, MeterValue.PERIODIC, 909_500)),
                        updated(2, 20, register(20, MeterValue.PERIODIC, 10)),
                        ended(3, 60, register(60, MeterValue.END, 310)));
        assertEnergy(session, "800");
        assertThat(session.flags()).containsExactly(Flag.METER_REPLACED);
    }

    @Test
    void aRegisterThatFellForAMomentIsPassedOver() {
        Session session =
                of(
                        started(0, 0, register(0, MeterValue.BEGIN, 1_000)),
                        updated(1, 10, register(10, MeterValue.PERIODIC, 1_500)),
                        updated(2, 20, register(20, MeterValue.PERIODIC, 3)),
                        ended(3, 60, register(60, MeterValue.END, 1_600)));
        assertEnergy(session, "600");
        assertThat(session.flags()).isEmpty();
    }

    @Test
    void withoutAStopItIsClosedByWhatFollowsUnlessItGoesOn() {
        SessionHistory history = new SessionHistory();
        history.add(started(0, 0, register(0, MeterValue.BEGIN, 1_000)));
        history.add(updated(1, 30, register(30, MeterValue.PERIODIC, 2_000)));
        history.add(Sessions.impliedEnd(40));
        Session session = history.session();
        assertThat(session.isEnded()).isTrue();
        assertThat(session.end()).contains(at(40));
        assertThat(session.isComplete()).isFalse();
        assertThat(session.flags()).containsExactly(Flag.CLOSED_BY_IMPLICATION);
        assertEnergy(session, "1000");

        history.add(updated(2, 50, register(50, MeterValue.PERIODIC, 2_500)));
        assertThat(history.session().isEnded()).isFalse();
        assertThat(history.session().flags()).isEmpty();
        history.add(ended(3, 60, register(60, MeterValue.END, 3_000)));
        assertThat(history.session().end()).contains(at(60));
        assertThat(history.session().flags()).isEmpty();
    }

    @Test
    void endValuesAfterTheStopAreOfTheClosedSession() {
        Session session =
                of(
                        started(0, 0, register(0, MeterValue.BEGIN, 1_000)),
                        ended(1, 60, register(60, MeterValue.PERIODIC, 2_000)),
                        updated(2, 61, register(61, MeterValue.END, 2_010)),
                        // The next vehicle's, perhaps.
                        updated(3, 90, register(90, MeterValue.PERIODIC, 5_000)));
        assertThat(session.isEnded()).isTrue();
        assertThat(session.end()).contains(at(60));
        assertThat(session.flags()).containsExactly(Flag.VALUES_AFTER_END);
        assertThat(session.meterValues()).hasSize(4);
        assertEnergy(session, "1010");
    }

    @Test
    void unitsAndWhatIsLeftOutAreUnderstood() {
        Session session =
                of(
                        started(
                                0,
                                0,
                                new MeterValue(
                                        at(0),
                                        null,
                                        null,
                                        null,
                                        null,
                                        new BigDecimal("1.5"),
                                        "kWh",
                                        1)),
                        ended(
                                1,
                                60,
                                new MeterValue(
                                        at(60),
                                        "",
                                        "",
                                        "",
                                        "",
                                        new BigDecimal("17000.25"),
                                        "",
                                        0)));
        assertEnergy(session, "2000.25");
        assertThat(session.flags()).isEmpty();
    }

    @Test
    void aStopThatComesTwiceIsOne() {
        Session session =
                of(
                        started(0, 0, register(0, MeterValue.BEGIN, 1_000)),
                        ended(1, 60, register(60, MeterValue.END, 2_000)),
                        ended(2, 75, register(75, MeterValue.END, 2_000)));
        assertThat(session.end()).contains(at(60));
        assertEnergy(session, "1000");
    }

    @Test
    void withoutARegisterAtTheStartNothingIsKnownUntilAnEarlierOneComes() {
        SessionHistory history = new SessionHistory();
        history.add(started(0, 0));
        history.add(updated(1, 30, register(30, MeterValue.PERIODIC, 2_000)));
        history.add(ended(3, 60, register(60, MeterValue.END, 3_000)));
        assertThat(history.session().energy()).isEmpty();
        assertThat(history.session().flags()).contains(Flag.BEGIN_VALUE_MISSING, Flag.GAPS);
        // E01.FR.17: begin values may come in an Updated.
        history.add(updated(2, 31, register(0, MeterValue.BEGIN, 1_000)));
        assertEnergy(history.session(), "2000");
        assertThat(history.session().flags()).isEmpty();
    }

    @Test
    void twoMetersOfOneTimeAreTwo() {
        SessionHistory history = new SessionHistory();
        history.add(started(0, 0, register(0, MeterValue.BEGIN, 1_000)));
        history.add(updated(1, 30, value(30, "Voltage", "L1", "230", "V")));
        history.add(updated(2, 30, value(30, "Voltage", "L2", "231", "V")));
        assertThat(history.session().meterValues()).hasSize(3);
    }

    @Test
    void messagesThatAStationLeftOutAreSaid() {
        Session session =
                of(
                        started(5, 0, register(0, MeterValue.BEGIN, 1_000)),
                        updated(7, 30, register(30, MeterValue.PERIODIC, 2_000)),
                        ended(10, 60, register(60, MeterValue.END, 3_000)));
        assertThat(session.isEnded()).isTrue();
        assertThat(session.isComplete()).isFalse();
        assertThat(session.missing()).isEqualTo(3);
        assertThat(session.flags()).containsExactly(Flag.GAPS);
        assertEnergy(session, "2000");
    }

    @Test
    void registersThatCannotBeUsedAreFlagged() {
        Session session =
                of(
                        started(0, 0, register(0, MeterValue.BEGIN, 1_000)),
                        updated(1, 10, value(10, MeterValue.IMPORT_REGISTER, "", "-5", "Wh")),
                        updated(2, 20, value(20, MeterValue.IMPORT_REGISTER, "", "5", "BTU")),
                        ended(3, 60, register(60, MeterValue.END, 3_000)));
        assertEnergy(session, "2000");
        assertThat(session.flags()).containsExactly(Flag.UNUSABLE_REGISTER);
        assertThat(session.meterValues()).hasSize(4);
    }

    @Test
    void aStopBelowTheStartThatIsSeenTwiceIsNoEnergyEither() {
        SessionEvent start = started(0, 0, register(0, MeterValue.BEGIN, 5_000));
        SessionEvent within = updated(1, 30, register(30, MeterValue.PERIODIC, 4_000));
        Session open = of(start, within);
        assertThat(open.energy()).isEmpty();
        assertThat(open.flags()).isEmpty();
        Session ended = of(start, within, ended(2, 60, register(60, MeterValue.END, 4_000)));
        assertThat(ended.energy()).isEmpty();
        assertThat(ended.flags()).containsExactly(Flag.STOP_BELOW_START);
    }

    @Test
    void whatASecondStopSaysDoesNotCount() {
        for (long again : new long[] {2_000, 5_000, 0}) {
            Session session =
                    of(
                            ofVersion16(started(0, 0, register(0, MeterValue.BEGIN, 1_000))),
                            ofVersion16(ended(1, 60, register(60, MeterValue.END, 2_000))),
                            ofVersion16(
                                    reason(
                                            ended(2, 75, register(75, MeterValue.END, again)),
                                            "Reboot")));
            assertEnergy(session, "1000");
            assertThat(session.end()).contains(at(60));
            assertThat(session.reason()).isEqualTo("Local");
            assertThat(session.flags()).isEmpty();
            assertThat(session.isComplete()).isTrue();
            assertThat(session.meterValues()).hasSize(3);
        }
    }

    @Test
    void whatIsNumberedBehindTheEndIsMissedByNobody() {
        Session session = of(started(0, 0), ended(1, 60), updated(3, 61));
        assertThat(session.isComplete()).isTrue();
        assertThat(session.missing()).isZero();
        assertThat(session.flags()).containsExactly(Flag.BEGIN_VALUE_MISSING);
    }

    @Test
    void gapsAreSaidWithoutAStartOrAnEndToo() {
        assertThat(of(updated(1, 10), updated(3, 30), ended(6, 60)).missing()).isEqualTo(3);
        assertThat(of(updated(1, 10), updated(3, 30), ended(6, 60)).flags()).contains(Flag.GAPS);
        Session closed = of(started(0, 0), updated(2, 30), Sessions.impliedEnd(40));
        assertThat(closed.missing()).isEqualTo(1);
        assertThat(closed.flags()).contains(Flag.GAPS, Flag.CLOSED_BY_IMPLICATION);
    }

    @Test
    void aFloatThatAProgramWroteAsADoubleIsUnderstood() {
        Session session =
                of(
                        started(
                                0,
                                0,
                                value(
                                        0,
                                        MeterValue.IMPORT_REGISTER,
                                        "",
                                        "17.299999237060547",
                                        "kWh")),
                        ended(
                                1,
                                60,
                                value(
                                        60,
                                        MeterValue.IMPORT_REGISTER,
                                        "",
                                        "18.299999237060547",
                                        "kWh")));
        assertEnergy(session, "1000");
    }

    @Test
    void aValueOfNoEndIsRefusedAndHarmsNothing() {
        for (String digits : List.of("1E+2147483647", "1E+15", "1E+999999")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> value(0, MeterValue.IMPORT_REGISTER, "", digits, "Wh"))
                    .withMessageContaining("digits before the point");
        }
        Session session =
                of(
                        started(0, 0, register(0, MeterValue.BEGIN, 1_000)),
                        updated(
                                1,
                                10,
                                value(10, MeterValue.IMPORT_REGISTER, "", "1E-2147483647", "Wh")),
                        ended(2, 60, register(60, MeterValue.END, 3_000)));
        assertEnergy(session, "2000");
    }

    @Test
    void otherZerosAtTheStartOfAnOfflineSessionAreFoundOut() {
        SessionEvent start = offline(started(0, 0, register(0, MeterValue.BEGIN, 0)));
        Session slow =
                of(
                        start,
                        updated(1, 30, register(30, MeterValue.PERIODIC, 12_345)),
                        ended(2, 60, register(60, MeterValue.END, 12_400)));
        assertEnergy(slow, "55");
        Session late =
                of(
                        start,
                        updated(1, 600, register(600, MeterValue.PERIODIC, 909_948)),
                        ended(2, 660, register(660, MeterValue.END, 910_031)));
        assertEnergy(late, "83");
        Session zeros =
                of(
                        start,
                        updated(1, 5, register(5, MeterValue.PERIODIC, 0)),
                        updated(2, 10, register(10, MeterValue.PERIODIC, 909_948)),
                        ended(3, 60, register(60, MeterValue.END, 910_031)));
        assertEnergy(zeros, "83");
        assertThat(zeros.firstRegister().orElseThrow()).isEqualByComparingTo("909948");
        Session alone = of(start, ended(1, 600, register(600, MeterValue.END, 910_031)));
        assertThat(alone.energy()).isEmpty();
        assertThat(alone.flags()).containsExactly(Flag.BEGIN_VALUE_IMPLAUSIBLE);
    }

    @Test
    void aClockThatIsSetBackHidesNothing() {
        Session session =
                of(
                        started(0, 60, register(60, MeterValue.BEGIN, 1_000)),
                        updated(1, 5, register(5, MeterValue.PERIODIC, 1_500)),
                        ended(2, 30, register(30, MeterValue.END, 2_000)));
        assertThat(session.isEnded()).isTrue();
        assertEnergy(session, "1000");
        assertThat(session.firstRegister().orElseThrow()).isEqualByComparingTo("1000");
    }

    @Test
    void aValueOfTheSecondOfTheEndIsOfTheSession() {
        MeterValue value = MeterValue.register(at(60).plusMillis(300), MeterValue.PERIODIC, 3_000);
        SessionEvent[] events = {
            started(0, 0, register(0, MeterValue.BEGIN, 1_000)), updated(1, 60, value), ended(2, 60)
        };
        assertEnergy(of(events), "2000");
        assertThat(of(events).flags()).isEmpty();
        for (int i = 0; i < events.length; i++) {
            events[i] = ofVersion16(events[i]);
        }
        assertEnergy(of(events), "2000");
    }

    @Test
    void endValuesAfterAnImpliedEndDoNotOpenItAgain() {
        Session session =
                of(
                        started(0, 0, register(0, MeterValue.BEGIN, 1_000)),
                        updated(1, 30, register(30, MeterValue.PERIODIC, 2_000)),
                        Sessions.impliedEnd(40),
                        updated(2, 41, register(41, MeterValue.END, 2_100)));
        assertThat(session.isEnded()).isTrue();
        assertThat(session.end()).contains(at(40));
        assertThat(session.flags())
                .containsExactly(Flag.CLOSED_BY_IMPLICATION, Flag.VALUES_AFTER_END);
        assertEnergy(session, "1100");
        // What was said in the second of the start was said before it.
        assertThat(of(Sessions.impliedEnd(0), started(0, 0)).isEnded()).isFalse();
    }

    @Test
    void whoStartedIsWhoChargesWhoeverStops() {
        Session session = of(started(0, 0), token(updated(1, 1), "A"), token(ended(2, 60), "B"));
        assertThat(session.token()).isEqualTo("A");
    }

    @Test
    void aTotalHereAndPhasesThere() {
        assertEnergy(
                of(
                        started(0, 0, register(0, MeterValue.BEGIN, 600)),
                        ended(
                                1,
                                30,
                                phase(30, "L1", 240),
                                phase(30, "L2", 240),
                                phase(30, "L3", 240))),
                "120");
        assertEnergy(
                of(
                        started(
                                0,
                                0,
                                phase(0, "L1", 100),
                                phase(0, "L2", 200),
                                phase(0, "L3", 300)),
                        ended(1, 30, register(30, MeterValue.END, 720))),
                "120");
    }

    @Test
    void theRegisterAtTheEndIsNotThatAtTheStart() {
        Session session = of(started(0, 0), ended(1, 0, register(0, MeterValue.END, 2_000)));
        assertThat(session.firstRegister()).isEmpty();
        assertThat(session.lastRegister().orElseThrow()).isEqualByComparingTo("2000");
        assertThat(session.energy()).isEmpty();
        assertThat(session.flags()).containsExactly(Flag.BEGIN_VALUE_MISSING);
    }

    @Test
    void aNewMeterMayRiseAboveTheOldOne() {
        Session session =
                of(
                        started(0, 0, register(0, MeterValue.BEGIN, 1_000)),
                        updated(1, 10, register(10, MeterValue.PERIODIC, 1_500)),
                        updated(2, 20, register(20, MeterValue.PERIODIC, 0)),
                        updated(3, 30, register(30, MeterValue.PERIODIC, 600)),
                        updated(4, 40, register(40, MeterValue.PERIODIC, 1_200)),
                        ended(5, 60, register(60, MeterValue.END, 1_800)));
        assertEnergy(session, "2300");
        assertThat(session.flags()).containsExactly(Flag.METER_REPLACED);
    }

    @Test
    void aLittleAboveTheStopIsNoOtherMeter() {
        Session session =
                of(
                        started(0, 0, register(0, MeterValue.BEGIN, 1_000)),
                        updated(1, 59, value(59, MeterValue.IMPORT_REGISTER, "", "2000.4", "Wh")),
                        ended(2, 60, register(60, MeterValue.END, 2_000)),
                        updated(3, 61, register(61, MeterValue.END, 2_000)));
        assertEnergy(session, "1000");
        assertThat(session.flags()).containsExactly(Flag.VALUES_AFTER_END);
    }

    @Test
    void oneReadThatIsFarAboveItsNeighboursIsPassedOver() {
        Session session =
                of(
                        started(0, 0, register(0, MeterValue.BEGIN, 1_000)),
                        updated(1, 10, register(10, MeterValue.PERIODIC, 1_500)),
                        updated(2, 20, register(20, MeterValue.PERIODIC, 999_999)),
                        updated(3, 30, register(30, MeterValue.PERIODIC, 1_600)),
                        ended(4, 60, register(60, MeterValue.END, 2_000)));
        assertEnergy(session, "1000");
        assertThat(session.flags()).isEmpty();
    }

    @Test
    void onlyEnergyIsInWattHoursWhereNothingIsSaid() {
        assertThat(value(0, "Voltage", "", "230", null).unit()).isEmpty();
        assertThat(value(0, "Energy.Reactive.Import.Register", "", "230", null).unit())
                .isEqualTo("Wh");
        assertThat(value(0, "Voltage", "", "1000", null).value()).isEqualTo(new BigDecimal("1000"));
    }

    @Test
    void aHundredThousandValuesOfOneTimeAreASession() {
        MeterValue[] values = new MeterValue[100_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = register(0, MeterValue.PERIODIC, values.length - i);
        }
        SessionHistory history = new SessionHistory();
        history.add(started(0, 0, register(0, MeterValue.BEGIN, 0)));
        history.add(updated(1, 0, values));
        assertThat(history.size()).isEqualTo(values.length + 1);
        assertThat(history.session().meterValues()).extracting(RecordedValue::arrival).isSorted();
    }

    @Test
    void numbersMayBeAsFarApartAsThereAreAny() {
        Session session = of(started(0, 0), ended(Long.MAX_VALUE, 60));
        assertThat(session.missing()).isEqualTo(Long.MAX_VALUE - 1);
        assertThat(session.flags()).contains(Flag.GAPS);
        assertThat(session.isComplete()).isFalse();
    }

    private static void assertEnergy(Session session, String wattHours) {
        assertThat(session.energy()).isPresent();
        assertThat(session.energy().orElseThrow()).isEqualByComparingTo(wattHours);
    }

    /** Without a number, as messages of OCPP 1.6 are. */
    private static SessionEvent ofVersion16(SessionEvent event) {
        return new SessionEvent(
                event.type(),
                event.time(),
                OptionalLong.empty(),
                event.isOffline(),
                event.token(),
                event.reason(),
                event.connector(),
                event.meterValues());
    }

    private static SessionEvent token(SessionEvent event, String token) {
        return new SessionEvent(
                event.type(),
                event.time(),
                event.sequence(),
                event.isOffline(),
                token,
                event.reason(),
                event.connector(),
                event.meterValues());
    }

    private static SessionEvent reason(SessionEvent event, String reason) {
        return new SessionEvent(
                event.type(),
                event.time(),
                event.sequence(),
                event.isOffline(),
                event.token(),
                reason,
                event.connector(),
                event.meterValues());
    }

    private static MeterValue phase(int minute, String phase, long wattHours) {
        return value(minute, MeterValue.IMPORT_REGISTER, phase, Long.toString(wattHours), "Wh");
    }
}
