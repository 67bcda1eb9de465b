package io.ponix.bridge;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** What classes have in common that post to a gateway of their own at the shared bridge. */
@ExtendWith(BridgeStack.Shared.class)
abstract class PostedUplinks {

    static BridgeStack stack;

    /** Posts to the gateway of the class that runs. */
    static HttpSender own;

    /** The last sequence of the raw envelopes when the test began. */
    long before;

    @BeforeAll
    static void share(BridgeStack shared) throws Exception {
        stack = shared;
        own = HttpSender.of(stack);
    }

    @AfterAll
    static void assertThatNoSecretIsLogged() throws Exception {
        HttpSender.assertThatNoSecretIsLogged(stack);
    }

    @BeforeEach
    void count() throws Exception {
        before = stack.lastSequence(BridgeStack.RAW);
    }
}
