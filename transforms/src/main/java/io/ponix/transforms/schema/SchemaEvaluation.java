package io.ponix.transforms.schema;

import com.networknt.schema.Error;
import com.networknt.schema.ExecutionConfig;
import com.networknt.schema.ExecutionContext;
import io.ponix.transforms.budget.WorkMeter;

/**
 * One application of a schema, which pays for each keyword it applies: schemas can refer to
 * themselves, and a few lines can ask for more steps than there is time.
 */
final class SchemaEvaluation extends ExecutionContext {

    /** Some 100 ns to 1 µs of work. */
    private static final int UNITS_PER_KEYWORD = 50;

    /** A violation is an object with a dozen fields, and with a message if it is told. */
    private static final int UNITS_PER_VIOLATION = 50;

    // Annotations would be collected for a caller; what keywords need among themselves is kept.
    private static final ExecutionConfig CONFIGURATION =
            ExecutionConfig.builder().annotationCollectionEnabled(false).build();

    SchemaEvaluation() {
        super(CONFIGURATION);
    }

    @Override
    public void evaluationPathAddLast(String token) {
        WorkMeter.chargeCurrent(UNITS_PER_KEYWORD);
        super.evaluationPathAddLast(token);
    }

    @Override
    public void evaluationPathAddLast(int token) {
        WorkMeter.chargeCurrent(UNITS_PER_KEYWORD);
        super.evaluationPathAddLast(token);
    }

    @Override
    public void addError(Error error) {
        WorkMeter.chargeCurrent(UNITS_PER_VIOLATION);
        super.addError(error);
    }
}
