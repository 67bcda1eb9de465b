package io.ponix.transforms;

import dev.cel.common.types.CelType;
import java.util.Optional;

/** What the result of an expression may be, as far as its type tells before it is evaluated. */
public interface ResultRule {

    /**
     * Says why an expression of a type can never give what is wanted: for the person who wrote it.
     * Empty if it can, as one of the type {@code dyn} always may.
     */
    Optional<String> refusal(CelType type);
}
