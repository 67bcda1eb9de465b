package io.ponix.client.deviceservice;

import java.util.Map;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * The environment variables that say who calls the device service: the same for every program.
 * {@link ApiKey#fromEnvironment} reads them.
 */
@API(status = Status.EXPERIMENTAL)
public enum DeviceServiceVariable {
    API_KEY("", "key for the device service, ponix_<id>_<secret>, where it asks for one"),
    API_KEY_FILE("", "file that holds the key, in place of PONIX_API_KEY");

    private static final String PREFIX = "PONIX_";

    private final String byDefault;
    private final String meaning;

    DeviceServiceVariable(String byDefault, String meaning) {
        this.byDefault = byDefault;
        this.meaning = meaning;
    }

    /** Its name in the environment: {@code PONIX_API_KEY}. */
    public String variable() {
        return PREFIX + name();
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
        return environment.getOrDefault(variable(), "").strip();
    }
}
