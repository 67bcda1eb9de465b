package io.ponix.client.postgres;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Takes a URL apart: {@code postgres://user:password@host:port/database?name=value&…}. User,
 * password, database and values are percent-encoded where they hold what the URL means otherwise.
 * What goes wrong is said without the URL: it may hold a password.
 */
final class PostgresUrl {

    private static final String FORM =
            "postgres://user:password@host:port/database?sslmode=require";

    private PostgresUrl() {}

    /**
     * What the URL says, as the variables would say it.
     *
     * @throws IllegalArgumentException if it cannot be read; the message goes on after a name
     */
    static Map<PostgresVariable, String> parse(String url) {
        String rest;
        if (url.startsWith("postgres://")) {
            rest = url.substring("postgres://".length());
        } else if (url.startsWith("postgresql://")) {
            rest = url.substring("postgresql://".length());
        } else {
            throw new IllegalArgumentException("must begin with postgres://, such as " + FORM);
        }
        Map<PostgresVariable, String> values = new EnumMap<>(PostgresVariable.class);
        int question = rest.indexOf('?');
        if (question >= 0) {
            parameters(rest.substring(question + 1), values);
            rest = rest.substring(0, question);
        }
        int at = rest.lastIndexOf('@');
        if (at >= 0) {
            String user = rest.substring(0, at);
            rest = rest.substring(at + 1);
            if (user.contains("/")) {
                throw new IllegalArgumentException(
                        "must have '/' and '@' in user and password percent-encoded (%2F, %40)");
            }
            int colon = user.indexOf(':');
            put(values, PostgresVariable.USERNAME, colon < 0 ? user : user.substring(0, colon));
            put(values, PostgresVariable.PASSWORD, colon < 0 ? "" : user.substring(colon + 1));
        }
        int slash = rest.indexOf('/');
        String hosts = slash < 0 ? rest : rest.substring(0, slash);
        if (hosts.isBlank()) {
            throw new IllegalArgumentException("must name a host, such as " + FORM);
        }
        put(values, PostgresVariable.HOST, hosts);
        put(values, PostgresVariable.DATABASE, slash < 0 ? "" : rest.substring(slash + 1));
        return values;
    }

    private static void parameters(String query, Map<PostgresVariable, String> values) {
        for (String parameter : query.split("&")) {
            int equals = parameter.indexOf('=');
            String name = equals < 0 ? parameter : parameter.substring(0, equals);
            PostgresVariable variable = variable(name);
            String value = equals < 0 ? "" : parameter.substring(equals + 1);
            if (variable.isTime()) {
                // As the poolers of other languages write them, in seconds.
                if (!value.matches("[0-9]{1,6}")) {
                    throw new IllegalArgumentException(
                            "must have whole seconds as " + name + ", but has '" + value + "'");
                }
                value += "000";
            }
            put(values, variable, value);
        }
    }

    private static PostgresVariable variable(String name) {
        return Arrays.stream(PostgresVariable.values())
                .filter(candidate -> candidate.parameter().filter(name::equals).isPresent())
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "has the parameter '"
                                                + name
                                                + "', which is none of "
                                                + Arrays.stream(PostgresVariable.values())
                                                        .flatMap(
                                                                known -> known.parameter().stream())
                                                        .collect(Collectors.joining(", "))));
    }

    private static void put(
            Map<PostgresVariable, String> values, PostgresVariable variable, String encoded) {
        if (!encoded.isEmpty()) {
            values.put(variable, decoded(encoded));
        }
    }

    /** A plus sign stands for itself: this is no form. */
    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "must have '%' only before the two digits of an encoded character (%25 for itself)");
        }
    }
}
