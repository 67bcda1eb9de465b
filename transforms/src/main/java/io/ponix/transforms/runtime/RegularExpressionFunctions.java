package io.ponix.transforms.runtime;

import com.google.re2j.Pattern;
import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.runtime.CelFunctionBinding;
import io.ponix.transforms.budget.WorkMeter;
import java.util.List;

/** {@code matches}, which pays for the size of the compiled expression times that of the text. */
final class RegularExpressionFunctions {
    /** In instructions of the compiled expression. */
    private final int largestProgram;

    RegularExpressionFunctions(int largestProgram) {
        this.largestProgram = largestProgram;
    }

    List<CelFunctionBinding> matches() {
        return List.of(
                CelFunctionBinding.from(
                        "matches_string", String.class, String.class, this::matches));
    }

    private boolean matches(String text, String expression) {
        WorkMeter meter = WorkMeter.current();
        RegularExpressionSize size = RegularExpressionSize.of(expression);
        if (size.isFarBeyond(largestProgram)) {
            throw tooLarge(size.atoms());
        }
        meter.charge(size.unitsToCompile());
        Pattern pattern = Pattern.compile(expression);
        if (pattern.programSize() > largestProgram) {
            throw tooLarge(pattern.programSize());
        }
        meter.charge(RegularExpressionSize.unitsToMatch(pattern, text.length()));
        return pattern.matcher(text).find();
    }

    private CelInvalidArgumentException tooLarge(long size) {
        return new CelInvalidArgumentException(
                "Regex pattern exceeds allowed program size. Allowed: "
                        + largestProgram
                        + ", Provided: "
                        + size);
    }
}
