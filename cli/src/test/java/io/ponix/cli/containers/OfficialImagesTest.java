package io.ponix.cli.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Needs no Docker. */
class OfficialImagesTest {

    @ParameterizedTest
    @CsvSource({
        "nats, nats",
        "postgres, postgres",
        "clickhouse, clickhouse",
        "emqx, emqx",
    })
    void imagesAreThoseOfTheComposeFile(String service, String repository) throws Exception {
        OfficialImages images = new OfficialImages(Path.of(System.getProperty("ponix.root")));

        assertThat(images.image(service).getUnversionedPart()).isEqualTo(repository);
        assertThat(images.image(service).getVersionPart()).matches("sha256:[0-9a-f]{64}");
    }
}
