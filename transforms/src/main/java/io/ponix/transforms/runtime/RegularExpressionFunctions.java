package io.ponix.transforms.runtime;

import com.google.common.collect.ImmutableList;
import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.runtime.CelFunctionBinding;
import io.ponix.transforms.budget.WorkMeter;
import io.ponix.transforms.functions.RecentlyCompiled;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code matches}, which pays for the size of the compiled expression times that of the text, and
 * the functions of CEL's regex extension, which pay for what is looked at, as often as it is.
 */
final class RegularExpressionFunctions {
    /** In instructions of the compiled expression. */
    private final int largestProgram;

    private final RecentlyCompiled<Pattern> patterns = new RecentlyCompiled<>(this::compile);

    RegularExpressionFunctions(int largestProgram) {
        this.largestProgram = largestProgram;
    }

    List<CelFunctionBinding> matches() {
        return List.of(
                CelFunctionBinding.from(
                        "matches_string", String.class, String.class, this::matches));
    }

    /** The first match, or what its group captures. */
    List<CelFunctionBinding> extract() {
        return List.of(
                CelFunctionBinding.from(
                        "regex_extract_string_string", String.class, String.class, this::extract));
    }

    /** All matches, or what their group captures. */
    List<CelFunctionBinding> extractAll() {
        return List.of(
                CelFunctionBinding.from(
                        "regex_extractAll_string_string",
                        String.class,
                        String.class,
                        this::extractAll));
    }

    /** The text with something else in place of matches: of all, or of the first ones. */
    List<CelFunctionBinding> replace() {
        return List.of(
                CelFunctionBinding.from(
                        "regex_replaceAll_string_string_string",
                        ImmutableList.of(String.class, String.class, String.class),
                        arguments -> replace(arguments, Long.MAX_VALUE)),
                CelFunctionBinding.from(
                        "regex_replaceCount_string_string_string_int",
                        ImmutableList.of(String.class, String.class, String.class, Long.class),
                        arguments -> {
                            long count = (Long) arguments[3];
                            return replace(arguments, count < 0 ? Long.MAX_VALUE : count);
                        }));
    }

    private boolean matches(String text, String expression) {
        WorkMeter meter = WorkMeter.current();
        Pattern pattern = compiled("matches", expression, meter);
        meter.charge(RegularExpressionSize.unitsToMatch(pattern, text.length()));
        return pattern.matcher(text).find();
    }

    private Optional<String> extract(String text, String expression) {
        WorkMeter meter = WorkMeter.current();
        Matcher matcher = matcher("regex.extract", text, expression, meter);
        if (!isFound(matcher, meter)) {
            return Optional.empty();
        }
        String captured = matcher.group(matcher.groupCount());
        meter.chargeShallow(captured);
        return Optional.ofNullable(captured);
    }

    private List<String> extractAll(String text, String expression) {
        WorkMeter meter = WorkMeter.current();
        Matcher matcher = matcher("regex.extractAll", text, expression, meter);
        List<String> all = new ArrayList<>();
        while (isFound(matcher, meter)) {
            String captured = matcher.group(matcher.groupCount());
            if (captured != null) {
                meter.charge(WorkMeter.UNITS_PER_ELEMENT + captured.length());
                all.add(captured);
            }
        }
        return all;
    }

    private String replace(Object[] arguments, long count) {
        WorkMeter meter = WorkMeter.current();
        String text = (String) arguments[0];
        Pattern pattern = compiled("regex.replace", (String) arguments[1], meter);
        String replacement = (String) arguments[2];
        checkReplacement(replacement, pattern.groupCount());
        Matcher matcher = pattern.matcher(new MeteredText(text, pattern, meter));
        StringBuilder replaced = new StringBuilder();
        int copied = 0;
        for (long i = 0; i < count && isFound(matcher, meter); i++) {
            int start = replaced.length();
            replaced.append(text, copied, matcher.start());
            appendReplacement(replacement, matcher, replaced, meter);
            copied = matcher.end();
            meter.charge(replaced.length() - start);
        }
        meter.charge(text.length() - copied);
        return replaced.append(text, copied, text.length()).toString();
    }

    /** A backslash stands before the number of a group, or before another. */
    private static void checkReplacement(String replacement, int groups) {
        for (int i = 0; i < replacement.length(); i++) {
            if (replacement.charAt(i) != '\\') {
                continue;
            }
            i++;
            char next = i < replacement.length() ? replacement.charAt(i) : 0;
            boolean isGroup = next >= '0' && next <= '9';
            if (!isGroup && next != '\\' || isGroup && next - '0' > groups) {
                throw new CelInvalidArgumentException(
                        "regex.replace: the backslash at offset "
                                + (i - 1)
                                + " of the replacement stands before none of the groups 0 to "
                                + groups
                                + ", nor before a backslash");
            }
        }
    }

    private static void appendReplacement(
            String replacement, Matcher matcher, StringBuilder replaced, WorkMeter meter) {
        meter.charge(replacement.length());
        for (int i = 0; i < replacement.length(); i++) {
            char c = replacement.charAt(i);
            char next = c == '\\' ? replacement.charAt(++i) : c;
            if (c != '\\' || next == '\\') {
                replaced.append(next);
                continue;
            }
            String group = matcher.group(next - '0');
            if (group != null) {
                meter.charge(group.length());
                replaced.append(group);
            }
        }
    }

    private Matcher matcher(String function, String text, String expression, WorkMeter meter) {
        Pattern pattern = compiled(function, expression, meter);
        if (pattern.groupCount() > 1) {
            throw new CelInvalidArgumentException(
                    function
                            + ": the expression has "
                            + pattern.groupCount()
                            + " groups that capture, and one may: write (?:…) for the others");
        }
        return pattern.matcher(new MeteredText(text, pattern, meter));
    }

    private static boolean isFound(Matcher matcher, WorkMeter meter) {
        meter.charge(MeteredText.UNITS_PER_SEARCH);
        return matcher.find();
    }

    private Pattern compiled(String function, String expression, WorkMeter meter) {
        RegularExpressionSize size = RegularExpressionSize.of(expression);
        if (size.isFarBeyond(largestProgram)) {
            throw tooLarge(size.atoms());
        }
        meter.charge(size.unitsToCompile());
        try {
            return patterns.get(expression);
        } catch (PatternSyntaxException e) {
            throw new CelInvalidArgumentException(function + ": " + e.getMessage());
        }
    }

    /** None that is too large is kept. */
    private Pattern compile(String expression) {
        Pattern pattern = Pattern.compile(expression);
        if (pattern.programSize() > largestProgram) {
            throw tooLarge(pattern.programSize());
        }
        return pattern;
    }

    private CelInvalidArgumentException tooLarge(long size) {
        return new CelInvalidArgumentException(
                "Regex pattern exceeds allowed program size. Allowed: "
                        + largestProgram
                        + ", Provided: "
                        + size);
    }
}
