package io.ponix.environment;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds variables that look like settings of Ponix and that no program of Ponix reads: a misspelled
 * one would else be left out of account in silence.
 */
public final class UnreadVariables {

    private static final String PREFIX = "PONIX_";

    private static final Set<String> KNOWN = read();

    private UnreadVariables() {}

    /**
     * Returns a line for every variable that begins with {@code PONIX_}, has a value and is read by
     * no program, in the order of their names. A line never has the value, which may be a secret.
     */
    public static List<String> warnings(Map<String, String> environment) {
        return unread(environment).stream()
                .map(name -> former(name).orElseGet(() -> misspelled(name)))
                .toList();
    }

    /** Returns the names of those variables. */
    public static List<String> unread(Map<String, String> environment) {
        return environment.entrySet().stream()
                .filter(variable -> !variable.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .filter(name -> name.startsWith(PREFIX) && !KNOWN.contains(name))
                .sorted()
                .toList();
    }

    /** Returns the variables that some program of Ponix reads. */
    public static Set<String> known() {
        return KNOWN;
    }

    private static Set<String> read() {
        try (InputStream file = UnreadVariables.class.getResourceAsStream("variables.txt");
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(file, StandardCharsets.UTF_8))) {
            return lines.lines().collect(Collectors.toUnmodifiableSet());
        } catch (IOException exception) {
            throw new UncheckedIOException("Cannot read the list of variables", exception);
        }
    }

    private static Optional<String> former(String name) {
        return Arrays.stream(FormerVariable.values())
                .filter(former -> former.name().equals(name))
                .findFirst()
                .map(former -> name + " has no meaning: " + former.reason());
    }

    private static String misspelled(String name) {
        String nearest =
                KNOWN.stream()
                        .min(
                                Comparator.<String>comparingInt(known -> distance(name, known))
                                        .thenComparing(Comparator.naturalOrder()))
                        .orElseThrow();
        return name + " is set, but nothing reads it; the nearest that is read is " + nearest;
    }

    /** How many letters to insert, leave out, replace or swap with the next. */
    private static int distance(String one, String other) {
        int[][] distances = new int[one.length() + 1][other.length() + 1];
        for (int row = 0; row <= one.length(); row++) {
            for (int column = 0; column <= other.length(); column++) {
                if (row == 0 || column == 0) {
                    distances[row][column] = row + column;
                    continue;
                }
                boolean same = one.charAt(row - 1) == other.charAt(column - 1);
                int least = distances[row - 1][column - 1] + (same ? 0 : 1);
                least = Math.min(least, distances[row - 1][column] + 1);
                least = Math.min(least, distances[row][column - 1] + 1);
                if (row > 1
                        && column > 1
                        && one.charAt(row - 1) == other.charAt(column - 2)
                        && one.charAt(row - 2) == other.charAt(column - 1)) {
                    least = Math.min(least, distances[row - 2][column - 2] + 1);
                }
                distances[row][column] = least;
            }
        }
        return distances[one.length()][other.length()];
    }
}
