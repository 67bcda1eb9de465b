package io.ponix.jobs.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.ponix.connector.clickhouse.sink.ClickHouseSinkMetrics;
import io.ponix.connector.nats.sink.JetStreamSinkMetrics;
import io.ponix.connector.nats.source.reader.JetStreamSourceMetrics;
import io.ponix.connector.postgres.cdc.source.reader.PostgresCdcSourceMetrics;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.Field;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The programs in the connectors' READMEs, compiled as they stand, and the metrics they name. */
class ConnectorReadmesTest {

    private static final Path CONNECTORS = Path.of("../../connectors");

    private static final Pattern PROGRAM = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    /** What the READMEs leave out: whoever reads them has an editor that writes it. */
    private static final String FRAME =
            """
            import io.ponix.client.clickhouse.*;
            import io.ponix.connector.clickhouse.sink.*;
            import io.ponix.connector.clickhouse.table.*;
            import io.ponix.client.nats.*;
            import io.ponix.connector.nats.sink.*;
            import io.ponix.connector.nats.source.*;
            import io.ponix.connector.nats.source.message.*;
            import io.ponix.connector.nats.source.settings.*;
            import io.ponix.client.postgres.*;
            import io.ponix.connector.postgres.cdc.*;
            import io.ponix.connector.postgres.cdc.source.*;
            import io.ponix.connector.postgres.cdc.source.change.*;
            import java.nio.charset.StandardCharsets;
            import java.util.List;
            import org.apache.flink.api.common.eventtime.WatermarkStrategy;
            import org.apache.flink.api.common.typeinfo.*;
            import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
            import org.apache.flink.util.Collector;

            class Readme {
                record Reading(long id, String text) {}

                void run(StreamExecutionEnvironment environment) {
            %s
                }
            }
            """;

    /** Of every connector; what their tests share is none. */
    static Stream<Path> readmes() throws IOException {
        try (Stream<Path> connectors = Files.list(CONNECTORS)) {
            return connectors
                    .filter(connector -> !connector.endsWith("testing"))
                    .map(connector -> connector.resolve("README.md"))
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("readmes")
    void itsProgramsCompile(Path readme, @TempDir Path classes) throws IOException {
        Matcher programs = PROGRAM.matcher(Files.readString(readme));
        int compiled = 0;
        for (; programs.find(); compiled++) {
            assertThat(compilerMessages(FRAME.formatted(programs.group(1)), classes)).isEmpty();
        }
        assertThat(compiled).isPositive();
    }

    @ParameterizedTest
    @MethodSource("metrics")
    void itNamesEveryMetric(String connector, Class<?> metrics) throws Exception {
        String readme = Files.readString(CONNECTORS.resolve(connector).resolve("README.md"));
        for (Field name : metrics.getFields()) {
            assertThat(readme).contains("`" + name.get(null) + "`");
        }
    }

    static Stream<Arguments> metrics() {
        return Stream.of(
                arguments("nats", JetStreamSourceMetrics.class),
                arguments("nats", JetStreamSinkMetrics.class),
                arguments("clickhouse", ClickHouseSinkMetrics.class),
                arguments("postgres-cdc", PostgresCdcSourceMetrics.class));
    }

    private static String compilerMessages(String program, Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        JavaFileObject file =
                new SimpleJavaFileObject(
                        URI.create("string:///Readme.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return program;
                    }
                };
        compiler.getTask(
                        messages,
                        null,
                        null,
                        List.of(
                                "-proc:none",
                                "-classpath",
                                System.getProperty("java.class.path"),
                                "-d",
                                classes.toString()),
                        null,
                        List.of(file))
                .call();
        return messages.toString();
    }
}
