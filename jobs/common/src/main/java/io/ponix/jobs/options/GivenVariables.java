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
