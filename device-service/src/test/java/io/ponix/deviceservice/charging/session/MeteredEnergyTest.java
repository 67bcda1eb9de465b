package io.ponix.deviceservice.charging.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.util.Timestamps;
import io.ponix.proto.charging.v1.Session;
import io.ponix.proto.charging.v1.SessionState;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class MeteredEnergyTest {

    private static final Instant START = Instant.parse("2026-12-01T10:00:00Z");

    @Test
    void roundedPeriodsAddUpToTheRoundedEnergy() {
        MeteredEnergy energy = energy("0", "0.2", "0.2");

        List<MeteredEnergy.Period> periods =
                energy.periods(List.of(read(1, "0.04"), read(2, "0.08"), read(3, "0.12")));

        assertThat(energy.kilowattHours()).isEqualByComparingTo("0.0002");
        assertThat(periods).hasSize(4);
        assertThat(sum(periods)).isEqualByComparingTo(energy.kilowattHours());
    }

    @Test
    void registersThatDoNotRiseFromTheFirstToTheLastArePassedOver() {
        List<MeteredEnergy.Period> periods =
                energy("1000", "5000", "4000")
                        .periods(
                                List.of(
                                        read(0, "2000"),
                                        read(1, "999"),
                                        read(2, "2000"),
                                        read(2, "2500"),
                                        read(3, "1500"),
                                        read(4, "5001"),
                                        read(60, "4000")));

        assertThat(periods)
                .extracting(
                        MeteredEnergy.Period::start, each -> each.kilowattHours().toPlainString())
                .containsExactly(tuple(START, "1.0000"), tuple(START.plusSeconds(120), "3.0000"));
    }

    @Test
    void energyOfSeveralMetersIsOnePeriod() {
        MeteredEnergy energy = energy("1000", "300", "1200");

        assertThat(energy.periods(List.of(read(1, "1100"))))
                .containsExactly(new MeteredEnergy.Period(START, new BigDecimal("1.2000")));
        assertThat(energy(null, "300", "1200").periods(List.of(read(1, "100")))).hasSize(1);
    }

    @Test
    void nothingChargedInNoTimeIsACdrToo() {
        MeteredEnergy energy =
                MeteredEnergy.of(
                        session("7", "7", "0")
                                .setEndedAt(Timestamps.fromMillis(0))
                                .setStartedAt(Timestamps.fromMillis(0))
                                .build());

        assertThat(energy.hours()).isZero();
        assertThat(sum(energy.periods(List.of()))).isZero();
    }

    private static BigDecimal sum(List<MeteredEnergy.Period> periods) {
        return periods.stream()
                .map(MeteredEnergy.Period::kilowattHours)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static RegisterRead read(int minute, String wattHours) {
        return new RegisterRead(START.plusSeconds(60L * minute), new BigDecimal(wattHours));
    }

    private static MeteredEnergy energy(String first, String last, String energy) {
        return MeteredEnergy.of(session(first, last, energy).build());
    }

    private static Session.Builder session(String first, String last, String energy) {
        Session.Builder session =
                Session.newBuilder()
                        .setState(SessionState.SESSION_STATE_ENDED)
                        .setStartedAt(Timestamps.fromMillis(START.toEpochMilli()))
                        .setEndedAt(Timestamps.fromMillis(START.toEpochMilli() + 3_600_000))
                        .setLastRegisterWh(last)
                        .setEnergyWh(energy);
        if (first != null) {
            session.setFirstRegisterWh(first);
        }
        return session;
    }
}
