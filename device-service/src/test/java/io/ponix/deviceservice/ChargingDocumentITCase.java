package io.ponix.deviceservice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.ponix.proto.charging.v1.CertificateProto;
import io.ponix.proto.charging.v1.ChargeStationProto;
import io.ponix.proto.charging.v1.LocationProto;
import io.ponix.proto.charging.v1.OcpiProto;
import io.ponix.proto.charging.v1.TokenProto;
import io.ponix.proto.charging.v1.TransactionProto;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What docs/charging.md says of {@code ponix.charging.v1} is there, and does what it says. */
@ExtendWith(ServiceUnderTest.Shared.class)
class ChargingDocumentITCase {

    private static final Path TESTS = Path.of("src/test/java/io/ponix/deviceservice");
    private static final Pattern CALL =
            Pattern.compile(
                    "(?m)^grpcurl -plaintext -d '(.*)' localhost:50051 (ponix\\.charging\\.v1\\.\\w+/\\w+)$");
    private static final Pattern SERVICE = Pattern.compile("(?m)^\\| `(\\w+Service)` \\|.*$");
    private static final Pattern NAME = Pattern.compile("`([A-Z]\\w+)`");
    private static final Pattern BEHAVIOURS = Pattern.compile("(?m)^\\| ([\\d, –]+) \\|");
    private static final Pattern TESTED = Pattern.compile("(?m)^ +// ([\\d, ]+)$");
    private static final int MOST_BEHAVIOURS = 74;

    private static ServiceUnderTest service;
    private static String document;

    @BeforeAll
    static void share(ServiceUnderTest shared) throws Exception {
        service = shared;
        document = Files.readString(Path.of("../docs/charging.md"));
    }

    @Test
    void itsCallsAreAnswered() throws Exception {
        String organization = service.organization("Charging");
        Map<String, String> answers = new LinkedHashMap<>();
        Matcher calls = CALL.matcher(document);
        while (calls.find()) {
            HttpResponse<String> answer =
                    post(calls.group(2), calls.group(1).replace("org-001", organization));
            assertThat(answer.statusCode()).as(calls.group() + ": " + answer.body()).isEqualTo(200);
            answers.put(calls.group(2).replaceAll(".*/", ""), answer.body());
        }

        assertThat(answers).hasSizeGreaterThan(15);
        assertThat(answers.get("ListChargeStationSettings")).contains("HeartbeatInterval");
        assertThat(answers.get("LookupToken")).contains("NL-ABC-1");
        assertThat(answers.get("FindTransaction"))
                .contains("04A2B3C4", "\"endedSeqNo\":\"2\"", "\"meterValueCount\":\"3\"");
        assertThat(answers.get("ListMeterValues")).contains("1000", "3500", "4000");
        assertThat(answers.get("ListPartyDetailsForRole")).contains("https://example.com/ocpi");
        assertThat(answers.get("ListLocations")).contains("51.047599");
        assertThat(answers.get("LookupCertificate")).isEqualTo("{}");
    }

    @Test
    void itNamesEveryServiceAndMethod() {
        Map<String, Set<String>> named = new LinkedHashMap<>();
        Matcher rows = SERVICE.matcher(document);
        while (rows.find()) {
            Set<String> methods =
                    NAME.matcher(rows.group())
                            .results()
                            .map(name -> name.group(1))
                            .collect(Collectors.toCollection(TreeSet::new));
            methods.remove(rows.group(1));
            named.put(rows.group(1), methods);
        }

        Map<String, Set<String>> served = new LinkedHashMap<>();
        for (FileDescriptor file :
                List.of(
                        ChargeStationProto.getDescriptor(),
                        TransactionProto.getDescriptor(),
                        TokenProto.getDescriptor(),
                        CertificateProto.getDescriptor(),
                        OcpiProto.getDescriptor(),
                        LocationProto.getDescriptor())) {
            for (ServiceDescriptor each : file.getServices()) {
                served.put(
                        each.getName(),
                        each.getMethods().stream()
                                .map(MethodDescriptor::getName)
                                .collect(Collectors.toCollection(TreeSet::new)));
            }
        }
        assertThat(named).isEqualTo(served);
    }

    @Test
    void everyBehaviourIsWrittenDownAndTested() throws Exception {
        List<Integer> all = IntStream.rangeClosed(1, MOST_BEHAVIOURS).boxed().toList();
        Set<Integer> written = new TreeSet<>();
        BEHAVIOURS
                .matcher(document)
                .results()
                .map(row -> row.group(1))
                .forEach(row -> written.addAll(numbers(row)));
        assertThat(written).containsExactlyElementsOf(all);

        Set<Integer> tested = new HashSet<>();
        for (String test :
                List.of(
                        "ChargeStationServiceITCase",
                        "TransactionServiceITCase",
                        "ChargingStoreITCase")) {
            TESTED.matcher(Files.readString(TESTS.resolve(test + ".java")))
                    .results()
                    .map((MatchResult comment) -> comment.group(1))
                    .forEach(comment -> tested.addAll(numbers(comment)));
        }
        assertThat(tested).containsExactlyInAnyOrderElementsOf(all);
    }

    /** Of {@code 1, 3–5}: 1, 3, 4 and 5. */
    private static List<Integer> numbers(String text) {
        List<Integer> numbers = new ArrayList<>();
        for (String part : text.split(",")) {
            String[] ends = part.strip().split("–");
            IntStream.rangeClosed(
                            Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]))
                    .forEach(numbers::add);
        }
        return numbers;
    }

    private static HttpResponse<String> post(String method, String json) throws Exception {
        return CleartextHttp.CLIENT.send(
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://127.0.0.1:"
                                                + service.service().httpPort()
                                                + "/"
                                                + method))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(json))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
