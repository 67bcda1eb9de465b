package io.ponix.connector.postgres.cdc;

import org.apache.flink.client.program.ClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.util.MiniClusterWithClientResource;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One Flink cluster for all tests of a JVM; tests take its {@link ClusterClient} or its metrics as
 * parameters.
 */
public final class TestCluster implements BeforeAllCallback, ParameterResolver {

    private static final Namespace NAMESPACE = Namespace.create(TestCluster.class);

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        cluster(context);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == ClusterClient.class || type == InMemoryReporter.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        RunningCluster running = cluster(context);
        return parameter.getParameter().getType() == ClusterClient.class
                ? running.cluster.getClusterClient()
                : running.metrics;
    }

    private static RunningCluster cluster(ExtensionContext context) {
        return context.getStore(StoreScope.LAUNCHER_SESSION, NAMESPACE)
                .getOrComputeIfAbsent(
                        RunningCluster.class, key -> new RunningCluster(), RunningCluster.class);
    }

    private static final class RunningCluster implements AutoCloseable {
        private final InMemoryReporter metrics = InMemoryReporter.create();
        private final MiniClusterWithClientResource cluster =
                new MiniClusterWithClientResource(
                        new MiniClusterResourceConfiguration.Builder()
                                .setConfiguration(metrics.addToConfiguration(new Configuration()))
                                .setNumberTaskManagers(1)
                                .setNumberSlotsPerTaskManager(1)
                                .build());

        RunningCluster() {
            try {
                cluster.before();
            } catch (Exception e) {
                throw new IllegalStateException("The Flink cluster did not start", e);
            }
        }

        @Override
        public void close() {
            cluster.after();
        }
    }
}
