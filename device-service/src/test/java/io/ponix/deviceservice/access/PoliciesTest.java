package io.ponix.deviceservice.access;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.health.v1.HealthGrpc;
import java.util.List;
import org.junit.jupiter.api.Test;

class PoliciesTest {

    @Test
    void aMethodWithoutAPolicyIsNotServed() {
        assertThatThrownBy(
                        () ->
                                Policies.of(
                                        List.of(new HealthGrpc.HealthImplBase() {}.bindService())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("grpc.health.v1.Health/")
                .hasMessageContaining("(ponix.access.v1.policy)");
    }
}
