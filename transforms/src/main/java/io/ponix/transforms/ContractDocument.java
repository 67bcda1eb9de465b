package io.ponix.transforms;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.ponix.transforms.PayloadContract.Part;
import java.util.ArrayList;
import java.util.List;

/**
 * Contracts as the JSON document they are stored as: a list of objects with the strings {@code
 * match_expression}, {@code transform_expression} and {@code json_schema}. What is missing counts
 * as empty, what else is there is passed over, so that a later version may store more.
 */
public final class ContractDocument {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private ContractDocument() {}

    /** The document of the contracts, in their order. */
    public static String write(List<PayloadContract> contracts) {
        ArrayNode document = JSON.createArrayNode();
        for (PayloadContract contract : contracts) {
            document.addObject()
                    .put(Part.MATCH_EXPRESSION.field(), contract.matchExpression())
                    .put(Part.TRANSFORM_EXPRESSION.field(), contract.transformExpression())
                    .put(Part.JSON_SCHEMA.field(), contract.jsonSchema());
        }
        return document.toString();
    }

    /**
     * The contracts of a document, in their order.
     *
     * @throws IllegalArgumentException if it is not a list of objects
     */
    public static List<PayloadContract> read(String document) {
        JsonNode root;
        try {
            root = JSON.readTree(document);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "the contracts are not JSON: " + e.getOriginalMessage(), e);
        }
        if (!root.isArray()) {
            throw new IllegalArgumentException("the contracts are not a JSON list");
        }
        List<PayloadContract> contracts = new ArrayList<>(root.size());
        for (JsonNode contract : root) {
            if (!contract.isObject()) {
                throw new IllegalArgumentException(
                        "contract " + (contracts.size() + 1) + " is not a JSON object");
            }
            contracts.add(
                    new PayloadContract(
                            contract.path(Part.MATCH_EXPRESSION.field()).asText(),
                            contract.path(Part.TRANSFORM_EXPRESSION.field()).asText(),
                            contract.path(Part.JSON_SCHEMA.field()).asText()));
        }
        return contracts;
    }
}
