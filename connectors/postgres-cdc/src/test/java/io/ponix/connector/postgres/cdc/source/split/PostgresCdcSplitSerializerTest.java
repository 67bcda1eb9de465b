package io.ponix.connector.postgres.cdc.source.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.connector.postgres.cdc.slot.WalPosition;
import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class PostgresCdcSplitSerializerTest {

    private static final PostgresCdcSplit SPLIT =
            new PostgresCdcSplit(
                    "a_slot",
                    "a_publication",
                    ReplicationPosition.between(WalPosition.parse("16/B374D848"))
                            .within(757, 0x16B374D900L, 3));

    /** Written by version 1; must be readable for ever. */
    private static final String VERSION_1 =
            "0006615f736c6f74"
                    + "000d615f7075626c69636174696f6e"
                    + "00000016b374d848"
                    + "00000000000002f5"
                    + "00000016b374d900"
                    + "00000003";

    private static final PostgresCdcSplit SPLIT_ON_TIMELINE_3 =
            new PostgresCdcSplit("a_slot", "a_publication", SPLIT.position().on(3));

    /** Written by version 2; must be readable for ever. */
    private static final String VERSION_2 = VERSION_1 + "00000003";

    private final PostgresCdcSplitSerializer serializer = new PostgresCdcSplitSerializer();

    @Test
    void writesAndReadsVersion2() throws IOException {
        assertThat(serializer.getVersion()).isEqualTo(2);
        assertThat(HexFormat.of().formatHex(serializer.serialize(SPLIT_ON_TIMELINE_3)))
                .isEqualTo(VERSION_2);
        assertThat(serializer.deserialize(2, HexFormat.of().parseHex(VERSION_2)))
                .isEqualTo(SPLIT_ON_TIMELINE_3);
    }

    @Test
    void readsVersion1() throws IOException {
        assertThat(serializer.deserialize(1, HexFormat.of().parseHex(VERSION_1))).isEqualTo(SPLIT);
    }

    @Test
    void refusesAVersionFromTheFuture() {
        assertThatThrownBy(() -> serializer.deserialize(3, new byte[0]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("split version 3")
                .hasMessageContaining("versions up to 2");
    }
}
