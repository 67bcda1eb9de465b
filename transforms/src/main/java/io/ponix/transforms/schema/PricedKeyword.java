package io.ponix.transforms.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaContext;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.keyword.Keyword;
import com.networknt.schema.keyword.KeywordValidator;
import com.networknt.schema.path.NodePath;
import com.networknt.schema.vocabulary.Vocabularies;
import com.networknt.schema.vocabulary.Vocabulary;
import io.ponix.transforms.budget.WorkMeter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A keyword whose every application pays for what it goes through: the elements of what stands in
 * the schema (the names of {@code required}, the values of {@code enum}) and of the value it is
 * applied to.
 */
final class PricedKeyword implements Keyword {
    private static final int UNITS_PER_ELEMENT = 2;

    private static final int CHARACTERS_PER_UNIT = 8;

    /** Comparing two values whose hashes are the same. */
    private static final int UNITS_PER_COMPARISON = 2;

    /** Those that compare values as a whole. */
    private static final Set<String> COMPARING = Set.of("enum", "const", "uniqueItems");

    private final Keyword keyword;

    private PricedKeyword(Keyword keyword) {
        this.keyword = keyword;
    }

    /**
     * Draft 2020-12 with a price on its keywords, but for references and {@code format}, which the
     * library knows by their classes; to follow a reference is paid by the step.
     */
    static Dialect dialect() {
        return Dialect.builder(Dialects.getDraft202012())
                .keywords(keywords -> keywords.replaceAll((name, keyword) -> withPrice(keyword)))
                // The draft's keywords are those of its vocabularies, which the builder puts last.
                .vocabularyRegistry(PricedKeyword::vocabulary)
                .build();
    }

    private static Vocabulary vocabulary(String id) {
        Vocabulary vocabulary = Vocabularies.getVocabulary(id);
        return vocabulary == null
                ? null
                : new Vocabulary(
                        id,
                        vocabulary.getKeywords().stream()
                                .map(PricedKeyword::withPrice)
                                .toArray(Keyword[]::new));
    }

    private static Keyword withPrice(Keyword keyword) {
        return keyword.getValue().endsWith("ef") || keyword.getValue().equals("format")
                ? keyword
                : new PricedKeyword(keyword);
    }

    @Override
    public String getValue() {
        return keyword.getValue();
    }

    @Override
    public KeywordValidator newValidator(
            SchemaLocation location, JsonNode node, Schema parent, SchemaContext context)
            throws Exception {
        KeywordValidator validator = keyword.newValidator(location, node, parent, context);
        return validator == null ? null : new Validator(validator, elements(node));
    }

    private static long elements(JsonNode node) {
        return node.isTextual() ? node.textValue().length() / CHARACTERS_PER_UNIT : node.size();
    }

    private static final class Validator implements KeywordValidator {
        private final KeywordValidator validator;
        private final long elements;

        Validator(KeywordValidator validator, long elements) {
            this.validator = validator;
            this.elements = elements;
        }

        @Override
        public void validate(
                ExecutionContext evaluation, JsonNode node, JsonNode root, NodePath location) {
            WorkMeter.chargeCurrent(UNITS_PER_ELEMENT * (elements + elements(node)));
            if (COMPARING.contains(getKeyword())) {
                chargeDeep(node);
                if (node.isArray() && getKeyword().equals("uniqueItems")) {
                    chargeCollisions(node);
                }
            }
            validator.validate(evaluation, node, root, location);
        }

        private static void chargeDeep(JsonNode node) {
            WorkMeter.chargeCurrent(UNITS_PER_ELEMENT + elements(node));
            for (JsonNode element : node) {
                chargeDeep(element);
            }
        }

        /** The library puts the items into a set, which compares those of one hash in pairs. */
        private static void chargeCollisions(JsonNode array) {
            Map<Integer, List<JsonNode>> byHash = new HashMap<>();
            Set<String> texts = new HashSet<>();
            for (JsonNode item : array) {
                // A map sorts texts of one hash, so that equal ones are found at once.
                if (item.isTextual() && !texts.add(item.textValue())) {
                    continue;
                }
                List<JsonNode> sameHash =
                        byHash.computeIfAbsent(item.hashCode(), hash -> new ArrayList<>(1));
                WorkMeter.chargeCurrent((long) UNITS_PER_COMPARISON * sameHash.size());
                if (item.isTextual() || !sameHash.contains(item)) {
                    sameHash.add(item);
                }
            }
        }

        @Override
        public void walk(
                ExecutionContext evaluation,
                JsonNode node,
                JsonNode root,
                NodePath location,
                boolean validates) {
            validator.walk(evaluation, node, root, location, validates);
        }

        @Override
        public void preloadSchema() {
            validator.preloadSchema();
        }

        @Override
        public String getKeyword() {
            return validator.getKeyword();
        }

        @Override
        public SchemaLocation getSchemaLocation() {
            return validator.getSchemaLocation();
        }
    }
}
