package io.ponix.bridge.mqtt;

import io.ponix.client.tls.TlsSettings;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What the bridge shows a broker, and whom it trusts.
 *
 * @param username none for a broker that wants none
 * @param password empty where there is no user
 * @param tls authorities and certificate, for a broker that speaks TLS
 */
record BrokerCredential(Optional<String> username, String password, TlsSettings tls) {

    static final BrokerCredential NONE =
            new BrokerCredential(Optional.empty(), "", TlsSettings.DEFAULT);

    /** The password as MQTT sends it. */
    byte[] passwordBytes() {
        return password.getBytes(StandardCharsets.UTF_8);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return username.map(name -> "user " + name).orElse("no user") + ", " + tls;
    }
}
