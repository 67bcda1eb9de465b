package io.ponix.transforms.runtime;

import com.google.re2j.Pattern;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What a regular expression costs. {@code ((((a{0,30}){0,30}){0,30}){0,30}){0,30}} has 40
 * characters and 24 million instructions: to compile it to find that out takes all memory there is.
 *
 * @param length of the expression, in characters
 * @param atoms how many characters and classes it matches, each counted as often as the {@code
 *     {n,m}} around it repeats it; about as many as the instructions it is compiled to, which may
 *     be fewer where alternatives begin alike
 */
public record RegularExpressionSize(int length, long atoms) {
    private static final int UNITS_PER_CHARACTER = 64;
    private static final int UNITS_PER_ATOM = 8;

    /** Instructions per unit and character of the text. */
    private static final int INSTRUCTIONS_PER_UNIT = 8;

    /** So many more atoms than instructions no expression of people has. */
    private static final int ATOMS_PER_INSTRUCTION = 20;

    /** The size of an expression, which need not be a correct one. */
    public static RegularExpressionSize of(String expression) {
        return new RegularExpressionSize(expression.length(), new Counting(expression).atoms());
    }

    /** Whether to compile it would be a waste, as it has more instructions than allowed. */
    public boolean isFarBeyond(int allowedInstructions) {
        return atoms > (long) ATOMS_PER_INSTRUCTION * allowedInstructions;
    }

    /** What it costs to compile. */
    public long unitsToCompile() {
        return (long) UNITS_PER_CHARACTER * (16 + length) + UNITS_PER_ATOM * atoms;
    }

    /** What it costs to look for a match in a text. */
    public static long unitsToMatch(Pattern pattern, int length) {
        return (16L + length) * unitsPerCharacter(pattern);
    }

    /** What it costs to go on by one character of a text. */
    static long unitsPerCharacter(Pattern pattern) {
        return 1 + pattern.programSize() / INSTRUCTIONS_PER_UNIT;
    }

    private static final class Counting {
        /** Of {@code n,m}, four digits each. */
        private static final int LONGEST_COUNTS = 9;

        private final String expression;
        private int at;

        Counting(String expression) {
            this.expression = expression;
        }

        long atoms() {
            Deque<Long> outer = new ArrayDeque<>();
            long size = 0;
            long last = 0;
            while (at < expression.length()) {
                char c = expression.charAt(at++);
                if (c == '(') {
                    outer.push(size + last);
                    size = 0;
                    last = 0;
                    skipKindOfGroup();
                } else if (c == ')') {
                    last = size + last;
                    size = outer.isEmpty() ? 0 : outer.pop();
                } else if (c == '{' && isRepetition()) {
                    last = saturated(last, repetitions());
                } else if ("*+?|^$".indexOf(c) < 0) {
                    size += last;
                    last = 1;
                    skipRestOfAtom(c);
                }
            }
            for (long rest : outer) {
                size += rest;
            }
            return size + last;
        }

        /** {@code ?:}, {@code ?i:} and {@code ?P<name>}. */
        private void skipKindOfGroup() {
            if (next() == '?') {
                while (at < expression.length() && ":>)".indexOf(next()) < 0) {
                    at++;
                }
                at += next() == ')' ? 0 : 1;
            }
        }

        private void skipRestOfAtom(char c) {
            if (c == '\\' && at < expression.length()) {
                char escaped = expression.charAt(at++);
                if (escaped == 'Q') {
                    int end = expression.indexOf("\\E", at);
                    at = end < 0 ? expression.length() : end;
                } else if ((escaped == 'p' || escaped == 'P' || escaped == 'x') && next() == '{') {
                    at = Math.max(at, expression.indexOf('}', at) + 1);
                }
            } else if (c == '[') {
                // A bracket that comes first stands for itself.
                at += next() == '^' ? 1 : 0;
                at += next() == ']' ? 1 : 0;
                while (at < expression.length() && expression.charAt(at) != ']') {
                    at += expression.charAt(at) == '\\' ? 2 : 1;
                }
                at++;
            }
        }

        private char next() {
            return at < expression.length() ? expression.charAt(at) : 0;
        }

        /** Whether a brace that was just read is none that stands for itself. */
        private boolean isRepetition() {
            // Looked for near by only: an expression may be nothing but braces.
            int limit = Math.min(expression.length(), at + LONGEST_COUNTS + 1);
            int length = expression.substring(at, limit).indexOf('}');
            return length > 0
                    && expression.substring(at, at + length).matches("\\d{1,4}(,\\d{0,4})?");
        }

        /** Of {@code n}, {@code n,} and {@code n,m} the larger number. */
        private long repetitions() {
            int end = expression.indexOf('}', at);
            String counts = expression.substring(at, end);
            at = end + 1;
            long most = 1;
            for (String count : counts.split(",")) {
                most = Math.max(most, Long.parseLong(count));
            }
            return most;
        }

        private static long saturated(long size, long times) {
            return Math.min(Integer.MAX_VALUE, size * times);
        }
    }
}
