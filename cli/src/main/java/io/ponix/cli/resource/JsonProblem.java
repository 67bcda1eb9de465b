package io.ponix.cli.resource;

import com.google.protobuf.InvalidProtocolBufferException;

/** Why a text is not the message that it should be, as a person is told it. */
final class JsonProblem {

    private JsonProblem() {}

    /** One line, without names of classes. */
    static String of(InvalidProtocolBufferException problem) {
        return problem.getMessage()
                .lines()
                .findFirst()
                .orElse("")
                .replaceFirst("^(?:[a-z]+\\.)+[A-Za-z]+Exception: ", "");
    }
}
