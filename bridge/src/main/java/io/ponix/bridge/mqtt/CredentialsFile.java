package io.ponix.bridge.mqtt;

import io.ponix.client.tls.TlsSettings;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;

/**
 * The bridge's own file of what it logs in to brokers with: Java properties, whose keys are {@code
 * <name>.<setting>}. Gateways name an entry. An entry is for one broker, {@code <name>.broker_url}:
 * who may change a gateway could have the bridge send the password to a server of theirs otherwise.
 * And it is for gateways of the organizations in {@code <name>.organizations}: those of any other
 * would be given what the log-in may read otherwise. It is read whenever the bridge connects.
 */
public final class CredentialsFile {

    /** In place of organizations, for a bridge whose brokers are everybody's. */
    private static final String ALL = "*";

    private static final Set<String> SETTINGS =
            Set.of(
                    "broker_url",
                    "organizations",
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
     * @param organizationId whose gateway it is for
     * @throws IllegalArgumentException if there is no such entry for that broker and organization,
     *     in the same words whatever else there is; the message tells a person, and has no secret
     */
    BrokerCredential find(String name, BrokerAddress broker, String organizationId) {
        if (name.isEmpty()) {
            return BrokerCredential.NONE;
        }
        Properties entries = read(name);
        if (!isFor(entries, name, broker, organizationId)) {
            throw new IllegalArgumentException(
                    ("the bridge has no credential %s for this broker and organization: name both,"
                                    + " as %s.broker_url and in %s.organizations of its"
                                    + " PONIX_MQTT_CREDENTIALS_FILE")
                            .formatted(name, name, name));
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
                TlsSettings.of(
                        setting(entries, name, "truststore"),
                        setting(entries, name, "truststore_password"),
                        setting(entries, name, "keystore"),
                        setting(entries, name, "keystore_password")));
    }

    private static boolean isFor(
            Properties entries, String name, BrokerAddress broker, String organizationId) {
        List<String> organizations =
                Arrays.stream(setting(entries, name, "organizations").split(","))
                        .map(String::strip)
                        .filter(organization -> !organization.isEmpty())
                        .toList();
        if (!organizations.contains(ALL) && !organizations.contains(organizationId)) {
            return false;
        }
        String url = setting(entries, name, "broker_url");
        return !url.isEmpty() && BrokerAddress.parse(url).equals(broker);
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
