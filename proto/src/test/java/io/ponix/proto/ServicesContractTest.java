package io.ponix.proto;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The README says how each service is called, or by whom. */
class ServicesContractTest {

    private static final Path PROTOS = Path.of("src/main/proto");
    private static final Pattern PACKAGE = Pattern.compile("(?m)^package ([\\w.]+);");
    private static final Pattern SERVICE = Pattern.compile("(?m)^service (\\w+) ");

    @Test
    void theReadmeNamesEveryService() throws IOException {
        List<String> services = new ArrayList<>();
        for (Path file : protos()) {
            String proto = Files.readString(file);
            Matcher name = PACKAGE.matcher(proto);
            assertThat(name.find()).as("a package in %s", file).isTrue();
            SERVICE.matcher(proto)
                    .results()
                    .forEach(service -> services.add(name.group(1) + "." + service.group(1)));
        }

        assertThat(services).contains("ponix.gateway.v1.GatewayService");
        String readme = Files.readString(Path.of("../README.md"));
        assertThat(services)
                .filteredOn(service -> !readme.contains(service))
                .as("services that README.md does not name")
                .isEmpty();
    }

    private static List<Path> protos() throws IOException {
        try (Stream<Path> files = Files.walk(PROTOS)) {
            return files.filter(file -> file.toString().endsWith(".proto")).toList();
        }
    }
}
