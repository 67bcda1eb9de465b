package io.ponix.embedded.flink.reporter;

import io.prometheus.client.exporter.HTTPServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Iterator;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.prometheus.PrometheusMetrics;
import org.apache.flink.util.PortRange;

/** Answers Prometheus on the loopback address, on the first free port of a range. */
final class LoopbackPrometheusReporter extends PrometheusMetrics {

    private final PortRange ports;
    private HTTPServer server;

    LoopbackPrometheusReporter(PortRange ports) {
        this.ports = ports;
    }

    @Override
    public void open(MetricConfig config) {
        super.open(config);
        for (Iterator<Integer> each = ports.getPortsIterator();
                each.hasNext() && server == null; ) {
            listen(each.next());
        }
        if (server == null) {
            throw new IllegalStateException(
                    "No port of " + ports + " is free (metrics.reporter.prometheus.port)");
        }
    }

    private void listen(int port) {
        try {
            server =
                    new HTTPServer(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                            metrics());
            log.info("Prometheus is answered on port {} of the loopback address", port);
        } catch (IOException inUse) {
            log.debug("Port {} is not free", port, inUse);
        }
    }

    @Override
    public void close() {
        if (server != null) {
            server.stop();
        }
        super.close();
    }
}
