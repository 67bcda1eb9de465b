package io.ponix.transforms.schema;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.AbsoluteIri;
import com.networknt.schema.Error;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.path.PathType;
import com.networknt.schema.resource.SchemaLoader;
import io.ponix.transforms.budget.BudgetExceededException;
import io.ponix.transforms.budget.WorkMeter;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A JSON Schema, draft 2020-12. A reference leads to a place in the same document or to the draft's
 * own meta-schemas; {@code format} is an annotation, as the draft has it by default, and refuses
 * nothing. Immutable and safe for use by several threads.
 */
public final class JsonSchema {

    /** In characters. */
    public static final int MAX_LENGTH = 65_536;

    /** How many violations of one document are told. */
    static final int VIOLATIONS_TOLD = 10;

    /** Of checking a schema: several times what one of the largest size takes. */
    private static final long WORK_TO_PARSE = 100_000_000;

    private static final Duration LONGEST_TO_PARSE = Duration.ofSeconds(10);

    private static final String DRAFT = "https://json-schema.org/draft/2020-12/schema";
    private static final String DRAFT_DOCUMENTS = "https://json-schema.org/draft/2020-12/";

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDialect(
                    PricedKeyword.dialect(),
                    registry ->
                            registry.schemaRegistryConfig(
                                            SchemaRegistryConfig.builder()
                                                    .locale(Locale.ENGLISH)
                                                    .pathType(PathType.JSON_PATH)
                                                    .regularExpressionFactory(
                                                            LinearRegularExpression::new)
                                                    .build())
                                    .schemaLoader(
                                            SchemaLoader.builder()
                                                    .allow(JsonSchema::isOfTheDraft)
                                                    .build()));

    private static final Schema META_SCHEMA = REGISTRY.getSchema(SchemaLocation.of(DRAFT));

    private final Schema schema;

    private JsonSchema(Schema schema) {
        this.schema = schema;
    }

    /**
     * Whether a text is a schema that accepts everything, for which nothing needs to be read or
     * checked: blank, {@code {}} or {@code true}.
     */
    public static boolean acceptsAll(String text) {
        String stripped = text.strip();
        return stripped.isEmpty()
                || stripped.equals("true")
                || stripped.startsWith("{")
                        && stripped.endsWith("}")
                        && stripped.substring(1, stripped.length() - 1).isBlank();
    }

    /**
     * Reads a schema and checks it against the draft's meta-schema.
     *
     * @throws InvalidJsonSchemaException if it is not JSON, not a schema of draft 2020-12, too
     *     long, or refers to what is not in it
     */
    public static JsonSchema parse(String text) throws InvalidJsonSchemaException {
        if (text.length() > MAX_LENGTH) {
            throw new InvalidJsonSchemaException(
                    "the schema is longer than " + MAX_LENGTH + " characters");
        }
        JsonNode document = document(text);
        JsonNode draft = document.path("$schema");
        if (!draft.isMissingNode() && !DRAFT.equals(draft.asText().replaceFirst("#$", ""))) {
            throw new InvalidJsonSchemaException(
                    "$schema is " + draft + "; only draft 2020-12, \"" + DRAFT + "\", is known");
        }
        try {
            WorkMeter.start(WORK_TO_PARSE, LONGEST_TO_PARSE);
            List<Error> errors = apply(META_SCHEMA, document);
            if (!errors.isEmpty()) {
                throw new InvalidJsonSchemaException(
                        "not a schema of draft 2020-12: " + told(violations(errors)));
            }
            Schema schema = REGISTRY.getSchema(document);
            schema.initializeValidators();
            return new JsonSchema(schema);
        } catch (BudgetExceededException e) {
            throw new InvalidJsonSchemaException("the schema takes too long to check");
        } catch (SchemaException e) {
            throw new InvalidJsonSchemaException(e.getMessage());
        } catch (RuntimeException e) {
            throw new InvalidJsonSchemaException("the schema cannot be used: " + e.getMessage());
        } catch (StackOverflowError e) {
            throw new InvalidJsonSchemaException("the schema is nested too deeply");
        }
    }

    /**
     * Applies the schema to a JSON document. The work is paid from the budget that {@link
     * WorkMeter#start} gave this thread.
     *
     * @return what the schema refuses, the first {@value #VIOLATIONS_TOLD}; empty if it accepts the
     *     document
     * @throws BudgetExceededException if the budget is used up
     * @throws IllegalArgumentException if the document is not JSON, or the schema never comes to an
     *     end on it
     */
    public List<SchemaViolation> validate(byte[] json, int offset, int length) {
        try {
            return violations(apply(schema, JSON.readTree(json, offset, length)));
        } catch (IOException e) {
            throw new IllegalArgumentException("the document is not JSON: " + e.getMessage(), e);
        } catch (StackOverflowError e) {
            throw new IllegalArgumentException(
                    "the schema refers to itself without an end, or nests too deeply", e);
        }
    }

    /** All violations in one line. */
    public static String told(List<SchemaViolation> violations) {
        return violations.stream().map(SchemaViolation::toString).collect(Collectors.joining("; "));
    }

    private static List<Error> apply(Schema schema, JsonNode document) {
        ExecutionContext evaluation = new SchemaEvaluation();
        schema.validate(evaluation, document);
        return evaluation.getErrors();
    }

    private static List<SchemaViolation> violations(List<Error> errors) {
        return errors.stream()
                .limit(VIOLATIONS_TOLD)
                .map(
                        error ->
                                new SchemaViolation(
                                        String.valueOf(error.getInstanceLocation()),
                                        error.getMessage()))
                .toList();
    }

    private static JsonNode document(String text) throws InvalidJsonSchemaException {
        try {
            JsonNode document = JSON.readTree(text);
            if (document.isObject() || document.isBoolean()) {
                return document;
            }
        } catch (JsonProcessingException e) {
            throw new InvalidJsonSchemaException(
                    "the schema is not JSON: " + e.getOriginalMessage() + place(e.getLocation()));
        }
        throw new InvalidJsonSchemaException("a schema is a JSON object, true or false");
    }

    /** Jackson knows no place of what is nested too deeply. */
    private static String place(JsonLocation location) {
        return location == null
                ? ""
                : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    private static boolean isOfTheDraft(AbsoluteIri iri) {
        return iri.toString().startsWith(DRAFT_DOCUMENTS);
    }
}
