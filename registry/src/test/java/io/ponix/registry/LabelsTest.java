package io.ponix.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelsTest {

    @Test
    void aCellIsReadAgain() {
        Map<String, String> labels =
                Map.of("team", "a;b", "site", "", "floor", " =\\;\\\\", "x", "ü 😀\\");

        String cell = Labels.cell(labels);

        assertThat(cell).isEqualTo("floor= =\\\\\\;\\\\\\\\;site=;team=a\\;b;x=ü 😀\\\\");
        assertThat(Labels.ofCell(cell)).isEqualTo(labels);
        assertThat(Labels.ofCell("")).isEmpty();
        assertThat(Labels.ofCell(" site=north ; ;team=a;")).containsEntry("site", "north ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    site          | 'site' is no label: write KEY=VALUE, and ; between labels
                    a=1;b         | 'b' is no label
                    a=1;b=2; a=3  | the label a is there twice
                    """)
    void whatIsNoCellIsRefused(String cell, String message) {
        assertThatThrownBy(() -> Labels.ofCell(cell))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aDocumentIsInTheOrderOfItsKeysAndAChangeHasNullForWhatIsTakenAway() {
        assertThat(Labels.document(Map.of("b", "2", "a", "\"1\"")))
                .isEqualTo("{\"a\":\"\\\"1\\\"\",\"b\":\"2\"}");
        assertThat(Labels.change(List.of("a", "b"), Map.of("b", "2", "c", "3")))
                .isEqualTo("{\"a\":null,\"b\":\"2\"}");
    }
}
