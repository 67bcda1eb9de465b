package io.ponix.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContractDocumentTest {

    @Test
    void whatIsWrittenIsReadAgain() {
        List<PayloadContract> contracts =
                List.of(
                        new PayloadContract(
                                "f_port == 1", "{\"a\":\n'ü'}", "{\"type\":\"object\"}"),
                        PayloadContract.always("{}"));

        String document = ContractDocument.write(contracts);

        assertThat(document)
                .startsWith("[{\"match_expression\":\"f_port == 1\",\"transform_expression\":");
        assertThat(ContractDocument.read(document)).isEqualTo(contracts);
    }

    @Test
    void whatIsMissingIsEmptyAndWhatIsNewIsPassedOver() {
        assertThat(ContractDocument.read("[{\"transform_expression\":\"{}\",\"since\":2027}]"))
                .containsExactly(new PayloadContract("", "{}", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[1]", "[", "null", ""})
    void anythingElseIsNoDocument(String document) {
        assertThatThrownBy(() -> ContractDocument.read(document))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
