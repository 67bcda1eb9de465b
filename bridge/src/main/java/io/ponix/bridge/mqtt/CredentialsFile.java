package io.ponix.bridge.mqtt;

import io.ponix.client.tls.TlsSettings;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;

/**
 * The bridge's own file of what it logs in to brokers with: Java properties, whose keys are {@code
 * <name>.<setting>}. Gateways name an entry. An entry is for one broker, {@code <name>.broker_url},
 * and for no gateway of another: who may change a gateway could have the bridge send the password
 * to a server of theirs otherwise. It is read whenever the bridge connects.
 */
public final class CredentialsFile {

    private static final Set<String> SETTINGS =
            Set.of(
                    "broker_url",
                    "username",
                    "password",
                    "truststore",
                    "truststore_password",
                    "keystore",
                    "keystore_password");

    private final Optional<Path> file;

    /**
     * @param file empty where there is none
     */
    public CredentialsFile(Optional<Path> file) {
        this.file = file;
    }

    /**
     * Finds an entry.
     *
     * @param name empty for none
     * @param broker the one that it will be shown to
     * @throws IllegalArgumentException if there is no such entry, or it is for another broker; the
     *     message tells a person, and has no secret
     */
    BrokerCredential find(String name, BrokerAddress broker) {
        if (name.isEmpty()) {
            return BrokerCredential.NONE;
        }
        Properties entries = read(name);
        String url = setting(entries, name, "broker_url");
        if (url.isEmpty()) {
            throw new IllegalArgumentException(
                    "the bridge has no credential "
                            + name
                            + ": its PONIX_MQTT_CREDENTIALS_FILE has no "
                            + name
                            + ".broker_url");
        }
        if (!BrokerAddress.parse(url).equals(broker)) {
            throw new IllegalArgumentException(
                    "the bridge's credential "
                            + name
                            + " is for another broker: change "
                            + name
                            + ".broker_url in its PONIX_MQTT_CREDENTIALS_FILE, or the gateway's");
        }
        for (Object key : entries.keySet()) {
            String setting = key.toString().startsWith(name + ".") ? key.toString() : "";
            if (!setting.isEmpty() && !SETTINGS.contains(setting.substring(name.length() + 1))) {
                throw new IllegalArgumentException(
                        "PONIX_MQTT_CREDENTIALS_FILE of the bridge has "
                                + setting
                                + ", which means nothing");
            }
        }
        String username = setting(entries, name, "username");
        return new BrokerCredential(
                username.isEmpty() ? Optional.empty() : Optional.of(username),
                setting(entries, name, "password"),
                new TlsSettings(
                        setting(entries, name, "truststore"),
                        setting(entries, name, "truststore_password"),
                        setting(entries, name, "keystore"),
                        setting(entries, name, "keystore_password")));
    }

    private Properties read(String name) {
        if (file.isEmpty()) {
            throw new IllegalArgumentException(
                    "the bridge has no credential " + name + ": set PONIX_MQTT_CREDENTIALS_FILE");
        }
        Properties entries = new Properties();
        try (Reader reader = Files.newBufferedReader(file.get())) {
            entries.load(reader);
            return entries;
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "PONIX_MQTT_CREDENTIALS_FILE of the bridge cannot be read", e);
        }
    }

    private static String setting(Properties entries, String name, String setting) {
        return entries.getProperty(name + "." + setting, "").strip();
    }
}
