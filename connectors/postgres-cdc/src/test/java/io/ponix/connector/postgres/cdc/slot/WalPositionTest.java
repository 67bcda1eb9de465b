package io.ponix.connector.postgres.cdc.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class WalPositionTest {

    @Test
    void isWrittenAsPostgresWritesIt() {
        assertThat(WalPosition.parse("16/B374D848")).hasToString("16/B374D848");
        assertThat(WalPosition.parse("16/B374D848").value()).isEqualTo(0x16B374D848L);
    }

    @Test
    void isOrderedWithoutSign() {
        assertThat(WalPosition.parse("FFFFFFFF/0").isAfter(WalPosition.parse("0/FFFFFFFF")))
                .isTrue();
        assertThat(WalPosition.parse("1/0").isAfter(WalPosition.parse("1/0"))).isFalse();
    }

    @Test
    void refusesWhatIsNone() {
        assertThatThrownBy(() -> WalPosition.parse("here"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'here'");
    }
}
