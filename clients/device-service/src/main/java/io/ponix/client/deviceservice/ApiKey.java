package io.ponix.client.deviceservice;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/** What a program shows the device service to be let in. Never printed. */
@API(status = Status.EXPERIMENTAL)
public final class ApiKey {

    // As the service makes keys; what else a header could carry is none.
    private static final Pattern FORM = Pattern.compile("ponix_[0-9A-Za-z]+_[0-9A-Za-z_-]+");

    private final String text;

    private ApiKey(String text) {
        this.text = text;
    }

    /**
     * Reads the key that the environment names ({@link DeviceServiceVariable}), if it does.
     *
     * @throws IllegalArgumentException when that is no key; the message names the variable and says
     *     nothing of what is in it
     */
    public static Optional<ApiKey> fromEnvironment(Map<String, String> environment) {
        String key = DeviceServiceVariable.API_KEY.in(environment);
        return key.isEmpty()
                ? Optional.empty()
                : Optional.of(of(key, DeviceServiceVariable.API_KEY.variable() + " is"));
    }

    /**
     * Reads the key in a file, which holds nothing else.
     *
     * @throws IllegalArgumentException when it holds no key or cannot be read
     */
    public static ApiKey ofFile(Path file) {
        try {
            return of(Files.readString(file).strip(), file + " holds");
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e, e);
        }
    }

    private static ApiKey of(String text, String what) {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    what
                            + " no key of the form ponix_<id>_<secret> (./ponix key create makes one)");
        }
        return new ApiKey(text);
    }

    /** The value of the header {@code authorization}. */
    String authorization() {
        return "Bearer " + text;
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return text.substring(0, text.indexOf('_', text.indexOf('_') + 1));
    }
}
