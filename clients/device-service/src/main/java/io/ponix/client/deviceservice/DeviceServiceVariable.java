package io.ponix.client.deviceservice;

import java.util.Map;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * The environment variables that say where the device service is and who calls it: the same for
 * every program. {@link DeviceServiceAddress#fromEnvironment} and {@link ApiKey#fromEnvironment}
 * read them.
 */
@API(status = Status.EXPERIMENTAL)
public enum DeviceServiceVariable {
    ADDRESS(
            "DEVICE_SERVICE_ADDRESS",
            "localhost:50051",
            "HOST:PORT of the device service's gRPC, https://HOST:PORT with TLS"),
    TLS_TRUSTSTORE(
            "DEVICE_SERVICE_TLS_TRUSTSTORE",
            "",
            "certificate authorities to trust in place of Java's, with https://: PEM, PKCS #12 or"
                    + " Java keystore"),
    TLS_TRUSTSTORE_PASSWORD(
            "DEVICE_SERVICE_TLS_TRUSTSTORE_PASSWORD",
            "",
            "password of that file, unless it is PEM"),
    TLS_KEYSTORE(
            "DEVICE_SERVICE_TLS_KEYSTORE",
            "",
            "certificate and private key, if the service wants one: PEM (both in one file),"
                    + " PKCS #12 or Java keystore"),
    TLS_KEYSTORE_PASSWORD(
            "DEVICE_SERVICE_TLS_KEYSTORE_PASSWORD", "", "password of that file, unless it is PEM"),
    API_KEY(
            "API_KEY",
            "",
            "key for the device service, ponix_<id>_<secret>, where it asks for one");

    private static final String PREFIX = "PONIX_";

    private final String suffix;
    private final String byDefault;
    private final String meaning;

    DeviceServiceVariable(String suffix, String byDefault, String meaning) {
        this.suffix = suffix;
        this.byDefault = byDefault;
        this.meaning = meaning;
    }

    /** Its name in the environment: {@code PONIX_API_KEY}. */
    public String variable() {
        return PREFIX + suffix;
    }

    /** What holds where nothing is said; empty where that is nothing. */
    public String byDefault() {
        return byDefault;
    }

    /** For help texts. */
    public String meaning() {
        return meaning;
    }

    String in(Map<String, String> environment) {
        String value = environment.getOrDefault(variable(), "").strip();
        return value.isEmpty() ? byDefault : value;
    }
}
