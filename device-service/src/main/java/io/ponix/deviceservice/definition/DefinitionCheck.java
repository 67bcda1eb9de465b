package io.ponix.deviceservice.definition;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.BadRequest;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.end_device.v1.DefinitionExample;
import io.ponix.transforms.ContractCompilationException;
import io.ponix.transforms.ContractExample;
import io.ponix.transforms.PayloadContracts;
import io.ponix.transforms.StoredForm;
import io.ponix.transforms.TransformCompiler;
import io.ponix.transforms.TransformInput;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Refuses definitions whose contracts do not compile or whose examples fail. Thread-safe. */
final class DefinitionCheck {

    /** Between a number that an example expects and the one that the transform computes. */
    private static final double TOLERANCE = 1e-9;

    /**
     * Of all contracts together, and of all examples, in bytes: a definition has to fit into an
     * answer.
     */
    private static final long LARGEST_PART = 1 << 20;

    /** How much of a payload is shown, in hexadecimal digits. */
    private static final int DIGITS_SHOWN = 40;

    /** How much of one example's failure is shown, so that there is room for others. */
    private static final int FAILURE_SHOWN = 300;

    private final TransformCompiler compiler;

    DefinitionCheck(TransformCompiler compiler) {
        this.compiler = compiler;
    }

    /**
     * Returns if the messages are described as they should be, all expressions compile, all schemas
     * are schemas, and all examples pass.
     *
     * @return what ClickHouse does not keep of what examples give, each with the example that it is
     *     about
     * @throws RequestException INVALID_ARGUMENT that says which contracts and examples are wrong,
     *     and how
     */
    List<String> require(EndDeviceDefinition definition) {
        PayloadContracts contracts;
        try {
            contracts =
                    withMessages(definition.fileDescriptorSet()).compile(definition.contracts());
        } catch (ContractCompilationException e) {
            throw refusal(e);
        }
        List<String> failures = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        BadRequest.Builder details = BadRequest.newBuilder();
        for (int i = 0; i < definition.examples().size(); i++) {
            DefinitionExample message = definition.examples().get(i);
            String title = title(i, message);
            String failure;
            try {
                ContractExample.Outcome outcome =
                        example(message, definition.organizationId()).run(contracts, TOLERANCE);
                failure = outcome.failure();
                if (outcome.passed() && outcome.json() != null) {
                    StoredForm.changes(outcome.json())
                            .forEach(
                                    change ->
                                            warnings.add(
                                                    title
                                                            + ": "
                                                            + shortened(change, FAILURE_SHOWN)));
                }
            } catch (IllegalArgumentException | InvalidProtocolBufferException e) {
                failure = e.getMessage();
            }
            if (failure != null) {
                String shown = shortened(failure, FAILURE_SHOWN);
                failures.add(title + ": " + shown);
                details.addFieldViolations(violation("examples[" + i + "]", shown));
            }
        }
        if (!failures.isEmpty()) {
            throw RequestException.invalidArgument(
                    failures.size()
                            + " of "
                            + definition.examples().size()
                            + " examples fail:\n"
                            + String.join("\n", failures),
                    details.build());
        }
        return warnings;
    }

    private TransformCompiler withMessages(ByteString fileDescriptorSet) {
        return compiler.withDescriptors(MessagesOfRequest.require(fileDescriptorSet));
    }

    /**
     * Returns if the parts that a request gives are not too large to be stored; what is stored
     * already may be.
     *
     * @param field their name in the request
     * @throws RequestException INVALID_ARGUMENT when they are
     */
    static void requireSize(String field, List<? extends Message> parts) {
        long size = parts.stream().mapToLong(Message::getSerializedSize).sum();
        if (size > LARGEST_PART) {
            String message =
                    "The "
                            + field
                            + " of an end device definition have at most "
                            + LARGEST_PART
                            + " bytes together, not "
                            + size;
            throw RequestException.invalidArgument(field, message);
        }
    }

    private static ContractExample example(DefinitionExample message, String organization)
            throws InvalidProtocolBufferException {
        TransformInput input =
                new TransformInput()
                        .setPayload(payload(message))
                        .setFPort(Integer.toUnsignedLong(message.getFPort()))
                        .setAttributes(message.getAttributesMap())
                        .setDevice(
                                message.hasDeviceId() ? message.getDeviceId() : null,
                                message.hasDeviceName() ? message.getDeviceName() : null,
                                organization);
        if (message.hasOccurredAt()) {
            input.setOccurredAt(
                    message.getOccurredAt().getSeconds(), message.getOccurredAt().getNanos());
        }
        if (message.hasPrevious()) {
            input.setPrevious(PreviousMessages.read(message.getPrevious()));
        }
        List<String> warnings = message.getExpectedWarningsList();
        boolean gives = message.hasExpected() || message.hasExpectedJson();
        if (!warnings.isEmpty() && !gives) {
            throw new IllegalArgumentException(
                    "expected_warnings go with expected or expected_json: what gives no row has"
                            + " none");
        }
        return switch (message.getOutcomeCase()) {
            case EXPECTED ->
                    ContractExample.gives(
                            input, JsonFormat.printer().print(message.getExpected()), warnings);
            case EXPECTED_JSON -> ContractExample.gives(input, message.getExpectedJson(), warnings);
            case EXPECTED_NO_MATCH -> ContractExample.matchesNothing(input);
            case EXPECTED_ERROR -> ContractExample.fails(input, message.getExpectedError());
            case OUTCOME_NOT_SET ->
                    throw new IllegalArgumentException("it does not say what is expected");
        };
    }

    private static byte[] payload(DefinitionExample message) {
        return switch (message.getInputCase()) {
            case HEX -> HexFormat.of().parseHex(message.getHex().replaceAll("[\\s:]", ""));
            case PAYLOAD -> message.getPayload().toByteArray();
            case INPUT_NOT_SET -> new byte[0];
        };
    }

    private static String title(int index, DefinitionExample message) {
        String hex =
                message.getInputCase() == DefinitionExample.InputCase.PAYLOAD
                        ? HexFormat.of().formatHex(message.getPayload().toByteArray())
                        : message.getHex();
        return "example "
                + (index + 1)
                + " (port "
                + Integer.toUnsignedLong(message.getFPort())
                + ", "
                + shortened(hex, DIGITS_SHOWN)
                + ")";
    }

    private static String shortened(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length) + "…";
    }

    private static RequestException refusal(ContractCompilationException exception) {
        BadRequest.Builder details = BadRequest.newBuilder();
        for (ContractCompilationException.Problem problem : exception.problems()) {
            String field = "contracts[" + problem.contract() + "]." + problem.part().field();
            if (problem.issues().isEmpty()) {
                details.addFieldViolations(violation(field, problem.message()));
            }
            problem.issues()
                    .forEach(
                            issue ->
                                    details.addFieldViolations(
                                            violation(
                                                    field,
                                                    issue.line()
                                                            + ":"
                                                            + issue.column()
                                                            + " "
                                                            + issue.message())));
        }
        return RequestException.invalidArgument(
                "Contracts cannot be used:\n" + exception.getMessage(), details.build());
    }

    private static BadRequest.FieldViolation violation(String field, String description) {
        return BadRequest.FieldViolation.newBuilder()
                .setField(field)
                .setDescription(description)
                .build();
    }
}
