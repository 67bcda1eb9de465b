package io.ponix.cli.stack;

import io.ponix.client.deviceservice.DeviceServiceVariable;
import io.ponix.client.tls.TlsSettings;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;

/**
 * What whoever uses a secured stack has to know beside its addresses.
 *
 * @param certificate the PEM file of the certificate that the device service and the bridge show
 * @param jobVariables the environment that jobs have beside the addresses: as whom NATS and
 *     ClickHouse know them
 */
public record StackSecurity(String certificate, Map<String, String> jobVariables) {

    private static final String CERTIFICATE = "certificate";
    private static final String OF_A_JOB = "job.";

    /** Copies the map. */
    public StackSecurity {
        jobVariables = Map.copyOf(jobVariables);
    }

    /** Of the addresses of a stack; nothing of one that is not secured. */
    static Optional<StackSecurity> read(Properties properties) {
        Map<String, String> variables = new TreeMap<>();
        for (String property : properties.stringPropertyNames()) {
            if (property.startsWith(OF_A_JOB)) {
                variables.put(
                        property.substring(OF_A_JOB.length()), properties.getProperty(property));
            }
        }
        return Optional.ofNullable(properties.getProperty(CERTIFICATE))
                .map(file -> new StackSecurity(file, variables));
    }

    /** Adds it to the addresses of a stack. */
    void write(Properties properties) {
        properties.setProperty(CERTIFICATE, certificate);
        jobVariables.forEach((name, value) -> properties.setProperty(OF_A_JOB + name, value));
    }

    /** How to trust whom it shows. */
    TlsSettings trust() {
        return TlsSettings.DEFAULT.withTruststore(certificate, "");
    }

    /**
     * An environment by which the device service is trusted; who names files himself uses those.
     */
    Map<String, String> orTrustOf(Map<String, String> environment) {
        Map<String, String> trusting = new HashMap<>(environment);
        String truststore = DeviceServiceVariable.TLS_TRUSTSTORE.variable();
        if (environment.getOrDefault(truststore, "").isBlank()) {
            trusting.put(truststore, certificate);
        }
        return trusting;
    }
}
