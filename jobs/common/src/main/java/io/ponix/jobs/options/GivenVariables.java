package io.ponix.jobs.options;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** What was said of a connection, on the command line or in the environment, as variables. */
public final class GivenVariables {

    private final Map<String, String> values = new HashMap<>();

    /** Nothing yet. */
    public GivenVariables() {}

    /**
     * Adds what was said.
     *
     * @param value null where nothing was
     */
    public GivenVariables add(String variable, String value) {
        if (value != null) {
            values.put(variable, value);
        }
        return this;
    }

    /**
     * Adds a secret: where it is in a file, that alone, so that it does not travel with the job.
     *
     * @param value null where nothing was said
     * @param file with it; null where there is none
     */
    public GivenVariables addSecret(String variable, String value, String file) {
        return file == null ? add(variable, value) : add(variable + "_FILE", file);
    }

    /** All of it, by the names of the variables. */
    public Map<String, String> asMap() {
        return Map.copyOf(values);
    }

    /** What messages call a variable: the option, too. */
    public static String name(String variable) {
        return EnvironmentDefaults.option(variable) + " (" + variable + ")";
    }

    /** Notes what is wrong: an option given as nothing, or what no settings can be made of. */
    public void check(Problems problems, Supplier<?> settings) {
        values.forEach(
                (variable, value) ->
                        problems.requireText(EnvironmentDefaults.option(variable), value));
        try {
            settings.get();
        } catch (IllegalArgumentException e) {
            problems.messages().add(e.getMessage());
        }
    }
}
