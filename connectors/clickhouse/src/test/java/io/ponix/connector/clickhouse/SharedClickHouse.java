package io.ponix.connector.clickhouse;

import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import io.ponix.embedded.process.Folders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One ClickHouse for all classes of a JVM that take it as a parameter; each finds it running,
 * whatever was done to it before. Tables have names of their own.
 */
public final class SharedClickHouse implements ParameterResolver {

    private static final Namespace NAMESPACE = Namespace.create(SharedClickHouse.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == EmbeddedClickHouse.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        EmbeddedClickHouse server =
                // A JVM that takes class after class executes a request for each, but in one
                // session.
                context.getStore(StoreScope.LAUNCHER_SESSION, NAMESPACE)
                        .getOrComputeIfAbsent(OfJvm.class, key -> new OfJvm(), OfJvm.class)
                        .server;
        if (server.isRunning()) {
            server.resume();
        }
        server.start();
        return server;
    }

    /** Closed with the store, after the last class. */
    private static final class OfJvm implements AutoCloseable {

        private final Path home;
        private final EmbeddedClickHouse server;

        private OfJvm() {
            try {
                home = Files.createTempDirectory("clickhouse-test");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            server = EmbeddedClickHouse.builder().home(home).build();
        }

        @Override
        public void close() throws IOException {
            server.close();
            Folders.delete(home);
        }
    }
}
