package io.ponix.cli.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SimulationTest {

    @Test
    void everyReadingIsCountedByTheRowsThatItBecomes() {
        Simulation withMeters = Simulation.withMeters("org-001", 10);

        assertThat(withMeters.readingsByRows(0)).isEmpty();
        assertThat(withMeters.readingsByRows(4)).isEqualTo(Map.of(1, 4L));
        assertThat(withMeters.readingsByRows(5)).isEqualTo(Map.of(1, 4L, 2, 1L));
        assertThat(withMeters.readingsByRows(25)).isEqualTo(Map.of(1, 20L, 2, 5L));
        assertThat(Simulation.ofLoggers("org-001", 1).readingsByRows(20))
                .isEqualTo(Map.of(1_000, 20L));
        assertThat(new Simulation("org-001", 10).readingsByRows(25)).isEqualTo(Map.of(1, 25L));
    }

    @Test
    void devicesOfAllSimulationsHaveNamesOfTheirOwn() {
        assertThat(Simulation.withMeters("org-001", 5).deviceTransforms())
                .containsKeys("Climate sensor 0001", "Water meter 0005");
        assertThat(Simulation.ofLoggers("org-001", 1).deviceTransforms())
                .containsOnlyKeys("Power quality logger 0001");
    }
}
