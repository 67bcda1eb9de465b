package io.ponix.jobs.options;

import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Takes an option that is not given from the environment: {@code --nats-url} from {@code
 * PONIX_NATS_URL}. An empty variable counts as not set, as compose files leave them.
 */
public final class EnvironmentDefaults implements IDefaultValueProvider {

    private final Map<String, String> environment;

    public EnvironmentDefaults(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /** The variable that stands for an option. */
    public static String variable(OptionSpec option) {
        return variable(option.longestName());
    }

    /** The same, of an option's name: {@code --nats-url}. */
    public static String variable(String option) {
        return "PONIX_"
                + option.substring("--".length()).replace('-', '_').toUpperCase(Locale.ROOT);
    }

    /** The option that stands for a variable. */
    static String option(String variable) {
        return "--"
                + variable.substring("PONIX_".length()).replace('_', '-').toLowerCase(Locale.ROOT);
    }

    @Override
    public String defaultValue(ArgSpec argument) {
        if (argument instanceof OptionSpec option && option.longestName().startsWith("--")) {
            String value = environment.get(variable(option));
            if (value != null && !value.isEmpty()) {
                return value;
            }
        }
        // null lets picocli take the annotation's default
        return null;
    }
}
