package io.ponix.transforms.schema;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import com.networknt.schema.SchemaException;
import com.networknt.schema.regex.RegularExpression;
import com.networknt.schema.regex.RegularExpressions;
import io.ponix.transforms.budget.WorkMeter;
import io.ponix.transforms.runtime.RegularExpressionSize;

/**
 * A pattern of a schema, in RE2's syntax: ECMA-262's without lookaround and back references, which
 * is what lets it take linear time, as in CEL's {@code matches}.
 */
final class LinearRegularExpression implements RegularExpression {

    /** In instructions; bounds the time per character. */
    private static final int LARGEST_PROGRAM = 1_000;

    private final Pattern pattern;

    LinearRegularExpression(String expression) {
        if (RegularExpressionSize.of(expression).isFarBeyond(LARGEST_PROGRAM)) {
            throw tooLarge(expression);
        }
        try {
            pattern =
                    Pattern.compile(
                            RegularExpressions.replaceLongformCharacterProperties(expression));
        } catch (PatternSyntaxException e) {
            throw new SchemaException(
                    "the pattern '"
                            + expression
                            + "' is not a regular expression in RE2's syntax (no lookaround, no back"
                            + " references): "
                            + e.getDescription());
        }
        if (pattern.programSize() > LARGEST_PROGRAM) {
            throw tooLarge(expression);
        }
    }

    private static SchemaException tooLarge(String expression) {
        return new SchemaException("the pattern '" + expression + "' is too large");
    }

    @Override
    public boolean matches(String value) {
        WorkMeter.chargeCurrent(RegularExpressionSize.unitsToMatch(pattern, value.length()));
        return pattern.matcher(value).find();
    }
}
