/**
 * JSON Schema, draft 2020-12, for what transforms give.
 *
 * <p>Schemas come from users and run beside a pipeline's hot path, so nothing is fetched, regular
 * expressions take linear time, and every step is paid from the budget of the evaluation.
 */
package io.ponix.transforms.schema;
